"""Who may do what: one table, read by screens, moves, exports, jobs, pickers, the public site and the volunteer's page.

Roles and rights follow the table in the design. An address says which right it takes (`views.gate`); the moves of a
stage's life say their roles there and stand in this table under their names. Division scope (whose rows) is not decided
here: `models.scope` turns the actor into a condition.
"""

from collections.abc import Iterator

from rules.roles import DIVISION_ROLES, NO_ACCOUNT, STATION_ROLES, Role
from rules.states import LIVES

__all__ = ["DIVISION_ROLES", "NO_ACCOUNT", "STATION_ROLES", "TABLE", "Role", "may", "rights"]

_DESK = "recorder head"
_ABOVE = "supervisor auditor"
_ALL = f"{_DESK} {_ABOVE}"
_BACK = f"{_ALL} admin"  # everybody who works in the back office
_SIGNED_IN = f"{_BACK} volunteer"
_ANYONE = "anyone"

# resource -> action -> roles. `see` covers list, detail, look-up; `pick` the look-up where fewer may find a row by its
# text than see it masked; `export` the ledger; `read` what the public site shows.
TABLE: dict[str, dict[str, str]] = {
    "site": {"see": _ANYONE},
    "session": {
        "open": _ANYONE, "first": _ANYONE, "step": _ANYONE, "end": _ANYONE, "language": _ANYONE, "password": _SIGNED_IN, "own": _SIGNED_IN,
    },
    "me": {
        "see": "volunteer", "agree": "volunteer", "withdraw": "volunteer", "erase": "volunteer", "keep": "volunteer",
        "scan": _ANYONE, "here": "volunteer", "lead": "volunteer", "visit": "volunteer",
        "data": "volunteer", "correct": "volunteer", "appeal": "volunteer", "object": "volunteer", "confirm": "volunteer",
        "decline": "volunteer", "apply": "volunteer", "exchange": "volunteer", "cancel": "volunteer", "certify": "volunteer",
        "sign_out": "volunteer",
    },
    "home": {"see": _BACK, "clock": _BACK},
    "volunteers": {
        "see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL, "print": _DESK,
        "book": _DESK, "reveal": _DESK, "let_in": "head", "reveal_child": "head", "hand_over": "head",
    },
    "consents": {"see": _ALL, "enter": _DESK, "print": _DESK},
    "erasures": {"see": _ALL, "enter": _DESK},
    "retention": {"see": _ALL},
    "sign_ups": {"send": _ANYONE, "ask": _ANYONE},  # who sends nothing but her own, and knows its number and code
    "claims": {"see": _DESK, "enter": _DESK},
    "departures": {"see": _ALL, "enter": _DESK, "file": _DESK, "receipt": _DESK},
    "arrivals": {"see": _ALL, "read": _DESK, "answer": _DESK, "disclaim": "head", "give_back": "head"},
    "brought": {"see": _ALL},
    "households": {"see": _ALL, "pick": _DESK, "enter": _DESK, "amend": _DESK, "reveal": _DESK},
    "recipients": {
        "see": _ALL, "pick": _DESK, "enter": _DESK, "amend": _DESK, "reveal": _DESK, "hand_over": "head",
    },
    "visits": {"see": _ALL, "pick": _DESK, "enter": _DESK, "amend": _DESK},
    "needs": {
        "see": _ALL, "pick": _DESK, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL, "print": _DESK,
    },
    "projects": {
        "see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL, "read": _ANYONE,
    },
    "posts": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "applications": {"see": _ALL, "enter": _DESK},
    "activities": {"see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL},
    "teams": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK, "export": _ALL},
    "team_members": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "units": {
        "see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor", "reveal": f"{_DESK} supervisor",
    },
    "paired_households": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "pairings": {"see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL},
    "assignments": {"see": _ALL, "enter": _DESK, "amend": _DESK, "print": _DESK},
    # Who came and went: by hand with a reason, the station's QR on a screen or on paper.
    "punches": {"see": _ALL, "enter": _DESK, "amend": "", "print": _DESK},
    # A kiosk is opened with a one-time code and from then on shows a token of its own: no account comes in there.
    "kiosks": {"see": _ALL, "enter": _DESK, "close": _DESK, "open": _ANYONE, "use": _ANYONE},
    "covers": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK},
    "sheets": {"see": _ALL, "enter": _DESK, "amend": _DESK, "print": _DESK},
    "photos": {"enter": _DESK, "read": _DESK, "strike": _DESK},  # of signed sheets: the own desk's alone
    "records": {"see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL},
    "notices": {"see": _ALL, "print": _DESK, "read": _ANYONE, "object": _ANYONE},
    "objections": {"see": _ALL, "enter": _DESK, "reveal": _DESK, "export": _ALL},  # what somebody said is not reworded
    "corrections": {"see": _ALL, "enter": _DESK},
    "assessments": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "complaints": {
        "see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor", "import": _DESK, "export": _ALL,
        "reveal": _DESK,
    },
    "anomalies": {"see": _ALL},
    "closes": {"see": _ALL, "enter": "head"},
    "hours": {"see": _ALL, "export": _ALL},
    "openings": {"see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK},
    "balances": {"see": _ALL},
    "account_checks": {"see": _ALL},
    "stars": {"see": _ALL, "import": _DESK, "export": _ALL, "print": f"{_DESK} supervisor"},
    "honours": {"see": _ALL, "enter": _DESK, "amend": _DESK, "export": _ALL, "print": _DESK},
    "certificates": {
        "see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "print": _DESK, "export": _ALL,
        "read": _ANYONE,
    },
    "measures": {"see": _ALL, "enter": "supervisor", "amend": "supervisor"},
    "take_ups": {"see": _ALL, "enter": _DESK},  # a mistake is made void and entered anew
    "rewards": {"see": _ALL, "enter": _DESK, "export": _ALL, "print": _DESK},
    "reward_items": {"see": _ALL, "enter": "head", "amend": "head", "import": "head"},
    "goods": {"see": _ALL, "enter": _DESK, "export": _ALL},  # a book that only grows
    "stock_counts": {"see": _ALL, "enter": _DESK},  # a wrong one is not taken, and made anew
    "gifts": {"see": _ALL, "enter": _DESK},
    "grants": {"see": _ALL, "enter": _DESK},
    "stations": {"see": _BACK, "enter": "admin", "amend": "head admin", "read": _ANYONE},
    "dissolutions": {"see": _BACK, "enter": "supervisor admin", "amend": "supervisor admin"},
    "set_up_items": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "duties": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK},
    "supports": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "self_checks": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "spot_checks": {"see": _ALL, "enter": "supervisor", "amend": "supervisor", "read": _ANYONE},
    "spot_samples": {"see": _ALL, "enter": "", "amend": "supervisor"},
    "stories": {"see": _ALL, "enter": _DESK, "amend": _DESK, "read": _ANYONE},
    "meetings": {"see": _ALL, "enter": "supervisor", "amend": "supervisor"},
    "follow_ups": {"see": _ALL, "enter": "supervisor", "amend": "supervisor"},
    "divisions": {"see": _BACK, "enter": "admin", "amend": "admin", "import": "admin"},
    "people": {"see": "head admin", "enter": "head admin", "amend": "head admin", "reset": "head admin"},
    "vocabulary": {"see": _BACK, "enter": "admin", "amend": "admin"},
    "statistics": {"see": _ALL, "read": _ANYONE},
    "policy": {"see": _BACK, "read": _ANYONE},
    "policy_drafts": {"see": _ABOVE, "enter": "supervisor", "amend": "supervisor", "export": _ABOVE},
    "peers": {"see": _BACK, "enter": "admin", "print": f"{_DESK} supervisor admin"},
    "backups": {"see": "head admin", "enter": "head admin"},
    "audit": {"see": "auditor admin", "export": "auditor admin"},
    "exports": {"see": _ALL},
    "imports": {"see": _DESK},
    "jobs": {"see": _BACK},
    "wire": {"packages": _ANYONE, "receipts": _ANYONE},  # believed for their signatures alone
    "messages": {"see": _BACK},
    "webhooks": {"see": "head supervisor auditor admin", "enter": "head supervisor", "amend": "head supervisor", "reveal": "head supervisor"},
    # A station's head sends its own, a supervisor that of her whole division.
    "upwards": {
        "see": _ALL, "enter": "head supervisor", "send": "head supervisor", "void": "head supervisor",
        "export": "head supervisor",
    },
    "upward_records": {"see": _ALL, "send": "head supervisor"},
    "upward_links": {"see": "head supervisor", "enter": "head supervisor", "amend": "head supervisor"},
    "upward_senders": {"see": f"{_ABOVE} admin", "enter": "admin", "amend": "admin", "token": "admin"},
    "upward_received": {"see": _ABOVE, "take": "supervisor"},
    "upward_records_in": {"see": _ABOVE},
    # No account comes in here: whoever sends shows a token of an `upward_senders` row, and without one is told 401.
    "upward_api": {"see": _ANYONE, "send": _ANYONE},
    "trainings": {
        "see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor", "import": _DESK,
    },
    "attendances": {"see": _ALL, "enter": _DESK, "export": _ALL},
    "qualifications": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "backbones": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "training_plans": {"see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor"},
    "training_plan_lines": {"see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor"},
}  # fmt: skip


for _life in LIVES:
    for _move in _life.moves:
        if _move.name in TABLE[_life.resource]:
            raise ValueError(f"{_life.resource}: «{_move.name}» is a move and an action")
        TABLE[_life.resource][_move.name] = " ".join(sorted(_move.by))


def may(role: Role, action: str, resource: str) -> bool:
    """Whether the role may do the action, or make the move of that name, on the resource. What anyone may, everybody may.

    Raises ``KeyError`` for a resource or action the table does not know: a typo must never read as «no».
    """
    roles = TABLE[resource][action].split()
    return role in roles or Role.ANYONE in roles


def rights() -> Iterator[tuple[str, str, frozenset[Role]]]:
    """Every (resource, action or move, roles) of the table."""
    for resource, actions in TABLE.items():
        for action, roles in actions.items():
            yield resource, action, frozenset(map(Role, roles.split()))

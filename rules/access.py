"""Who may do what: one table, read by screens, actions, exports, jobs and look-ups alike.

Roles and rights follow the table in the design. Division scope (whose rows) is not decided here: `models.scope`
turns the actor into a condition. State moves name their roles in `rules.states`.
"""

from enum import StrEnum


class Role(StrEnum):
    """What an account is for; the Chinese label is what the person reads."""

    RECORDER = "recorder"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"
    VOLUNTEER = "volunteer"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """The role's Chinese name."""
        return _LABELS[self]


_LABELS = {
    Role.RECORDER: "记录员",
    Role.HEAD: "站长",
    Role.SUPERVISOR: "督导",
    Role.AUDITOR: "审计员",
    Role.ADMIN: "管理员",
    Role.VOLUNTEER: "志愿者",
    Role.SYSTEM: "系统",
}

STATION_ROLES = frozenset({Role.RECORDER, Role.HEAD})
DIVISION_ROLES = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN})

_DESK = "recorder head"
_ABOVE = "supervisor auditor"
_ALL = f"{_DESK} {_ABOVE}"

# resource -> action -> roles. `see` covers list, detail, look-up; `export` the ledger.
TABLE: dict[str, dict[str, str]] = {
    "volunteers": {
        "see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL, "print": _DESK,
        "reveal": _DESK, "reveal_child": "head", "hand_over": "head",
    },
    "consents": {"see": _ALL, "enter": _DESK},
    "erasures": {"see": _ALL, "enter": _DESK},
    "retention": {"see": _ALL},
    "claims": {"see": _DESK, "enter": _DESK},
    "households": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK},
    "recipients": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK, "hand_over": "head"},
    "visits": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "needs": {"see": _ALL, "enter": _DESK, "amend": _DESK, "export": _ALL},
    "projects": {"see": _ALL, "enter": _DESK, "amend": _DESK, "export": _ALL},
    "posts": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "applications": {"see": _ALL, "enter": _DESK},
    "activities": {"see": _ALL, "enter": _DESK, "amend": _DESK, "export": _ALL, "print": _DESK},
    "teams": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK, "export": _ALL},
    "team_members": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "units": {
        "see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor", "reveal": f"{_DESK} supervisor",
    },
    "paired_households": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "pairings": {"see": _ALL, "enter": _DESK, "amend": _DESK, "export": _ALL},
    "assignments": {"see": _ALL, "enter": _DESK, "amend": _DESK, "print": _DESK},
    "covers": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK},
    "sheets": {"see": _ALL, "enter": _DESK, "amend": _DESK, "print": _DESK},
    "records": {
        "see": _ALL, "enter": _DESK, "amend": _DESK, "import": _DESK, "export": _ALL, "print": _DESK,
    },
    "notices": {"see": _ALL, "print": _DESK},
    "objections": {"see": _ALL, "enter": _DESK, "reveal": _DESK},
    "corrections": {"see": _ALL, "enter": _DESK},
    "assessments": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "complaints": {
        "see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor", "export": _ALL, "reveal": _DESK,
    },
    "anomalies": {"see": _ALL},
    "closes": {"see": _ALL, "enter": "head"},
    "hours": {"see": _ALL, "export": _ALL},
    "balances": {"see": _ALL},
    "account_checks": {"see": _ALL},
    "stars": {"see": _ALL, "export": _ALL, "print": f"{_DESK} supervisor"},
    "honours": {"see": _ALL, "enter": _DESK, "amend": _DESK, "export": _ALL, "print": _DESK},
    "measures": {"see": _ALL, "enter": "supervisor", "amend": "supervisor"},
    "take_ups": {"see": _ALL, "enter": _DESK},
    "rewards": {"see": _ALL, "enter": _DESK, "export": _ALL, "print": _DESK},
    "reward_items": {"see": _ALL, "enter": "head", "amend": "head"},
    "gifts": {"see": _ALL, "enter": _DESK},
    "grants": {"see": _ALL, "enter": _DESK},
    "stations": {"see": f"{_ALL} admin", "enter": "admin", "amend": "head admin"},
    "set_up_items": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "duties": {"see": _ALL, "enter": _DESK, "amend": _DESK, "reveal": _DESK},
    "supports": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "self_checks": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "spot_checks": {"see": _ALL, "enter": "supervisor", "amend": "supervisor"},
    "spot_samples": {"see": _ALL, "enter": "", "amend": "supervisor"},
    "stories": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "meetings": {"see": _ALL, "enter": "supervisor", "amend": "supervisor"},
    "follow_ups": {"see": _ALL, "enter": "supervisor", "amend": "supervisor"},
    "divisions": {"see": f"{_ALL} admin", "enter": "admin", "amend": "admin", "import": "admin"},
    "people": {"see": "head admin", "enter": "head admin", "amend": "head admin", "reset": "head admin"},
    "vocabulary": {"see": f"{_ALL} admin", "enter": "admin", "amend": "admin"},
    "statistics": {"see": _ALL},
    "policy": {"see": f"{_ALL} admin"},
    "policy_drafts": {"see": _ABOVE, "enter": "supervisor", "amend": "supervisor"},
    "audit": {"see": "auditor admin"},
    "exports": {"see": _ALL},
    "jobs": {"see": f"{_ALL} admin"},
    "trainings": {"see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor"},
    "attendances": {"see": _ALL, "enter": _DESK, "export": _ALL},
    "qualifications": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "backbones": {"see": _ALL, "enter": _DESK, "amend": _DESK},
    "training_plans": {"see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor"},
    "training_plan_lines": {"see": _ALL, "enter": f"{_DESK} supervisor", "amend": f"{_DESK} supervisor"},
}  # fmt: skip


def may(role: Role, action: str, resource: str) -> bool:
    """Whether the role may do the action on the resource.

    Raises ``KeyError`` for a resource or action the table does not know: a typo must never read as «no».
    """
    return role in TABLE[resource][action].split()

"""Who somebody is to the program. What each may do stands in `rules.access`."""

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
    ANYONE = "anyone"  # nobody signed in: no account has this role, and what it may do everybody may

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
    Role.ANYONE: "任何人",
}

STATION_ROLES = frozenset({Role.RECORDER, Role.HEAD})
DIVISION_ROLES = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN})
NO_ACCOUNT = frozenset({Role.SYSTEM, Role.ANYONE})  # nobody is given one of these

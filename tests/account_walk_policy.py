"""Policy that changes under a walk: releases of the province, the prefecture and A's county, whole or in part."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from account_policy import SAID_BY_NOBODY, Released
from account_walk import ORIGINS
from account_walk_giving import GivingWalk
from models.policy import PolicyVersion

DIVISIONS = ("53", "53", "5301", "530102")  # whose releases bind both stations, both, and A alone
_SOME = st.sets(st.sampled_from(ORIGINS), min_size=2).map(lambda some: tuple(sorted(some)))


def _one(*values):
    return st.sampled_from(values)


TERM = _one((0, False), (1, False), (5, False), (1, True))  # months, and whether to the end of the year
REQUIRED = {
    "points_per_hour": _one(1, 2, 7, 60), "origins": _SOME, "floor_hours": _one(0, 0, 2),
    "yearly_cap_points": _one(0, 0, 0, 5), "term": TERM,
}  # fmt: skip
FURTHER = {
    "weights": _one(
        ({"category": "01", "percent": 150},), ({"category": "02", "percent": 50},), ({"category": "01", "percent": 0},), ()
    ),
    "other_weight": _one(100, 80), "unit_minutes": _one(1, 30, 60), "activity_cap_minutes": _one(0, 100),
    "balance_cap_hours": _one(0, 3), "over_cap": _one("honour", "donation"),
    "donation_origins": st.sets(st.sampled_from(ORIGINS), max_size=2).map(lambda some: tuple(sorted(some))),
    "recruit_points": _one(0, 3), "opening_points": _one(0, 3), "kinds": _one(("service",), ("service", "goods")),
    "weekdays": _one((), ("1", "2", "3", "4", "5")), "approval": st.booleans(),
}  # fmt: skip
GIVING = st.fixed_dictionaries({
    "gift": _one("nobody", "relatives", "anyone", "anyone"), "relations": _one(("child",), ("child", "parent")),
    "gift_yearly_hours": _one(0, 0, 2), "donation": _one(True, True, False), "serves_hardship": _one(True, True, False),
})  # fmt: skip
ONLY_ORPHANS = [{"minimum_age": 0, "hardships": ["99"], "below_age": 0}]  # whom no station of the walk has


class PolicyWalk(GivingWalk):
    """Releases, from today on and never changed: a second of the same day is a correction of the first."""

    @initialize(
        minutes=st.lists(st.sampled_from([90, 240, 720]), min_size=4, max_size=7), term=TERM, rate=_one(1, 2, 7)
    )
    def begin_with_hours(self, minutes, term, rate):
        """People have served before the walk begins: from an empty account few steps lead anywhere."""
        long_ago = date(2020, 1, 1)
        self.release("stars", "53", {"hours": (1, 3, 6)}, long_ago)  # within reach of a short walk
        exchange = {"points_per_hour": rate, "origins": ORIGINS, "floor_hours": 0, "yearly_cap_points": 0}
        self.release_exchange("53", exchange | {"term": term}, {}, long_ago)
        self.release("giving", "53", SAID_BY_NOBODY["giving"] | {"gift": "anyone"}, long_ago)
        for n, some in enumerate(minutes):
            self.publish_service(n, n % 2, 10 * n + 1, some, "desk", False, wait=n == len(minutes) - 1)

    @rule(
        topic=_one("exchange", "exchange", "giving", "stars"), division=st.sampled_from(DIVISIONS),
        required=st.fixed_dictionaries(REQUIRED), further=st.fixed_dictionaries(FURTHER),
        only=st.sets(st.sampled_from([*REQUIRED, *FURTHER]), max_size=3), giving=GIVING,
        hours=_one((1, 3, 6), (2, 4), (1, 2, 3, 4, 5)),
    )  # fmt: skip
    def a_division_releases(self, topic, division, required, further, only, giving, hours):
        """The province says all that is asked of it; a division below says what it wants to be otherwise."""
        if topic == "exchange":
            said = required if division == "53" else {name: required[name] for name in REQUIRED if name in only}
            self.release_exchange(division, said, {name: further[name] for name in FURTHER if name in only})
        else:
            self.release(topic, division, giving if topic == "giving" else {"hours": hours})

    def release_exchange(self, division, said, further, since=None):
        values = {name: value for name, value in said.items() if name != "term"} | further
        if "term" in said:
            values["valid_months"], values["year_end"] = said["term"]
        if values:
            self.release("exchange", division, values, since)

    def release(self, topic: str, division: str, values: dict, since: date | None = None) -> None:
        since = since or self.paper.today
        before = [r for r in self.paper.released if (r.topic, r.division, r.since) == (topic, division, since)]
        PolicyVersion.create(
            topic=topic, division=division, since=since, edition=len(before) + 1, source="文件",
            values=_as_released(topic, values),
        )  # fmt: skip
        self.paper.released.append(Released(topic, division, since, values))
        self.seen["a release in part"] += topic == "exchange" and division != "53"
        self.seen["a second release of one day"] += len(before) > 0


def _as_released(topic: str, values: dict) -> dict:
    """As a form would send it."""
    if topic == "stars":
        level = {"recognised_by": "county", "tenure_days": 0, "selection": False}
        return {"levels": [level | {"star": n, "at": at} for n, at in enumerate(values["hours"], 1)]}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    if topic == "giving":
        plain["served"] = [] if plain.pop("serves_hardship") else ONLY_ORPHANS
    return plain

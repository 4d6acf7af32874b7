"""A walk that comes to everything: its steps by the names and arguments of the rules in `account_walk` and beside it."""

from collections.abc import Callable
from typing import Any

from account_walk import A, B
from account_walk_policy import FURTHER, REQUIRED

PLAIN = {
    "points_per_hour": 1, "origins": ("checked_in", "desk", "backfilled", "imported"), "floor_hours": 0,
    "yearly_cap_points": 0, "term": (0, False), "weights": (), "other_weight": 100, "unit_minutes": 1,
    "activity_cap_minutes": 0, "balance_cap_hours": 0, "over_cap": "honour", "donation_origins": (), "recruit_points": 0,
    "opening_points": 0, "kinds": ("service", "goods"), "weekdays": (), "approval": False,
}  # fmt: skip
GIVING = {"gift": "anyone", "relations": ("child",), "gift_yearly_hours": 0, "donation": True, "serves_hardship": True}


def everything(walk: Any, step: Callable[..., None]) -> None:
    """Three people: the first two of A, the third of B."""
    first, second, third = sorted(walk.paper.people)

    def release(division: str, **said: Any) -> None:
        values = PLAIN | said
        step("a_division_releases", topic="exchange", division=division, giving=GIVING, hours=(1, 3, 6), only=set(said),
             required={name: values[name] for name in REQUIRED}, further={name: values[name] for name in FURTHER})  # fmt: skip

    def serve(who: int, minutes: int, origin: str = "desk", back: int = 1) -> None:
        step("serve", n=at(who), m=0, back=back, minutes=minutes, origin=origin)

    def reserve(who: int, m: int, quantity: int) -> None:
        step("reserve", n=at(who), m=m, quantity=quantity, anyhow=True)

    def handle(key: str, move: str) -> None:
        step("hand_confirm_or_cancel", n=sorted(walk.paper.swaps).index(key), move=move, anyhow=True)

    def give(giver: int, receiver: int, minutes: int) -> None:
        owing = [who for who, person in walk.paper.people.items() if person.debt]
        m = 2 * owing.index(receiver) + 1 if receiver in owing else 2 * at(receiver)
        m = m if receiver in owing else at(receiver) if at(receiver) % 2 == 0 else at(receiver) + len(walk.paper.people)
        step("give", n=at(giver), m=m, minutes=minutes, relation="", anyone=True)

    def take_back(key: str) -> None:
        step("take_a_gift_back", n=sorted(walk.paper.presents).index(key), anyhow=True)

    def correct(record: int) -> None:
        step("correct", n=sorted(walk.paper.services).index(record), any_state=True)

    def at(who: int) -> int:
        return sorted(walk.paper.people).index(who)

    step("begin_with_hours", minutes=[240, 240, 240], term=(0, False), rate=1)
    serve(first, 90)
    records = sorted(walk.paper.services)

    # Exchanges: out of one lot and of two, to the end, cancelled, refused and approved.
    reserve(first, 0, 1)
    reserve(first, 0, 4)
    for move in ("hand", "confirm"):
        handle("k0", move)
    handle("k1", "cancel")
    release("530102", approval=True)
    reserve(first, 0, 1)
    handle("k2", "refuse")
    reserve(first, 0, 1)
    handle("k3", "approve")
    release("530102", approval=False)
    step("say_it_again", n=0, what="exchange", other=False)
    step("say_it_again", n=0, what="exchange", other=True)

    # Gifts; what is corrected afterwards is owed, moves along, and is paid by the next gift.
    give(second, third, 200)
    take_back("g0")
    give(second, third, 200)
    step("say_it_again", n=1, what="gift", other=True)
    correct(records[1])
    step("move_to_the_other_station", n=at(second), again=True)
    give(first, second, 60)

    # Somebody moves with an exchange open: it is cancelled where it was made, and pays what a correction left owing.
    reserve(first, 0, 1)
    step("move_to_the_other_station", n=at(first), again=False)
    correct(records[0])
    correct(records[3])
    handle("k3", "cancel")
    handle("k4", "cancel")
    step("say_it_again", n=0, what="posting", other=False)
    step("move_to_the_other_station", n=at(first), again=True)

    # The pool: donations, one taken back, one of what can be nothing else; grants out of two of them.
    release("53", donation_origins=("imported",))
    step("night", days=1, posts=False, expires=False)
    serve(third, 90, "imported")
    serve(third, 240)
    step("donate", n=1, minutes=60, anyone=False)
    step("donate", n=at(third), minutes=200, anyone=True)
    take_back(max(walk.paper.presents))
    step("donate", n=at(third), minutes=200, anyone=True)
    for move in ("cancel", "hand"):
        step("grant", n=0, station=B, m=1, quantity=1, anyhow=True)
        step("hand_or_cancel_a_grant", n=len(walk.paper.helps) - 1, move=move, anyhow=True)

    # Who comes, and what runs out.
    release("53", opening_points=3, recruit_points=3, term=(1, False))
    step("register", station=B, n=0, introduced=True)
    step("night", days=8, posts=False, expires=False)
    serve(third, 240)
    step("night", days=100, posts=True, expires=False)
    step("night", days=1, posts=True, expires=True)

    # Months, and a correction in one that is closed.
    for station in (A, B):
        for _ in range(2):
            step("close_months", station=station, times=4)
    correct(records[2])
    step("move_to_the_other_station", n=at(third), again=False)

"""A clerk who never stops: keys, publishes, posts, exchanges, gives, imports, writes off what is past its term and
releases policy on one SQLite file, and says each thing done.

Started by `test_power_cut` as a process of its own, to be killed. What it prints was finished before it was printed.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

from peewee import fn

sys.path.insert(0, str(Path(__file__).parents[1]))

from models import clock
from models.activities import Activity
from models.base import connect, database
from models.expiring import expire_due
from models.fields import keyring
from models.gifts import Gift
from models.hours import Balance, Entry
from models.keying import Draft, key_in
from models.people import Account
from models.policy import PolicyVersion
from models.projects import Project
from models.records import ServiceRecord, move_all
from models.rewards import Redemption, RewardItem
from models.scope import Actor
from models.volunteers import Volunteer
from rules.identity import make_resident_id
from views.ledgers.take_in import take_file

BATCH = 6  # people in one imported table
HEADER = ["姓名", "证件号码", "手机号", "服务时间"]


def say(what: str, *keys: object) -> None:
    sys.stdout.write(json.dumps([what, *keys]) + "\n")
    sys.stdout.flush()


def main(url: str, key: str) -> None:
    keyring.open(bytes.fromhex(key))
    connect(url)
    database.connect()
    recorder, head = (Account.get(Account.username == name).actor() for name in ("recorder", "head"))
    while True:
        clock.move_demo_clock(10)  # so that a term of a month is soon over
        expire()  # as the server does before the desk opens: what a cut left past its term is nobody's to spend
        publish(recorder, head)
        post(head)
        expire()  # and every hour: a sheet that several cuts held up is past its term when it is posted
        exchange(recorder)
        give(recorder, head)
        take_in(recorder)
        release()


def publish(recorder: Actor, head: Actor) -> None:
    """A sheet of yesterday, one line for everybody with an account, brought as far as its notice."""
    day = clock.today() - timedelta(days=1)
    activity = Activity.enter(
        recorder,
        project=Project.get().id,
        name="上门陪伴",
        day=day,
        place="活动室",
        lead="赵敏",
        social_worker="钱进",
    )
    start = datetime.combine(day, time(9))
    lines = [
        Draft(balance.volunteer_id, activity.id, start, start + timedelta(hours=2), content="陪伴老人", quality="1")
        for balance in Balance.select()
    ]
    keys = [row.id for row in key_in(lines, recorder)]
    say("draft", *keys)
    for move, by, state in (
        ("submit", recorder, "submitted"), ("approve", head, "approved"), ("notice", head, "noticed"),
    ):  # fmt: skip
        move_all(keys, move, by)
        say(state, *keys)


def post(head: Actor) -> None:
    """What was published a day ago, one sheet after another: its notice runs no working day (see the test's policy)."""
    sheets: dict[date, list[int]] = {}
    for row in ServiceRecord.select().where(ServiceRecord.state == "noticed"):
        if row.notice.is_over:
            sheets.setdefault(row.started_at.date(), []).append(row.id)
    for keys in sheets.values():
        move_all(keys, "post", head)
        say("posted", *keys)


def exchange(recorder: Actor) -> None:
    """Everybody who can takes one piece; every second one is given back."""
    item = RewardItem.get()
    for balance in list(Balance.select().where(Balance.exchangeable >= 60)):
        made = Redemption.reserve(
            balance.volunteer_id, item.id, 1, recorder, f"{balance.volunteer_id}-{clock.today()}"
        )
        say("reserved", made.id)
        if made.id % 2:
            Redemption.move(made.id, "cancel", recorder, "不需要了")
            say("cancelled", made.id)


def give(recorder: Actor, head: Actor) -> None:
    """Everybody who can gives an hour to the next, or half a one to the station; every third thing given is taken back."""
    rich = list(Balance.select().where(Balance.exchangeable >= 60).order_by(Balance.volunteer))
    people = [balance.volunteer_id for balance in Balance.select().order_by(Balance.volunteer)]
    for n, balance in enumerate(rich):
        key = f"{balance.volunteer_id}-{clock.today()}"
        if n % 2:
            made = Gift.donate(balance.volunteer_id, 30, recorder, f"d{key}")
        else:
            to = people[(people.index(balance.volunteer_id) + 1) % len(people)]
            made = Gift.give(balance.volunteer_id, Volunteer.get_by_id(to).card_no, 60, recorder, f"g{key}")
        say("given", made.id)
        if made.id % 3 == 0:
            Gift.move(made.id, "cancel", head, "给错了")
            say("taken back", made.id)


def expire() -> None:
    """What lies past its term, and by whom it is known: the last entry of the account, said when all are written."""
    if lots := expire_due():
        say("expired", lots, Entry.select(fn.MAX(Entry.id)).scalar())


def release() -> None:
    """A version from tomorrow: the county's rate goes to and fro."""
    since = clock.today() + timedelta(days=1)
    rate = 1 + since.toordinal() % 2
    made = PolicyVersion.create(
        topic="exchange", division="530102", since=since, source="区文件", values={"points_per_hour": rate}
    )
    say("released", made.id, rate)


def take_in(recorder: Actor) -> None:
    """A table of new people; all of one table were born on one day, by which they are known again."""
    born = (Volunteer.select(Volunteer.birth_date).order_by(Volunteer.birth_date.desc()).get()).birth_date
    born += timedelta(days=1)
    rows = [
        [f"王小{'一二三四五六七八九'[n]}", make_resident_id("530102", born, n + 1), f"1380000{n:04d}", "周六上午"]
        for n in range(BATCH)
    ]
    take_file("volunteers", [HEADER, *rows], recorder)
    say("imported", str(born))


if __name__ == "__main__":
    main(*sys.argv[1:])

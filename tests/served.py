"""Households, people and needs as tests make them: synthetic, of station A unless somebody of B enters them."""

from datetime import timedelta
from itertools import count

from models import clock
from models.activities import Activity
from models.households import Household, Recipient, Visit
from models.needs import Need

_doors = count(1)


def household(by, name="赵德旺", **more) -> Household:
    values = {"building": "翠竹巷 3 栋", "address": f"昆明市五华区华山街道翠竹巷 3 栋 {next(_doors)} 室", "people": 2}
    return Household.enter(by, name=name, **(values | more))


def recipient(by, home=None, name="赵德旺", hardship=("01",), **more) -> Recipient:
    home = home or household(by)
    return Recipient.enter(by, household=home.id, name=name, hardship=list(hardship), **more)


def visit(by, home, days_ago=1, **more) -> Visit:
    values = {
        "day": clock.today() - timedelta(days=days_ago),
        "visitor": "周楼长",
        "role": "leader",
        "found": "腿脚不便",
    }
    return Visit.enter(by, household=home.id, **(values | more))


def need(by, home=None, days_ago=1, **more) -> Need:
    home = home or household(by)
    values = {
        "collected_on": clock.today() - timedelta(days=days_ago), "collector": "周楼长", "category": "01",
        "content": "请人每周来打扫一次",
    }  # fmt: skip
    return Need.enter(by, household=home.id, **(values | more))


VERIFY = {"verified_how": "home", "verified_by": "李若溪"}
COMPLETE = {"said_role": "recipient", "said_by": "赵德旺"}
RATE = {"satisfaction": "5", "rated_by": "赵德旺"}


def verified(cast, row: Need) -> Need:
    return Need.move(row.id, "verify", cast.head, **VERIFY)


def dispatched(cast, row: Need, activity: Activity) -> Need:
    verified(cast, row)
    return Need.move(row.id, "dispatch", cast.recorder, project=activity.project_id)


def serving(cast, row: Need) -> Need:
    activity = cast.activity(clock.today())
    dispatched(cast, row, activity)
    Activity.move(activity.id, "hold", cast.recorder)
    return Need.move(row.id, "serve", cast.recorder)


def met(cast, row: Need) -> Need:
    serving(cast, row)
    return Need.move(row.id, "complete", cast.recorder, **COMPLETE)

"""星级和嘉许: what she has, and what the next star needs by the policy in force, in plain words."""

from models import clock, policy
from models.honours import Honour
from models.hours import Balance
from models.stars import DIVISION_LABELS, StarGrant
from rules.honours import STANDING
from rules.stars import next_star, stars_label
from rules.topics import PolicyError
from views.gate import right
from views.me.frame import me, pages, shown

MOST_HONOURS = 50


@pages.get("/stars")
@right("see", "me")
def stars() -> str:
    """Her stars and their diplomas, her honours, and the next star."""
    person, today = me(), clock.today()
    balance = Balance.get_or_none(Balance.volunteer == person.id)
    rows = list(StarGrant.select().where(StarGrant.volunteer == person.id).order_by(StarGrant.star))
    held = max((row.star for row in rows if row.state == "recognised"), default=0)
    honours = Honour.select().where(Honour.volunteer == person.id, Honour.state.in_(STANDING))
    try:
        version = policy.in_force("stars", person.station, today)
    except PolicyError:
        version = None
    registered = person.registered_on or today
    ahead = next_star(held, balance.honour if balance else 0, registered, today, version) if version else None
    under_way = next((row for row in rows if ahead and row.star == ahead.star and row.state not in ("candidate", "lapsed")), None)
    return shown(
        "stars", person, balance=balance, rows=[row for row in rows if row.state not in ("candidate", "lapsed")],
        held=held, ahead=ahead, under_way=under_way, version=version, label=stars_label, levels=DIVISION_LABELS,
        honours=list(honours.order_by(Honour.given_on.desc(), Honour.id.desc()).limit(MOST_HONOURS)),
    )  # fmt: skip

"""工时: every line of her account with its record and its decision, and the lots of what she can exchange."""

from flask import request

from models import clock, gifts, her_account, statements
from models.hours import Balance, spendable_on
from views.gate import right
from views.me.frame import me, pages, shown

MOST_LOTS = 20  # shown, those that are spent next first


@pages.get("/hours")
@right("see", "me")
def hours_page() -> str:
    """The lines of her account, the newest first."""
    person = me()
    before = max(0, min(request.args.get("before", 0, type=int), 2**53))
    balance = Balance.get_or_none(Balance.volunteer == person.id)
    return shown("hours", person, balance=balance, page=her_account.page(person.id, before), before=before)


@pages.get("/hours/lots")
@right("see", "me")
def lots() -> str:
    """Lots that still hold something, in the order in which they are spent, with the day on which each runs out."""
    person, today = me(), clock.today()
    balance = Balance.get_or_none(Balance.volunteer == person.id)
    found = statements.lots(person.id, today)
    soon, first_day = her_account.runs_out(person.id, today)
    return shown(
        "lots", person, balance=balance, spendable=spendable_on(balance, today) if balance else 0, soon=soon,
        first_day=first_day, soon_days=her_account.SOON, lots=found, held=found.held[:MOST_LOTS],
        gifts=gifts.of_person(person.id),
    )  # fmt: skip

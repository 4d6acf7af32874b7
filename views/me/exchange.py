"""兑换 (方案 二(6)): what her hours buy today, what it takes from which lots, and what she asked for.

Nothing is handed over here: the head decides, and the desk gives.
"""

from dataclasses import dataclass
from datetime import date

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from models import clock, hours, offers
from models.catalogue import RewardItem
from models.hours import Balance, Lot
from models.offers import Offer, Purse
from models.refusals import NotFound, Refusal, refuse
from models.rewards import Redemption, obstacles
from rules.findings import Decision
from rules.rewards import price_minutes
from views.asking import actor
from views.exchange import Asked
from views.gate import right
from views.me.frame import done, me, page_number, pages, part, shown
from views.requests import request_key
from views.wording import worded


@dataclass(frozen=True)
class Part:
    """So many minutes out of one lot, and what is left in it."""

    earned_on: date
    expires_on: date | None
    minutes: int
    left: int


@dataclass(frozen=True)
class Quote:
    """The price of so many, from which lots it is taken, what she would have left, and what stands in the way."""

    price: Decision[int]
    parts: list[Part]
    left: int
    refusals: list[str]


@pages.get("/exchange")
@right("see", "me")
def exchange() -> str:
    """The catalogue with what each costs and how many she could have; what she asked for below."""
    person, page = me(), page_number()
    purse = _purse(person.id)
    mine = Redemption.select(Redemption, RewardItem).join(RewardItem).where(Redemption.volunteer == person.id)
    rows, more = part(mine.order_by(Redemption.id.desc()), page)
    goods = offers.catalogue(purse, actor()) if purse else []
    return shown("exchange", person, purse=purse, goods=goods, rows=rows, page=page, more=more)


@pages.get("/exchange/<int:item>")
@right("see", "me")
def offer(item: int) -> str:
    """One thing: what so many cost, and from which lots, before anything is asked."""
    return _offer(item, Asked.of(request.args).quantity, request_key(), "")


@pages.post("/exchange/<int:item>")
@right("exchange", "me")
def ask_exchange(item: int) -> Response | str:
    """Ask for it. The key in the form makes a second press the same request."""
    asked, key = Asked.of(request.form), request.form.get("key", "")
    try:
        if not asked.pieces:
            raise refuse(f"数量应是 1 以上的整数，现在是「{asked.quantity}」。", "quantity")
        made = Redemption.ask(item, asked.pieces, actor(), key)
    except NotFound:
        raise
    except Refusal as no:
        return _offer(item, asked.quantity, key, str(no))
    said = "已交给站长审批：%(item)s × %(quantity)s。批准后请到工作站领取，现在不用来。"
    flash(worded(said, item=made.item.name, quantity=made.quantity), "good")
    return redirect(url_for("me.exchange", _anchor="asked"))


@pages.post("/exchange/cancel")
@right("cancel", "me")
def cancel_exchange() -> Response:
    """She thinks better of it while nobody has decided; her hours come back to where they were."""
    key = request.form.get("id", type=int) or 0
    return done(lambda by: Redemption.move(key, "cancel", by, worded("本人取消")), "已取消，工时已退回。", "me.exchange")


def _purse(volunteer: int) -> Purse | None:
    """What she has to spend; None before she has an account of hours."""
    return offers.purse(volunteer, actor()) if Balance.get_or_none(Balance.volunteer == volunteer) else None


def _offer(item: int, quantity: str, key: str, wrong: str) -> str:
    person = me()
    purse = _purse(person.id)
    row = RewardItem.get_or_none((RewardItem.id == item) & RewardItem.scope(actor()))
    if purse is None or row is None or not row.open_on(clock.today()):
        abort(404)
    pieces = Asked(quantity=quantity).pieces
    return shown(
        "offer", person, purse=purse, one=offers.offer(purse, row), quantity=quantity, pieces=pieces, key=key, wrong=wrong,
        quote=_quote(purse, offers.offer(purse, row), pieces) if pieces else None,
    )  # fmt: skip


def _quote(purse: Purse, one: Offer, pieces: int) -> Quote:
    price = price_minutes(one.item.points, pieces, purse.version)
    refusals = [finding.says for finding in obstacles(purse.person, one.item, pieces, actor())]
    taken = dict(hours.take_spendable(purse.person.id, price.value, clock.today()))
    lots = Lot.select().where(Lot.id.in_(list(taken))).order_by(Lot.earned_on, Lot.id)
    parts = [Part(lot.earned_on, lot.expires_on, taken[lot.id], lot.left - taken[lot.id]) for lot in lots]
    return Quote(price, parts if not refusals else [], purse.spendable - price.value, refusals)

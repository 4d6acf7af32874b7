"""The counter of the exchange: who, what, how many; the price and what would be left, before anything is taken."""

from dataclasses import dataclass

from flask import flash, redirect, request
from flask_admin import expose
from werkzeug.datastructures import MultiDict

from models import offers
from models.offers import Offer, Purse
from models.refusals import NotFound, Refusal, refuse
from models.rewards import Redemption, obstacles
from models.scope import within
from models.volunteers import Volunteer
from rules.findings import Decision
from rules.reading import half_width
from rules.rewards import price_minutes
from views.asking import actor
from views.gate import right
from views.hours import in_hours
from views.requests import request_key, row_key
from views.wording import worded

NAMESAKES = 12  # people shown when a name fits several


@dataclass(frozen=True)
class Asked:
    """What the page was asked for, as typed; blank where nothing was."""

    volunteer: str = ""
    who: str = ""
    item: str = ""
    quantity: str = "1"

    @classmethod
    def of(cls, said: MultiDict) -> "Asked":
        quantity = half_width(said.get("quantity", "")).strip()
        return cls(said.get("volunteer", ""), said.get("who", "").strip(), said.get("item", ""), quantity or "1")

    @property
    def pieces(self) -> int:
        """The quantity; 0 where it is not a number, which no exchange takes."""
        return int(self.quantity) if self.quantity.isdecimal() and len(self.quantity) < 7 else 0


class Counter:
    """The exchange page of `views.rewards.RedemptionScreen`."""

    @expose("/exchange/", methods=("GET", "POST"))
    @right("enter")
    def exchange_view(self):
        """GET shows; POST makes the exchange. The key in the form makes a second press the same exchange."""
        asked = Asked.of(request.form if request.method == "POST" else request.args)
        if request.method == "GET":
            return self._counter(asked, request_key(), [])
        key = request.form.get("key", "")
        try:
            if not asked.pieces:
                raise refuse(f"数量应是 1 以上的整数，现在是「{asked.quantity}」。", "quantity")
            made = Redemption.reserve(row_key(asked.volunteer), row_key(asked.item), asked.pieces, actor(), key)
        except NotFound:
            raise
        except Refusal as no:
            return self._counter(asked, key, [finding.says for finding in no.findings])
        said = "已预留：%(item)s × %(quantity)s，扣减 %(hours)s 小时。请发放并请本人签领。"
        if made.state == "asked":
            said = "已报站长审批：%(item)s × %(quantity)s，预留 %(hours)s 小时。批准后再发放。"
        flash(
            worded(said, item=made.item.name, quantity=made.quantity, hours=in_hours(made.minutes)),
            "good",
        )
        return redirect(self.get_url(".details_view", id=made.id))

    def _counter(self, asked: Asked, key: str, wrong: list[str]) -> str:
        people = _people(asked)
        purse = offers.purse(people[0].id, actor()) if len(people) == 1 else None
        goods = offers.catalogue(purse, actor()) if purse else []
        chosen = next((one for one in goods if str(one.item.id) == asked.item), None)
        if asked.who and not people:
            wrong = [*wrong, f"本站没有已注册的志愿者「{asked.who}」，请核对编号或姓名。"]
        if chosen and not asked.pieces and not wrong:
            wrong = [*wrong, f"数量应是 1 以上的整数，现在是「{asked.quantity}」。"]
        return self.render(
            "desk/exchange.html", asked=asked, key=key, wrong=wrong, people=people if not purse else [],
            purse=purse, goods=goods, chosen=chosen, quote=quote(purse, chosen, asked.pieces), hours=in_hours,
            made=Redemption.get_or_none(Redemption.key == key, within(Redemption, actor())),
            lookup=self.get_url(".ajax_lookup", name="volunteer", **{"for": "exchange"}),
        )  # fmt: skip


@dataclass(frozen=True)
class Quote:
    """The price of so many, what would be left, and what stands in the way."""

    price: Decision[int]
    left: int
    refusals: list[str]


def quote(purse: Purse | None, chosen: Offer | None, pieces: int) -> Quote | None:
    """The sentence to read before confirming; None until somebody, something and a number are chosen."""
    if purse is None or chosen is None or not pieces:
        return None
    price = price_minutes(chosen.item.points, pieces, purse.version)
    found = obstacles(purse.person, chosen.item, pieces, actor())
    return Quote(price, purse.spendable - price.value, [finding.says for finding in found])


def _people(asked: Asked) -> list[Volunteer]:
    """Whom the page means: the one picked, else everyone whose card number or name is what was typed."""
    mine = Volunteer.select().where(within(Volunteer, actor()), Volunteer.state == "registered")
    if asked.volunteer:
        return list(mine.where(Volunteer.id == row_key(asked.volunteer)))
    if not asked.who:
        return []
    exact = list(mine.where(Volunteer.card_no == half_width(asked.who)))
    return exact or list(mine.where(Volunteer.name == asked.who).order_by(Volunteer.id).limit(NAMESAKES))

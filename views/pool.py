"""受助 (民函〔2012〕340号第二十二条): what the hours given to the station did for people in hardship, and what is left."""

from dataclasses import dataclass

from flask import flash, redirect, request
from flask_admin import expose
from peewee import fn

from models import clock, pool
from models.gifts import Gift
from models.households import Recipient
from models.pool import Grant
from models.refusals import NotFound, Refusal, refuse
from models.rewards import RewardItem
from models.scope import along, find, within
from rules.access import STATION_ROLES
from rules.findings import Decision
from rules.policy import Version
from rules.rewards import price_minutes
from views.asking import actor
from views.base import StageView
from views.doors import doors
from views.exchange import Asked
from views.gate import right
from views.hours import in_hours
from views.requests import request_key, row_key
from views.wording import worded


class GrantScreen(StageView):
    model = Grant
    title = "受助"
    step = "激励回馈"
    columns = "id granted_on recipient item.name item.kind quantity points minutes donations left_minutes handler station state"
    search = "recipient.name item.name"
    filter_by = "state item station granted_on"
    opens = {"recipient": (Recipient, "recipient"), "item.name": (RewardItem, "item")}
    detail_groups = [
        ("受助单", "recipient item quantity points minutes donations left_minutes why policy"),
        ("办理", "state granted_on handler handed_at station"),
    ]
    list_template = "desk/grants.html"
    details_template = "desk/grant.html"
    empty = "还没有受助。有人把工时捐给工作站以后，点「办理受助」，选服务对象和服务或物品。"

    def searched(self) -> list[str]:
        """Nobody above finds a person by her name: that would unmask it."""
        return super().searched() if actor().role in STATION_ROLES else ["item.name"]

    def filtered(self) -> list[str]:
        return [n for n in super().filtered() if n != "item" or actor().role in STATION_ROLES]

    def pickable(self, name):
        return [Recipient.left_on.is_null()] if name == "recipient" else []

    def more(self, row):
        entries = row.drawn_from()
        return {"entries": entries, "gifts": doors(entries, {"gift": (Gift, "gift")}, actor()), "hours": in_hours}

    def pool(self) -> "Pool":
        """What the stations that this person may see were given, and what is left of it."""
        return Pool.of()

    @expose("/give/", methods=("GET", "POST"))
    @right("enter")
    def give_view(self):
        """GET shows; POST grants. The key in the form makes a second press the same grant."""
        said = request.form if request.method == "POST" else request.args
        asked, recipient = Asked.of(said), said.get("recipient", "")
        if request.method == "GET":
            return self._page(asked, recipient, request_key(), [])
        key = request.form.get("key", "")
        try:
            if not asked.pieces:
                raise refuse(f"数量应是 1 以上的整数，现在是「{asked.quantity}」。", "quantity")
            made = Grant.give(row_key(recipient), row_key(asked.item), asked.pieces, actor(), key)
        except NotFound:
            raise
        except Refusal as no:
            return self._page(asked, recipient, key, [finding.says for finding in no.findings])
        said = "已预留：%(item)s × %(quantity)s，用捐赠工时 %(hours)s 小时。请发放。"
        flash(worded(said, item=made.item.name, quantity=made.quantity, hours=in_hours(made.minutes)), "good")
        return redirect(self.get_url(".details_view", id=made.id))

    def _page(self, asked: Asked, recipient: str, key: str, wrong: list[str]) -> str:
        who = find(Recipient, row_key(recipient), actor()) if recipient else None
        goods = shelf(self.pool().left, who) if who else []
        chosen = next((one for one in goods if str(one.item.id) == asked.item), None)
        refusals, price = [], None
        if who and chosen and asked.pieces and not wrong:
            refusals = [finding.says for finding in pool.obstacles(who, chosen.item, asked.pieces, actor())]
            price = pool.price_of(chosen.item, asked.pieces, actor())
        elif who and chosen and not wrong:
            wrong = [f"数量应是 1 以上的整数，现在是「{asked.quantity}」。"]
        return self.render(
            "desk/granting.html", asked=asked, key=key, wrong=wrong, who=who, goods=goods, chosen=chosen, price=price,
            refusals=refusals, served=pool.serves(who, actor()) if who else None, hours=in_hours,
            made=Grant.get_or_none(Grant.key == key, within(Grant, actor())),
            lookup=self.get_url(".ajax_lookup", name="recipient"),
        )  # fmt: skip


@dataclass(frozen=True)
class Pool:
    """Whole minutes: given to the stations in all, and not yet used."""

    given: int
    left: int

    @classmethod
    def of(cls) -> "Pool":
        sums = Gift.select(fn.COALESCE(fn.SUM(Gift.minutes), 0), fn.COALESCE(fn.SUM(Gift.left_minutes), 0)).where(
            Gift.receiver.is_null(), Gift.state == "given", along(Gift, "station", actor())
        )
        return cls(*(int(n) for n in sums.scalar(as_tuple=True)))

    @property
    def used(self) -> int:
        return self.given - self.left


@dataclass(frozen=True)
class Offer:
    """One thing of the catalogue: what it costs the pool, and how many it could pay for."""

    item: RewardItem
    price: Decision[int]
    most: int
    why_not: str


def shelf(left: int, who: Recipient) -> list[Offer]:
    """Everything on offer at the desk's station today, judged for this person; ``left`` are the pool's minutes."""
    items = RewardItem.select().where(within(RewardItem, actor()), RewardItem.active).order_by(RewardItem.points)
    today, rule, had = clock.today(), pool.exchange_rule(actor()), pool.pieces_this_year(who)
    return [_offer(item, left, had.get(item.id, 0), rule) for item in items if item.open_on(today)]


def _offer(item: RewardItem, left: int, had: int, rule: Version) -> Offer:
    """What bounds it most says why there is none."""
    bounds = [(left * rule.rule.points_per_hour // (item.points * 60), "捐赠池不足")]
    if item.stock is not None:
        bounds.append((item.stock, "没有库存"))
    if item.yearly_limit is not None:
        bounds.append((max(0, item.yearly_limit - had), f"今年已满 {item.yearly_limit} 份"))
    most, why = min(bounds)
    return Offer(item, price_minutes(item.points, 1, rule), most, "" if most else why)

"""The desk of giving: who gives, to whom, how much; what would be left and whom it reaches, before anything moves."""

from dataclasses import dataclass

from flask import flash, redirect, request
from werkzeug.datastructures import MultiDict

from models import gifts
from models.gifts import Gift, Wallet, by_card, obstacles
from models.hours import Lot
from models.refusals import NotFound, Refusal, refuse
from models.scope import within
from models.volunteers import Volunteer
from rules.giving import RELATIONS
from rules.reading import half_width
from views.asking import actor
from views.hours import in_hours
from views.requests import request_key, row_key
from views.wording import worded


@dataclass(frozen=True)
class Asked:
    """What the page was asked for, as typed; blank where nothing was."""

    volunteer: str = ""
    what: str = ""
    card: str = ""
    relation: str = ""
    hours: str = ""
    minutes: str = ""
    reason: str = ""

    @classmethod
    def of(cls, said: MultiDict) -> "Asked":
        typed = {name: said.get(name, "").strip() for name in cls.__dataclass_fields__}
        return cls(**typed | {name: half_width(typed[name]) for name in ("card", "hours", "minutes")})

    @property
    def total(self) -> int | None:
        """Whole minutes; None where hours or minutes are not whole numbers."""
        parts = [self.hours or "0", self.minutes or "0"]
        if not all(part.isdecimal() and len(part) < 7 for part in parts):
            return None
        return int(parts[0]) * 60 + int(parts[1])


@dataclass(frozen=True)
class Plan:
    """What would happen: out of which lots, to whom, what is left; or what stands in the way."""

    minutes: int
    receiver: Volunteer | None
    parts: list[tuple[Lot, int]]
    left: int
    refusals: list[str]


class GivingDesk:
    """The page of `views.gifts.GiftScreen`."""

    def __init__(self, screen) -> None:
        self.screen = screen
        self.asked = Asked.of(request.form if request.method == "POST" else request.args)

    def answer(self):
        """GET shows; POST gives. The key in the form makes a second press the same gift."""
        if request.method == "GET":
            return self._page(request_key(), [])
        key = request.form.get("key", "")
        try:
            made = self._make(key)
        except NotFound:
            raise
        except Refusal as no:
            return self._page(key, [finding.says for finding in no.findings])
        said = "已捐给工作站 %(hours)s 小时。"
        if made.receiver_id:
            said = "已转赠 %(hours)s 小时。"
        flash(worded(said, hours=in_hours(made.minutes)), "good")
        return redirect(self.screen.get_url(".details_view", id=made.id))

    def _make(self, key: str) -> Gift:
        asked, total = self.asked, self.asked.total
        if total is None:
            raise refuse(f"时长应是整数的小时和分钟，现在是「{asked.hours}」小时「{asked.minutes}」分钟。", "minutes")
        if asked.what == "donation":
            return Gift.donate(row_key(asked.volunteer), total, actor(), key, reason=asked.reason)
        if asked.what != "gift":
            raise refuse("请选择转赠给个人，还是捐给工作站。", "what")
        said = {"relation": asked.relation, "reason": asked.reason}
        return Gift.give(row_key(asked.volunteer), asked.card, total, actor(), key, **said)

    def _page(self, key: str, wrong: list[str]) -> str:
        asked = self.asked
        has = gifts.wallet(row_key(asked.volunteer), actor()) if asked.volunteer else None
        plan = self._plan(has) if has and asked.what and not wrong else None
        rule = has.version.rule if has else None
        return self.screen.render(
            "desk/giving.html", asked=asked, key=key, wrong=wrong, has=has, rule=rule, plan=plan, hours=in_hours,
            relations=[(code, RELATIONS[code]) for code in (rule.relations or RELATIONS)] if rule else [],
            origins=dict(Lot._meta.fields["origin"].choices),
            made=Gift.get_or_none(Gift.key == key, within(Gift, actor())),
            lookup=self.screen.get_url(".ajax_lookup", name="giver"),
        )  # fmt: skip

    def _plan(self, has: Wallet) -> Plan | None:
        """What to read before confirming; None until how much is said."""
        asked, total = self.asked, self.asked.total
        if total is None:
            said = f"时长应是整数的小时和分钟，现在是「{asked.hours}」小时「{asked.minutes}」分钟。"
            return Plan(0, None, [], 0, [said])
        if not (asked.hours or asked.minutes):
            return None
        donation = asked.what == "donation"
        receiver = None if donation else by_card(asked.card)
        if not donation and receiver is None:
            typed = f"没有查到编号「{asked.card}」的志愿者，请照受赠人的服务证输入完整编号。"
            return Plan(total, None, [], 0, [typed if asked.card else "请输入受赠人服务证上的完整编号。"])
        found = [finding.says for finding in obstacles(has, receiver, total, asked.relation)]
        parts = [] if found else has.parts(total, donation=donation)
        return Plan(total, receiver, parts, has.all - total, found)

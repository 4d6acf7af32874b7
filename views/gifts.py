"""转赠与捐赠 (民函〔2012〕340号第二十二条): who gave hours to whom, and what is left of what the station was given."""

from functools import reduce
from operator import or_

from flask import request
from flask_admin import expose
from peewee import Expression

from models.gifts import Gift
from models.hours import Balance, Entry
from models.scope import along, within
from models.volunteers import Volunteer
from rules.identity import mask_name
from views import lists
from views.asking import actor
from views.base import StageView
from views.below import Below
from views.gate import right
from views.giving import GivingDesk
from views.named import Named

PARTIES = ("giver", "receiver")


class GiftScreen(StageView):
    model = Gift
    title = "转赠与捐赠"
    step = "激励回馈"
    columns = (
        "given_on what giver.name giver.card_no receiver.name receiver.card_no relation minutes left_minutes handler "
        "station state"
    )
    search = "giver.name giver.card_no receiver.name receiver.card_no"
    filter_by = "state relation station given_on"
    opens = {"giver.name": (Balance, "giver"), "receiver.name": (Balance, "receiver")}
    detail_groups = [
        ("转出", "what giver receiver relation minutes left_minutes reason policy"),
        ("办理", "state given_on handler station cancelled_for"),
    ]
    named = {
        "gifts": Named("转赠", lambda by: Gift.receiver.is_null(False)),
        "donations": Named("捐赠", lambda by: Gift.receiver.is_null()),
        "unused": Named("捐赠未用完", lambda by: Gift.left_minutes > 0),
    }
    below = [Below("工时账上的分录", Entry, "gift", "seq day volunteer.name kind debit credit minutes")]
    list_template = "desk/gifts.html"
    empty = "还没有转赠和捐赠。点「办理转赠或捐赠」，选转出人，写明转给谁、多少工时。"

    def adorn(self, rows) -> None:
        """The receiver's station reads the gift, and of a giver who is not its own no more than her masked name."""
        keys = [row.id for row in rows]
        own = {key for (key,) in Gift.select(Gift.id).where(Gift.id.in_(keys), along(Gift, "station", actor())).tuples()}
        people = {key for row in rows for key in (row.giver_id, row.receiver_id) if key}
        known = Volunteer.select(Volunteer.id).where(Volunteer.id.in_(people), within(Volunteer, actor()))
        mine = {key for (key,) in known.tuples()}
        for row in rows:
            strangers = {party for party in PARTIES if row.__data__[party] not in mine}
            row.hidden = set() if row.id in own else strangers

    def get_one(self, id):
        row = super().get_one(id)
        self.adorn([row])
        return row

    def show(self, row, path):
        party, _, column = path.partition(".")
        if party in PARTIES and party in row.hidden and getattr(row, party):
            return "" if column == "card_no" else mask_name(getattr(row, party).name)
        return super().show(row, path)

    def where(self) -> list[Expression]:
        """A search finds a person's gifts only by what whoever searches may read of that person."""
        own = along(Gift, "station", actor())
        mine = Volunteer.select(Volunteer.id).where(within(Volunteer, actor()))
        return [
            reduce(or_, ((own | getattr(Gift, party).in_(mine)) & self._of(party, word) for party in PARTIES))
            for word in request.args.get("q", "").split()
        ]

    @staticmethod
    def _of(party: str, word: str) -> Expression:
        return reduce(or_, lists.matching(Gift, [f"{party}.name", f"{party}.card_no"], word))

    @expose("/give/", methods=("GET", "POST"))
    @right("enter")
    def give_view(self):
        """Give or donate: what it will do is read first (`views.giving`)."""
        return GivingDesk(self).answer()

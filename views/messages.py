"""消息: what this account was told, newest first; opening one leads to the row that it is about."""

from collections import defaultdict
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose

from models import messages
from models.base import BaseModel
from models.messages import BACK, ENDED, Message
from models.moves import Staged
from models.schema import TABLES
from models.scope import find, within
from views import cells, lists
from views.asking import actor, allowed
from views.base import StageView
from views.gate import right
from views.named import Named
from views.wording import worded

NOUNS = {"jobs": "任务", "webhooks": "机器人通知", "upwards": "汇入批次", "upward_links": "平台网址"}  # of tables without a life


class MessageScreen(StageView):
    model = Message
    title = "消息"
    step = "工作台"
    columns = "says event at seen_at"
    filter_by = "event at"
    named = {"new": Named("没看过的", lambda by: Message.seen_at.is_null())}
    list_template = "desk/messages.html"
    empty = "还没有消息。您录入的内容被退回、您提出的任务办完，会在这里告诉您。"

    @expose("/details/")
    @right("see")
    def details_view(self):
        """Seen, and on to the row that it is about."""
        row = find(Message, request.args.get("id", type=int), actor())
        messages.see(actor(), [row.id])
        self.adorn([row])
        return redirect(leads_to(row) or self.get_url(".index_view"))

    @expose("/seen/", methods=("POST",))
    @right("see")
    def seen_view(self):
        """All that there is by now has been seen."""
        messages.see(actor())
        return redirect(self.get_url(".index_view"))

    def adorn(self, rows: list[Any]) -> None:
        """What each says and leads to, in one statement a table, of rows that may still be seen."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            wanted[row.about].add(row.row)
        found = {about: _known(TABLE_OF[about], keys) for about, keys in wanted.items() if about in TABLE_OF}
        for row in rows:
            row.what = found.get(row.about, {}).get(row.row)

    def show(self, row: Any, path: str) -> str:
        return says(row) if path == "says" else super().show(row, path)


TABLE_OF: dict[str, type[BaseModel]] = {
    table.resource: table for table in TABLES if issubclass(table, Staged) or table.resource in NOUNS
}


def _known(table: type[BaseModel], keys: set[int]) -> dict[int, BaseModel]:
    if not allowed("see", table.resource):
        return {}
    mine = table.select(table._meta.primary_key).where(table._meta.primary_key.in_(keys), within(table, actor()))
    names = [field.name for field in table._meta.sorted_fields]
    return {row._pk: row for row in lists.with_keys(table, names, [key for (key,) in mine.tuples()])}


def says(row: Message) -> str:
    """The message in words; of a row that is not this person's any more only what kind of thing it was."""
    table = TABLE_OF.get(row.about)
    life = getattr(table, "life", None)
    noun = worded(life.noun if life else NOUNS.get(row.about, ""))
    about = f"{noun} {cells.called(row.what)}" if row.what is not None else noun
    if row.event == BACK and life:
        return worded("%(about)s：已%(move)s，原因见该条的办理过程。", about=about, move=worded(life.move(row.move).label))
    if row.event == ENDED:
        state = "" if row.what is None else worded(dict(table.state.choices)[row.what.state])
        return worded("%(about)s：%(state)s。", about=about, state=state)
    return worded("%(about)s：没有送出，请核对地址。", about=about)


def leads_to(row: Message) -> str:
    """The page of the row that it is about; blank where it may not be seen any more."""
    return "" if row.what is None else url_for(f"{row.about}.details_view", id=row.row)

"""The base view of every screen: scope, permission, masking, trace, one transaction a save, cheap paging.

A screen declares what it shows; everything else happens here, once. It closes the stock view's traps: rows are read
only inside the person's division (list, detail, form, look-up, move), nothing can be deleted, a save is one call on the
data layer, foreign keys are found by search, and no list asks a query per row.
"""

import json
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from peewee import Field, ForeignKeyField
from werkzeug.datastructures import MultiDict

from models.audit import Trail
from models.base import BaseModel
from models.fields import SealedCodesField, SealedField
from models.moves import Entered, Staged
from models.refusals import NotFound, Refusal
from models.scope import Actor, find, within
from models.seen import as_seen
from models.stations import KEY_DIGITS, Station
from models.volunteers import Volunteer
from rules.access import STATION_ROLES, TABLE
from rules.life import Move
from rules.reading import whole_number
from views import asked, cells, doors, filters, forms, lists
from views.asking import actor, allowed, may_pick, own_path
from views.below import Below, below
from views.counted import ASKS, narrowed
from views.gate import named_move, right
from views.named import Named, tabs
from views.seen import revisions
from views.thread import thread
from views.totals import totals
from views.waiting import condition
from views.wording import worded

PAGE_SIZE = 20  # rows that fit on 1366 × 768
LOOKUP_ROWS = 12
DEEPEST_PAGE = 1_000_000


class StageView(ModelView):
    """A screen over one table. Subclasses declare; see the attributes."""

    model: ClassVar[type[BaseModel]]
    title = ""
    step = ""  # the step of the plan it stands under in the menu (`views.menu`)
    path = ""  # /admin/<path>/; the resource's name where none is given
    columns = ""  # dotted paths of the list, in order
    search = ""  # dotted paths that the search box looks in
    filter_by = ""  # columns with a control above the list
    order: ClassVar[str] = "-id"
    sortable = ""  # indexed columns that a heading may sort by
    form_groups: ClassVar[list[tuple[str, str]]] = []
    detail_groups: ClassVar[list[tuple[str, str]]] = []
    ledger = ""  # name of the ledger that it exports
    takes_in = ""  # name of the import that it offers
    opens: ClassVar[doors.Opens] = {}  # list columns that lead to another row (`views.doors`)
    named: ClassVar[dict[str, Named]] = {}  # lists of rows to look at, as tabs and in the inbox
    below: ClassVar[list[Below]] = []  # related rows on the detail page
    adds_up = False  # whether a list of countable length shows the sums of its ledger
    one_by_one = False  # whether its moves are never offered for several rows at once
    empty = "还没有内容。"
    entry = "index_view"  # where the menu leads

    can_delete = False
    can_export = False
    list_template = "desk/list.html"
    create_template = "desk/form.html"
    edit_template = "desk/form.html"
    details_template = "desk/details.html"

    def __init__(self) -> None:
        model = type(self).model
        self.resource = model.resource
        if self.resource not in TABLE:
            raise TypeError(f"{type(self).__name__}: the access table does not know «{self.resource}»")
        if model.station_path is None and not hasattr(model, "scope"):
            raise TypeError(f"{model.__name__} does not say how it leads to a station; no screen without scope")
        path = self.path or self.resource
        super().__init__(model, name=self.title, endpoint=path, url=f"/admin/{path}")
        self.moves_by_name: dict[str, Move] = (
            {m.name: m for m in model.life.moves} if issubclass(model, Staged) else {}
        )
        self._urls = [route for route in self._urls if self._has(route[1])]

    def _has(self, view: str) -> bool:
        """Whether the screen has this page at all: what it does not offer has no address either."""
        return {
            "create_view": bool(self.form_groups) and "enter" in TABLE[self.resource],
            "edit_view": bool(self.form_groups) and "amend" in TABLE[self.resource],
            "move_view": bool(self.moves_by_name),
            "reveal_view": bool(self.sealed()) and "reveal" in TABLE[self.resource],
            "ajax_lookup": bool(self.picked()),
        }.get(view, True)

    # --- what the stock view asks for at start ---

    def scaffold_list_columns(self) -> list[str]:
        return self.columns.split()

    def scaffold_sortable_columns(self) -> dict[str, Any]:
        return {}

    def init_search(self) -> bool:
        return bool(self.search)

    def scaffold_form(self):
        return forms.form_for(self.model, self._form_names())

    def get_filters(self):
        return None

    # --- who may ---

    def is_accessible(self) -> bool:
        return allowed("see", self.resource)

    def may(self, action: str) -> bool:
        """Whether the person may do this here; an action that the table does not list is nobody's."""
        return action in TABLE[self.resource] and allowed(action, self.resource)

    # --- reading, always inside the division ---

    def get_query(self):
        return self.model.select().where(within(self.model, actor()))

    def get_one(self, id: Any) -> Any:
        """The row with its keys joined. Raises ``NotFound`` alike for a missing row and a stranger's."""
        return lists.with_keys(self.model, self._everything(), [find(self.model, id, actor())._pk])[0]

    def _everything(self) -> list[str]:
        shown = [c for _, group in self.detail_groups for c in group.split()]
        return [*self.columns.split(), *shown, *(f.name for f in self.model._meta.sorted_fields)]

    def show(self, row: Any, path: str) -> str:
        """A cell of the list or the detail."""
        return cells.show(row, path)

    def choices(self, name: str) -> list[tuple[str, str]]:
        """What the filter of a column offers."""
        return filters.choices_of(self.model, name)

    def where(self) -> list[Any]:
        """Further conditions of the list that a screen of its own sets."""
        return []

    def searched(self) -> list[str]:
        """The columns in which this person's search looks."""
        return self.search.split()

    def filtered(self) -> list[str]:
        """The columns by which this person may narrow the list."""
        return self.filter_by.split()

    def bar(self, by: Actor) -> tuple[list[filters.Control], list[Any]]:
        """The controls above the list, and the conditions that follow from what was chosen."""
        return filters.bar(self.model, self.filtered(), request.args, by, self.choices)

    def adorn(self, rows: list[Any]) -> None:
        """Set on the page's rows what is worked out for all of them in one query."""

    def shown_columns(self) -> list[str]:
        """The list's columns; at a station its own name would say the same on every row, above it a short one does."""
        names = self.columns.split()
        if actor().role in STATION_ROLES:
            names = [n for n in names if n != "station"]
        return [f"{n}.short_name" if self._is_station(n) else n for n in names]

    def _is_station(self, path: str) -> bool:
        end, last = cells.follow(self.model, path)
        field = end._meta.fields.get(last)
        return isinstance(field, ForeignKeyField) and field.rel_model is Station

    def _ordering(self) -> list[Field]:
        wanted = request.args.get("sort", "")
        name = wanted if wanted.lstrip("-") in self.sortable.split() else self.order
        field = self.model._meta.fields[name.lstrip("-")]
        key = self.model._meta.primary_key
        if name.startswith("-"):
            return [field.desc()] if field is key else [field.desc(), key.desc()]
        return [field] if field is key else [field, key]

    @expose("/")
    @right("see")
    def index_view(self) -> str | Response:
        if lists.documents(request.args.get("q", "")):  # typed into an address: it shall not stay there
            return redirect(self.get_url(".index_view", **found_by(request.args)))
        by = actor()
        number, who = lists.asked_number(self.model, request.args.get("whose", ""))
        controls, where = self.bar(by)
        words = request.args.get("q", "").strip()
        found = lists.matching(self.model, self.searched(), words) if self.searched() else []
        page = max(0, min(request.args.get("page", 0, type=int), DEEPEST_PAGE))
        columns = self.shown_columns()
        waits = self._waiting_move()
        current = self._named()
        conditions = [*self.where(), *where, *found, *who, *self._waiting(waits)]
        if current:
            conditions.append(self.named[current].where(by))
        counted, counts = narrowed(self.model, request.args, by)
        conditions += counted
        asked = lists.Query(self.model, columns, conditions, self._ordering(), by)
        result = lists.fetch(asked, page, PAGE_SIZE)
        self.adorn(result.rows)
        summed = self.adds_up and not result.capped
        # Names with an underscore mean something to `url_for`; no address may send them.
        kept = {k: v for k, v in request.args.items() if v and k != "page" and not k.startswith("_")}
        return self.render(
            self.list_template, page=page, result=result, controls=controls, words=words, kept=kept, number=number,
            columns=[(c, cells.heading(self.model, c), cells.is_number(self.model, c)) for c in columns],
            show=self.show, batch=self._batch(waits), size=PAGE_SIZE,
            sort=request.args.get("sort", self.order), waits=waits, vouched=self.vouch(result.rows) if waits or current else {},
            doors=doors.doors(result.rows, self.opens, by), tabs=tabs(self.model, self.named, current, by),
            counts=counts, handed_on={name: kept[name] for name in ASKS if name in kept},
            totals=totals(self.ledger, asked.conditions(), request.args.get("state", "")) if summed else None,
        )  # fmt: skip

    @expose("/search/", methods=("POST",))
    @right("see")
    def search_view(self) -> Response:
        """The list as its bar asks for it; posted, so that a whole identity number stands in no address and no log."""
        return redirect(self.get_url(".index_view", **found_by(request.form)))

    def _named(self) -> str:
        """The named list that ``?list=`` asks for, blank where it asks for none that there is."""
        wanted = request.args.get("list", "")
        return wanted if wanted in self.named else ""

    def _waiting_move(self) -> Move | None:
        """The move that ``?waiting=`` names: the list then shows what waits for this person to make it."""
        move = self.moves_by_name.get(request.args.get("waiting", ""))
        return move if move and actor().role in move.by else None

    def _waiting(self, move: Move | None) -> list[Any]:
        if move is None:
            return []
        return [reduce(or_, (condition(self.model, move, state, actor()) for state in move.sources))]

    def vouch(self, rows: list[Any]) -> dict[Any, str]:
        """What was checked on each row that waits for approval, by its key; cheap, or not at all."""
        return {}

    def _batch(self, waits: Move | None) -> list[Move]:
        """The moves offered for several rows of the list at once: the one that is waited for, else all that may be."""
        return [] if self.one_by_one else [waits] if waits else self._batch_moves()

    def _batch_moves(self) -> list[Move]:
        """Moves that this role makes on several rows at once: those that need no consequences read one by one."""
        by = actor()
        return [m for m in self.moves_by_name.values() if by.role in m.by and m.expected]

    @expose("/details/")
    @right("see")
    def details_view(self) -> str:
        row = self.get_one(request.args.get("id"))
        self.looked_at(row)
        return self._details(row)

    def _details(self, row: Any, opened: dict[str, str] | None = None) -> str:
        """The detail page. ``opened``: the column asked for with its value in clear, or what refused it."""
        by = actor()
        moves = row.legal_moves(by) if isinstance(row, Staged) else []
        trail = Trail.select().where(Trail.table == self.model._meta.table_name, Trail.row == str(row._pk))
        return self.render(
            self.details_template, row=row, show=self.show, groups=self._labelled(self.detail_groups),
            moves=moves, asked=asked.forms_of(self.model, moves, row), lookup=self.picker(),
            trail=list(trail.order_by(Trail.id.desc()).limit(50)), say=self._action_label,
            can_amend=self.may("amend") and not (isinstance(row, Entered) and row.may_amend(by)),
            sealed=self.sealed(), may_reveal=self.may("reveal"), called=cells.called, thread=thread(row, by),
            more=self.more(row), log=self._whole_trail(row), doors=doors.doors([row], self._opened(), by),
            below=below(row, self.below, by), opened=opened or {},
        )  # fmt: skip

    def _whole_trail(self, row: Any) -> str:
        """The audit log narrowed to this row, for whoever may read it."""
        if not allowed("see", Trail.resource) or isinstance(row, Trail):
            return ""
        return url_for("audit.index_view", table=self.model._meta.table_name, row=row._pk)

    def looked_at(self, row: Any) -> None:
        """Leave a trace of the reading, where the page shows in the clear what elsewhere is masked."""

    def _opened(self) -> doors.Opens:
        shown = [c for _, group in self.detail_groups for c in group.split()]
        return doors.of_keys(self.model, shown) | dict(self.opens)

    def sealed(self) -> list[str]:
        """The columns of the detail that are masked and can be revealed one at a time."""
        return [name for name, field in self.model._meta.fields.items() if isinstance(field, SealedField)]

    def more(self, row: Any) -> dict[str, Any]:
        """What a screen of its own adds to a detail page."""
        return {}

    def _labelled(self, groups: list[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
        return [(title, [(c, cells.heading(self.model, c)) for c in names.split()]) for title, names in groups]

    def _action_label(self, action: str) -> str:
        move = self.moves_by_name.get(action)
        return move.label if move else ACTIONS.get(action, action)

    # --- writing, always through the data layer ---

    @expose("/new/", methods=("GET", "POST"))
    @right("enter")
    def create_view(self):
        form = self.create_form() if request.method == "POST" else self._create_form_class(data=self.given())
        self.trim(form)
        if request.method == "POST" and form.validate():
            try:
                row = self.enter(forms.blanks(self.model, forms.values(form)))
            except Refusal as no:
                form.take(no.findings)
            else:
                flash(self.said_of_new(row), "good")
                again = "_again" in request.form
                return redirect(self.get_url(".create_view") if again else self.get_url(".details_view", id=row._pk))
        return self._form(form, None)

    def _form_names(self) -> list[str]:
        return [name for _, group in self.form_groups for name in group.split()]

    def given(self) -> dict[str, Any]:
        """What a new form says already: whatever the address names."""
        return {k: v for k, v in request.args.items() if k in self._form_names()}

    def enter(self, said: dict[str, Any]) -> Any:
        """Make a row of what the form says."""
        return self.model.enter(actor(), **said)

    @expose("/edit/", methods=("GET", "POST"))
    @right("amend")
    def edit_view(self):
        row = self.get_one(request.args.get("id"))
        if request.method == "GET":
            self.looked_at(row)
        form = self.edit_form(obj=row)
        self.trim(form)
        self._mask(form, row)
        if request.method == "POST" and form.validate():
            said = forms.blanks(self.model, forms.values(form, row=row))
            try:
                self.model.amend(row._pk, actor(), revision=request.form.get("revision", type=int), **said)
            except Refusal as no:
                form.take(no.findings)
                if any(f.where == "revision" for f in no.findings):
                    self._compare(form, row)
            else:
                flash(worded("已保存。"), "good")
                return redirect(self.get_url(".details_view", id=row._pk))
        return self._form(form, row)

    def _mask(self, form: forms.DeskForm, row: Any) -> None:
        for name, field in form._fields.items():
            if isinstance(field, forms.Sealed):
                field.masked = cells.show(row, name)

    def _compare(self, form: forms.DeskForm, row: Any) -> None:
        """Somebody saved in between: beside each box that differs, what is saved now; the next save may go through."""
        saved = self._edit_form_class(None, obj=row)
        for name, field in form._fields.items():
            if not isinstance(field, forms.Sealed) and (field.data or None) != (saved[name].data or None):
                field.saved = cells.show(row, name) or worded("（空）")
        form.revision = row.revision

    def trim(self, form: forms.DeskForm) -> None:
        """Take out of a form what is not this person's to set (``del form.<name>``)."""

    def said_of_new(self, row: Any) -> str:
        """The sentence after a row was entered."""
        return worded("已保存。")

    def required(self, form: forms.DeskForm) -> set[str]:
        """Names that the form marks as needed: those that the data layer will ask for."""
        fields = self.model._meta.sorted_fields
        return {f.name for f in fields if not f.null and (f.default is None or (f.choices and f.default))}

    def beside(self, form: forms.DeskForm, row: Any) -> dict[str, Any]:
        """What a screen of its own adds to a form page."""
        return {}

    def _form(self, form: forms.DeskForm, row: Any) -> str:
        groups = [(title, [form[n] for n in names.split() if n in form._fields]) for title, names in self.form_groups]
        return self.render(
            self.create_template, form=form, groups=[g for g in groups if g[1]], row=row,
            called=cells.called, required=self.required(form), more=self.beside(form, row),
            revision=getattr(form, "revision", request.form.get("revision", getattr(row, "revision", 0))),
            days=list(forms.DAYS), parts_of_day=list(forms.PARTS), lookup=self.picker(),
        )  # fmt: skip

    def _ask(self, move: Move, keys: list[str], form: forms.DeskForm, back: str) -> str:
        """A page of its own for what a move asks: for several rows at once, and where an answer was refused."""
        mine = self.model.select(self.model._meta.primary_key).where(
            self.model._meta.primary_key.in_([key for key in keys if whole_number(key, KEY_DIGITS - 1) is not None]),
            within(self.model, actor()),
        )
        rows = lists.with_keys(self.model, self.columns.split(), [key for (key,) in mine.tuples()])
        if not rows:
            raise NotFound()
        return self.render(
            "desk/move.html", move=move, rows=rows, form=form, back=back, lookup=self.picker(),
            called=cells.called, reason=request.form.get("reason", ""),
        )  # fmt: skip

    @expose("/move/", methods=("POST",))
    @right(named_move)
    def move_view(self) -> str | Response:
        """One named move on one row or several, all or none."""
        name = request.form.get("move", "")
        if name not in self.moves_by_name:
            abort(404)
        keys = request.form.getlist("id")
        back = own_path(request.form.get("back")) or self.get_url(".index_view")
        if not keys:
            flash(worded("请先勾选要办理的行。"), "bad")
            return redirect(back)
        move = self.moves_by_name[name]
        reason = request.form.get("reason", "") if move.reason else ""  # nothing is kept that nobody asked for
        label = worded(move.label)
        form = asked.form_of(self.model, move, typed=request.form) if move.asks else None
        if form and not (asked.answered(move, request.form) and form.validate()):
            return self._ask(move, keys, form, back)
        if (job := self.handed_on(name, keys)) is not None:
            return redirect(url_for("jobs.details_view", id=job.id))
        try:
            with as_seen(self.model, {key: at for key, at in revisions().items() if key in keys}, actor(), move.asked):
                done = self.model.move_all(
                    keys, name, actor(), reason, **asked.answers(self.model, form), **self.seen(name)
                )
        except NotFound:
            raise
        except Refusal as no:
            if form:
                form.take(no.findings)
                return self._ask(move, keys, form, back)
            for finding in no.findings:
                flash(finding.says, "bad")
        else:
            said = "已%(move)s %(count)s 条。" if done > 1 else "已%(move)s。"
            flash(worded(said, move=label, count=done), "good")
        return redirect(back)

    def handed_on(self, name: str, keys: list[str]) -> Any:
        """The job that makes this move, where it takes too long to wait for; None where it is made at once."""
        return None

    def seen(self, name: str) -> dict[str, Any]:
        """What else a move is told of the page on which its button was pressed."""
        return {}

    @expose("/reveal/", methods=("GET", "POST"))
    @right("reveal")
    def reveal_view(self) -> str | Response:
        """One sensitive value, with a reason, shown once: in this very answer, which nobody keeps. Neither the session's
        cookie nor an address ever holds it; the page read again (GET) is the masked one."""
        key = request.values.get("id")
        if request.method == "GET":
            return redirect(self.get_url(".details_view", id=key))
        row = find(self.model, key, actor())
        field = request.form.get("field", "")
        if not isinstance(column := self.model._meta.fields.get(field), SealedField):
            abort(404)
        reason = request.form.get("reason", "")
        opened = {"field": field, "label": worded(self.model.label(field)), "reason": reason}
        try:
            value = row.reveal(field, actor(), reason)
            words = cells.words_of(column.kind, value) if isinstance(column, SealedCodesField) else value
            opened["value"] = words or worded("（空）")
        except Refusal as no:
            opened["wrong"] = str(no)
        answer = make_response(self._details(self.get_one(key), opened))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/ajax/lookup/", methods=("GET", "POST"))
    @right("see")
    def ajax_lookup(self) -> Response:
        """Rows for a picker: ``name`` is a foreign key of this table, ``q`` what was typed; a number comes by post."""
        name = request.args.get("name", "")
        if name not in self.picked():
            abort(404)
        field = self.model._meta.fields[name]
        found = look_up(field.rel_model, request.values.get("q", ""), self.pickable(field.name))
        return as_json(found)

    def picked(self) -> list[str]:
        """The columns whose rows are found by search."""
        keys = (field for field in self.model._meta.sorted_fields if isinstance(field, ForeignKeyField))
        return [field.name for field in keys if field.rel_model.resource in PICKS]

    def picker(self) -> str:
        """Where its pickers ask; blank where it has none."""
        return self.get_url(".ajax_lookup") if self.picked() else ""

    def pickable(self, name: str) -> list[Any]:
        """Further conditions on what a picker offers."""
        return []

    # --- what the stock view offers and this one does not ---

    delete_view = action_view = ajax_update = export = None

    def create_model(self, form):
        raise TypeError("rows are entered through the data layer")

    update_model = delete_model = create_model


def found_by(said: MultiDict) -> dict[str, str]:
    """The list's address for what its bar says; each whole identity number in it sealed."""
    asked = {k: v for k, v in said.items() if v and k not in ("csrf_token", "page") and not k.startswith("_")}
    if numbers := lists.documents(asked.get("q", "")):
        words = [word for word in asked["q"].split() if not lists.documents(word)]
        asked |= {"q": " ".join(words), "whose": lists.sealed_number(numbers[0])}
    return {name: value for name, value in asked.items() if value}


ACTIONS = {
    "enter": "录入", "amend": "修改", "reveal": "查看敏感信息", "reveal_refused": "查看敏感信息被拦下", "transfer": "转到另一工作站", "ask": "提出认领",
    "open": "开始公示", "reserve": "预留", "password": "修改密码", "sign_in": "登录", "sign_in_refused": "登录失败",
    "first_code": "打印首次登录码", "first_sign_in": "用首次登录码设置密码", "first_refused": "首次登录码不对",
    "sign_out": "退出", "session_ended": "登录结束", "reset": "重置密码", "password_refused": "密码验证失败",
    "code_on": "启用动态口令", "code_off": "停用动态口令", "code_refused": "动态口令验证失败",
    "code_recovered": "用恢复码登录", "codes_renewed": "重新生成恢复码",
    "export": "导出", "print": "打印", "import": "导入", "close": "月结", "read": "查看", "download": "下载",
    "refused": "被拒绝",
    "backup": "备份", "restore": "恢复备份", "clock": "确认时间",
    "mark": "登记到场和考核", "grant": "颁发", "strike": "删去",
    "give": "转赠", "donate": "捐赠", "own_data": "本人下载资料", "hand_over": "交付本人资料", "erase": "清除",
    "propose": "提出到期清除", "try_out": "发送测试消息", "book": "确认记录本已打印",
    "send": "报送", "void": "作废", "answers": "收回执", "take": "收批次", "token": "发令牌",
    "token_off": "收回令牌", "again": "重新报送", "describe": "修改单位名称和网址",
    "depart": "转出在途", "go": "转出办结", "stay": "解锁，留在本站", "come": "转入", "file": "取得转移包", "receipt": "导入回执",
    "answer": "取得回执", "disclaim": "出具未接收证明", "give_back": "退回接收的人", "follow": "本人转到别的工作站", "dissolve": "撤站",
    "make_key": "生成密钥", "by_hand": "代为签到签退", "retime": "改排班时间", "design": "据此设计项目",
}  # fmt: skip

# What a picker looks in, per table; a table not listed cannot be picked.
PICKS: dict[str, str] = {
    "volunteers": "name card_no",
    "stations": "name",
    "divisions": "name code",
    "projects": "name",
    "posts": "name project.name",
    "households": "name building",
    "recipients": "name household.building",
    "visits": "household.name",
    "needs": "content household.name household.building recipient.name",
    "activities": "name",
    "records": "volunteer.name volunteer.card_no",
    "reward_items": "name",
    "sheets": "activity.name",
    "notices": "title",
    "measures": "name provider",
    "trainings": "name",
    "training_plans": "station.name division.name",
    "spot_checks": "title",
    "meetings": "theme",
    "teams": "name organisation",
    "units": "name",
    "pairings": "unit.name",
}


def as_json(rows: list[dict[str, Any]]) -> Response:
    """The answer to a picker."""
    return Response(json.dumps(rows, ensure_ascii=False), mimetype="application/json")


def look_up(model: type[BaseModel], words: str, where: list[Any]) -> list[dict[str, Any]]:
    """At most `LOOKUP_ROWS` rows of the person's division that match, newest first, as id and text."""
    if not may_pick(model.resource):
        abort(403)
    key = model._meta.primary_key
    conditions = [within(model, actor()), *where, *lists.matching(model, PICKS[model.resource].split(), words)]
    # The end of a card number is what people read out: whoever's ends so comes first.
    if model is Volunteer:
        order = [Volunteer.card_no.endswith(words.strip()).desc(), Volunteer.name]
    else:
        order = model.nearest(actor()) if hasattr(model, "nearest") else [key.desc()]
    rows = list(model.select().where(*conditions).order_by(*order).limit(LOOKUP_ROWS))
    named = model.in_full(rows) if hasattr(model, "in_full") else {}
    return [{"id": row._pk, "text": named.get(row._pk) or cells.called(row)} for row in rows]

"""异地转移 (方案 二(5)): screens of what leaves for another installation and what arrives; the files between them."""

from pathlib import Path
from typing import Any, ClassVar

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose

from models import clock
from models.hours import Balance
from models.jobs import Job
from models.peers import Peer
from models.refusals import NotFound, Refusal, refuse
from models.scope import Actor, find
from models.seen import as_seen
from models.transfer import (
    Arrival,
    Brought,
    Departure,
    answer_of,
    disclaim,
    give_back,
    glance,
    package,
    receive,
    said_of,
    take_receipt,
)
from models.transfer_in import Arriver
from models.transfer_out import STAYS, Leaver
from models.transfer_wire import reachable, standing
from models.volunteers import Volunteer
from rules.reading import clean
from views import jobs, uploads
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.hours import in_hours
from views.named import Named
from views.seen import revisions
from views.wording import worded
from views.work import kind

LINES = 50  # people on one page of a detail
PACKAGE, RECEIPT = "package.svst", "receipt.svsr"  # what a job calls the file that it was handed
AT_ONCE = 20  # people whom a move packs or takes while one waits for the page; more than these are a job
# moves that are work for each person
LONG = {"pack": "departures", "reopen": "departures", "concede": "departures", "take": "arrivals"}


# Groups of a departure's page in which nothing stands yet.
UNTOUCHED = {"asked": ("包裹", "回执"), "cancelled": ("包裹", "回执"), "flying": ("回执",)}
TONES = {"asked": "waiting", "flying": "waiting", "shown": "waiting", "taken": "good", "declined": "bad"}  # of one person


class TransferScreen(StageView):
    """What the screens of both directions share: people a page at a time, and moves of many as jobs."""

    def handed_on(self, name: str, keys: list[str]) -> Job | None:
        if name not in LONG or len(keys) != 1:
            return None
        row, by = find(self.model, keys[0], actor()), actor()
        move, reason = self.moves_by_name[name], request.form.get("reason", "")
        # What is not to be done is refused at once, not by a job.
        if row.people <= AT_ONCE or name not in [one.name for one in row.legal_moves(by)]:
            return None
        if move.reason and (not reason.strip() or (name == "reopen" and row.may_reopen(by))):
            return None
        title, page = f"{move.label}：{row}", f"{self.endpoint}.details_view"
        said = {"move": name, "row": row.id, "page": page, "seen": revisions().get(str(row.id)), "reason": reason}
        return jobs.start("transfer_move", title, **said)

    def people(self, row: Any, lines: Any) -> dict[str, Any]:
        """One page of the people in a package, and which it is."""
        last = max(0, (row.people - 1) // LINES)
        page = max(0, min(request.args.get("people", 0, type=int), last))
        model = lines.model
        mine = lines.where(model.n > page * LINES, model.n <= (page + 1) * LINES).order_by(model.n)
        return {"lines": list(mine), "hours": in_hours, "tones": TONES, "page": page, "last": last, "size": LINES}


class DepartureScreen(TransferScreen):
    model = Departure
    title = "转出"
    step = "招募注册"
    columns = "id volunteer.name people peer.name receiver_name reason made_at expires_at station state"
    filter_by = "state station"
    one_by_one = True
    list_template = "desk/departures.html"
    details_template = "desk/departure.html"
    form_groups = [("转给谁", "peer receiver_name"), ("转出谁", "volunteer whole_station reason")]
    detail_groups = [
        ("转出单", "peer receiver_name volunteer whole_station reason people state station"),
        ("包裹", "package_no made_at expires_at free_at policy digest"),
        ("回执", "answered_at outcome"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "overdue": Named("在途超期未回执", Departure.overdue, "head supervisor"),
        "clash": Named("解锁后又收到回执", Departure.clashing, "head supervisor"),
    }
    empty = "没有转出。志愿者搬到别的单位去，在这里提出；站长审核打包，把转移包交给对方，收到签名的回执后办结。"

    def pickable(self, name: str) -> list[Any]:
        return {"volunteer": [Volunteer.state.in_(STAYS)], "peer": [Peer.state == "confirmed"]}.get(name, [])

    def more(self, row: Departure) -> dict[str, Any]:
        page = self.people(row, Leaver.select(Leaver, Volunteer).join(Volunteer).where(Leaver.departure == row.id))
        if row.state == "asked":
            _as_they_stand(page["lines"])
        return page | {"untouched": UNTOUCHED.get(row.state, ())} | {
            "sums": row.sums or {}, "late": row.state == "flying" and row.expires_at < clock.now(),
            "elsewhere": [one.says for one in row.may_concede(actor())] if row.state == "clash" else [],
        }  # fmt: skip

    @expose("/file/<int:key>")
    @right("file")
    def file_view(self, key: int) -> Response:
        """The package in flight, to be carried to the receiver."""
        try:
            lines = package(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        row = Departure.get_by_id(key)
        name = f"transfer-{str(row.package_no)[:12]}.svst"
        return Response("".join(f"{line}\n" for line in lines), mimetype="text/plain", headers=_attached(name))

    @expose("/send/", methods=("POST",))
    @right("file")
    def send_view(self) -> Any:
        """The package in flight, posted to the receiver's installation by a job."""
        row = find(Departure, request.form.get("id", type=int), actor())
        try:
            reachable(row)
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=row.id))
        job = jobs.start("transfer_send", f"送出{row}", departure=row.id, station=clean(request.form.get("station", ""))[:80])
        return redirect(url_for("jobs.details_view", id=job.id))

    @expose("/receipt/", methods=("GET", "POST"))
    @right("receipt")
    def receipt_view(self) -> Any:
        """The receiver's signed answer: it closes the package or unlocks the people in it."""
        if request.method == "POST":
            try:
                token, by = _text(uploads.received(uploads.RECEIPT).data), actor()
                row, _ = said_of(token, by)
                if row.people > AT_ONCE and row.answer != token.strip() and row.state != "reopened":
                    files = {RECEIPT: token.encode()}
                    job = jobs.start("transfer_receipt", f"导入回执：{row}", files, row=row.id)
                    return redirect(url_for("jobs.details_view", id=job.id))
                row = take_receipt(token, by)
            except Refusal as no:
                flash(str(no), "bad")
            else:
                said = "已按回执办理，%(row)s现在是「%(state)s」。"
                flash(worded(said, row=row, state=row.state_label), "bad" if row.state == "clash" else "good")
                return redirect(self.get_url(".details_view", id=row.id))
        return self.render("desk/transfer_file.html", asks="导入回执", kind=uploads.RECEIPT)


class ArrivalScreen(TransferScreen):
    model = Arrival
    title = "转入"
    step = "招募注册"
    columns = "id sender_name peer.name people made_at decided_at station state"
    filter_by = "state station"
    one_by_one = True
    list_template = "desk/arrivals.html"
    details_template = "desk/arrival.html"
    detail_groups = [
        ("转入单", "sender_name peer package_no people made_at expires_at state station"),
        ("办理", "decided_at outcome"),
    ]
    empty = "没有转入。收到别的单位的转移包，点「读入转移包」核对签名、查看人员和工时，再由另一位站长接收。"

    def _action_label(self, action: str) -> str:
        return "读入转移包" if action == "read" else super()._action_label(action)

    def more(self, row: Arrival) -> dict[str, Any]:
        return self.people(row, Arriver.select().where(Arriver.arrival == row.id)) | {
            "untouched": ("办理",) if row.state == "shown" else (),
            "sums": row.sums or {}, "carried": standing(row.id) if row.answer else None,
            "late": row.state == "shown" and row.expires_at < clock.now(),
        }  # fmt: skip

    @expose("/read/", methods=("GET", "POST"))
    @right("read")
    def read_view(self) -> Any:
        """A package is verified and shown; nothing of it is in the ledgers before the head takes it."""
        if request.method == "POST":
            try:
                sent = uploads.received(uploads.PACKAGE)
                text, by = _text(sent.data), actor()
                row, people = glance(text, by)
                if row is None and people > AT_ONCE:
                    job = jobs.start("transfer_read", f"读入转移包：{sent.name}"[:120], {PACKAGE: sent.data})
                    return redirect(url_for("jobs.details_view", id=job.id))
                row = receive(text, by)
            except Refusal as no:
                flash(str(no), "bad")
            else:
                return redirect(self.get_url(".details_view", id=row.id))
        return self.render("desk/transfer_file.html", asks="读入转移包", kind=uploads.PACKAGE)

    @expose("/answer/<int:key>")
    @right("answer")
    def answer_view(self, key: int) -> Response:
        """The signed receipt or refusal, to be carried back to the sender."""
        try:
            token = answer_of(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        name = f"receipt-{find(Arrival, key, actor()).package_no[:12]}.svsr"
        return Response(token, mimetype="text/plain", headers=_attached(name))

    @expose("/give-back/<int:key>", methods=("GET", "POST"))
    @right("give_back")
    def give_back_view(self, key: int) -> Any:
        """People who were taken and should not have been: chosen, shown with what leaves the account, and given back."""
        row = find(Arrival, key, actor())
        if request.method == "POST":
            numbers = [n for n in request.form.getlist("n", type=int) if 0 < n <= row.people]
            try:
                give_back(row.id, numbers, request.form.get("reason", ""), actor())
            except Refusal as no:
                flash(str(no), "bad")
            else:
                flash(worded("已退回 %(count)s 人。请把新的回执发回原单位，对方据此收回。", count=len(numbers)), "good")
                return redirect(self.get_url(".details_view", id=row.id))
        taken = Arriver.select().where(Arriver.arrival == row.id, Arriver.status == "taken")
        return self.render(
            "desk/transfer_return.html", row=row, reason=request.form.get("reason", ""),
            chosen=request.form.getlist("n", type=int), more=self.people(row, taken),
        )  # fmt: skip

    @expose("/disclaim/", methods=("GET", "POST"))
    @right("disclaim")
    def disclaim_view(self) -> Any:
        """A signed word that a package which never came was not taken and never will be."""
        typed = {name: request.form.get(name, "") for name in ("package_no", "sender", "reason")}
        if request.method == "POST":
            try:
                row = disclaim(typed["package_no"], typed["sender"], typed["reason"], actor())
            except Refusal as no:
                flash(str(no), "bad")
            else:
                return redirect(self.get_url(".details_view", id=row.id))
        peers = list(Peer.select().where(Peer.state == "confirmed").order_by(Peer.name).limit(LINES))
        return self.render("desk/transfer_disclaim.html", typed=typed, peers=peers)


class BroughtScreen(StageView):
    model = Brought
    title = "转入档案"
    step = "招募注册"
    columns = "volunteer.name volunteer.card_no kind day title minutes source"
    filter_by = "kind day"
    detail_groups = [("转入档案", "volunteer kind day title minutes source")]
    empty = "没有转入档案。从别的单位转入的志愿者，以往的服务记录、参训、资质和嘉许列在这里，不重复公示和统计。"


@kind("transfer_move", lambda asked: (asked["move"], LONG[asked["move"]]))
def move_many(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Pack, take or unlock many people: one move in one transaction, whole or not at all."""
    model: type[Departure | Arrival] = Departure if LONG[job.params["move"]] == "departures" else Arrival
    key, at = job.params["row"], job.params["seen"]
    with as_seen(model, {str(key): at} if at is not None else {}, by):
        row = model.move(key, job.params["move"], by, job.params.get("reason", ""), progress=job.progress)
    return "", {"人数": row.people, "结果": row.outcome or worded(row.state_label)}


@kind("transfer_read", lambda asked: ("read", "arrivals"))
def read_many(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Verify a package of many people and keep it to be shown: whole or not at all. Its file does not stay."""
    row = receive(_handed(folder / PACKAGE), by, job.progress)
    return "", {"转入单": row.id, "人数": row.people, "结果": worded(row.state_label)}


@kind("transfer_receipt", lambda asked: ("receipt", "departures"))
def answer_many(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Close or unlock a package of many people by its receipt: whole or not at all."""
    row = take_receipt(_handed(folder / RECEIPT), by, job.progress)
    return "", {"人数": row.people, "结果": row.outcome or worded(row.state_label)}


def _handed(path: Path) -> str:
    """The text that the form sent, which lies in the clear no longer than until it is read."""
    try:
        return path.read_text("ascii")
    finally:
        path.unlink()


def _as_they_stand(lines: list[Leaver]) -> None:
    """Before anything is packed: what these people have now, which is what they will take along."""
    held = {row.volunteer_id: row for row in Balance.select().where(Balance.volunteer.in_([one.volunteer_id for one in lines]))}
    for line in lines:
        if (row := held.get(line.volunteer_id)) is not None:
            line.honour, line.exchangeable, line.debt = row.honour, row.exchangeable, row.debt


def _text(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise refuse("这不是转移包或回执文件，请选对方系统导出的文件。", "file") from None


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}

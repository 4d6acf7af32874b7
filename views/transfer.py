"""异地转移 (方案 二(5)): screens of what leaves for another installation and what arrives; the files between them."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose

from models.peers import Peer
from models.refusals import NotFound, Refusal, refuse
from models.scope import find
from models.transfer import Arrival, Brought, Departure, answer_of, disclaim, package, receive, take_receipt
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
from views.wording import worded

LINES = 100  # people that a detail lists


class DepartureScreen(StageView):
    model = Departure
    title = "转出"
    step = "招募注册"
    columns = "id peer.name receiver_name people reason made_at expires_at station state"
    filter_by = "state station"
    one_by_one = True
    list_template = "desk/departures.html"
    details_template = "desk/departure.html"
    form_groups = [("转给谁", "peer receiver_name"), ("转出谁", "volunteer whole_station reason")]
    detail_groups = [
        ("转出单", "peer receiver_name volunteer whole_station reason people state station"),
        ("包裹", "package_no made_at expires_at digest"),
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
        lines = Leaver.select(Leaver, Volunteer).join(Volunteer).where(Leaver.departure == row.id)
        more = max(0, row.people - LINES)
        return {"lines": list(lines.order_by(Leaver.n).limit(LINES)), "hours": in_hours, "unlisted": more}

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
                row = take_receipt(_text(uploads.received(uploads.RECEIPT).data), actor())
            except Refusal as no:
                flash(str(no), "bad")
            else:
                said = "已按回执办理，%(row)s现在是「%(state)s」。"
                flash(worded(said, row=row, state=row.state_label), "bad" if row.state == "clash" else "good")
                return redirect(self.get_url(".details_view", id=row.id))
        return self.render("desk/transfer_file.html", asks="导入回执", kind=uploads.RECEIPT)


class ArrivalScreen(StageView):
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

    def more(self, row: Arrival) -> dict[str, Any]:
        lines = Arriver.select().where(Arriver.arrival == row.id).order_by(Arriver.n)
        carried = standing(row.id) if row.answer else None
        return {
            "lines": list(lines.limit(LINES)), "hours": in_hours, "sums": row.sums or {}, "carried": carried,
            "unlisted": max(0, row.people - LINES),
        }  # fmt: skip

    @expose("/read/", methods=("GET", "POST"))
    @right("read")
    def read_view(self) -> Any:
        """A package is verified and shown; nothing of it is in the ledgers before the head takes it."""
        if request.method == "POST":
            try:
                row = receive(_text(uploads.received(uploads.PACKAGE).data), actor())
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


def _text(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise refuse("这不是转移包或回执文件，请选对方系统导出的文件。", "file") from None


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}

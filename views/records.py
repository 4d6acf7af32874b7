"""服务记录 (方案 二(5)): records, and the correction of a posted one."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose
from peewee import fn

from models import clock
from models.anomalies import Anomaly, AnomalyLine, disturbed, standing
from models.assessments import Assessment, unassessed
from models.complaints import Complaint
from models.corrections import Correction
from models.keying import Draft, judge
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.scope import within
from models.stations import Station
from rules.access import Role
from rules.assessments import SCORES, SIDES
from rules.months import first_day, month_of, next_month
from views import decisions
from views.asking import actor
from views.base import StageView
from views.gate import named_move, right
from views.named import Named
from views.waiting import condition
from views.wording import worded

MOST_AT_ONCE = 2000  # records that one press publishes or approves


class ServiceRecordScreen(StageView):
    model = ServiceRecord
    title = "服务记录"
    step = "记录台账"
    columns = (
        "started_at ends volunteer.name volunteer.card_no activity.name minutes content quality backfilled "
        "station state"
    )
    search = "volunteer.name volunteer.card_no"
    filter_by = "state station started_at backfilled"
    sortable = "started_at"
    ledger = "records"
    takes_in = "records"
    detail_groups = [
        ("服务", "volunteer activity started_at ended_at travel_minutes minutes content quality remark"),
        ("登记", "state station sheet origin backfilled notice policy format_policy returned_for entered_at"),
    ]
    list_template = "desk/records.html"
    details_template = "desk/record.html"
    named: ClassVar[dict[str, Named]] = {
        "disturbed": Named("异常未办结", lambda by: ServiceRecord.id.in_(disturbed())),
        "without_photo": Named("缺签到表照片", ServiceRecord.without_photo, "recorder"),
        "unassessed": Named("该评未评", unassessed, "recorder"),
    }
    empty = "还没有服务记录。到「活动」里选一次活动，录入签到表；也可以从表格导入。"

    def shown_columns(self) -> list[str]:
        """Where the page says what was checked, that needs the room: all that waits is in one state."""
        names = super().shown_columns()
        if not request.args.get("waiting") and request.args.get("list") != "disturbed":
            return names
        return [n for n in names if n not in ("volunteer.card_no", "state", "backfilled")]

    def all_at_once(self) -> list[tuple[Any, int]]:
        """Moves of the head's that can be made on everything that waits, and how many rows that is."""
        by = actor()
        if by.role != Role.HEAD:
            return []
        offers = []
        for name, state in (("approve", "submitted"), ("notice", "approved")):
            move = ServiceRecord.life.move(name)
            some = ServiceRecord.select(ServiceRecord.id).where(condition(ServiceRecord, move, state, by))
            count = ServiceRecord.select(fn.COUNT(1)).from_(some.limit(MOST_AT_ONCE)).scalar()
            if count:
                offers.append((move, count))
        return offers

    def not_due(self) -> str:
        """How many approved records wait for their month's end before they may hang out, and till when; mostly blank."""
        by = actor()
        if by.role != Role.HEAD:
            return ""
        waiting = ServiceRecord.select(ServiceRecord.id).where(
            ServiceRecord.state == "approved", within(ServiceRecord, by), ~ServiceRecord.publishable(by)
        )
        count = ServiceRecord.select(fn.COUNT(1)).from_(waiting.limit(MOST_AT_ONCE)).scalar()
        first = first_day(next_month(month_of(clock.today())))
        said = "还有 %(count)s 条等到月末，%(day)s 起公示。"
        return worded(said, count=count, day=first) if count else ""

    @expose("/all/", methods=("POST",))
    @right(named_move)
    def all_view(self) -> Response:
        """One move on everything that waits for it, oldest first, all or none."""
        by = actor()
        name = request.form.get("move", "")
        source = {"approve": "submitted", "notice": "approved"}.get(name, "")
        if source:
            move = ServiceRecord.life.move(name)
            waiting = ServiceRecord.select(ServiceRecord.id).where(condition(ServiceRecord, move, source, by))
            try:
                done = move_all([r.id for r in waiting.order_by(ServiceRecord.id).limit(MOST_AT_ONCE)], name, by)
                said = worded("已%(move)s %(count)s 条。", move=worded(move.label), count=done)
                flash(said + (self.not_due() if name == "notice" else ""), "good")
            except Refusal as no:
                flash(f"{no}　{worded('没有办理任何一条，请先单独处理这一条。')}", "bad")
        return redirect(self.get_url(".index_view"))

    def vouch(self, rows: list[ServiceRecord]) -> dict[Any, str]:
        """What the format checks say of each line now, judged together in a handful of queries."""
        said: dict[Any, str] = {}
        odd = standing([row.id for row in rows])
        for station in Station.select().where(Station.id.in_({row.station_id for row in rows})):
            some = [row for row in rows if row.station_id == station.id and row.state == "submitted"]
            photos = ServiceRecord.photos_lacking(some)
            for row, found in zip(some, judge([Draft.of(row) for row in some], actor(), station), strict=True):
                wrong = [finding.says for finding in [*found, *photos.get(row.id, [])]]
                wrong += [odd[row.id]] if row.id in odd else []
                said[row.id] = "；".join(wrong) or worded("格式、时间、重叠、上限、异常都已核对")
        return said

    def more(self, row: ServiceRecord) -> dict[str, Any]:
        return {
            "corrections": list(Correction.select().where(Correction.record == row.id).order_by(Correction.id)),
            "can_correct": row.state == "posted" and self.may("enter"),
            "can_object": row.state == "noticed" and self.may("enter") and not row.notice.is_over,
            "assessments": {one.side: one for one in Assessment.select().where(Assessment.record == row.id)},
            "sides": SIDES, "scores": [(name, Assessment.label(name)) for name in SCORES],
            "can_assess": self.may("enter") and row.state not in ("draft", "void", "reversed"),
            "anomalies": list(
                Anomaly.select().join(AnomalyLine).where(AnomalyLine.record == row.id).order_by(Anomaly.id)
            ),
            "complaints": Complaint.proven([row.id]),
            "lacking": ServiceRecord.photos_lacking([row]).get(row.id, []) if row.state in ("draft", "returned", "submitted") else [],
            "can_complain": self.may("enter") and row.state != "draft", "decisions": decisions.shown(row),
        }  # fmt: skip

    @expose("/correct/", methods=("POST",))
    @right("enter", "corrections")
    def correct_view(self) -> Response:
        """Ask for a posted record to be taken back; another person approves."""
        key = request.form.get("id", type=int)
        try:
            asked = Correction.enter(actor(), record=key, reason=request.form.get("reason", "").strip())
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        flash(worded("已申请冲正，等待另一位站长批准。"), "good")
        return redirect(url_for("corrections.details_view", id=asked.id))


# Groups of a correction's page that stand there once something of them is known: what must be, for each.
BEGINS = {"告知本人": ("told_on", "reported_on"), "申诉": ("appealed_on",)}


class CorrectionScreen(StageView):
    model = Correction
    title = "更正"
    step = "记录台账"
    columns = (
        "record.volunteer.name record.started_at record.minutes reason decision appealed_on station state entered_at"
    )
    filter_by = "state station"
    detail_groups = [
        ("记录", "record.volunteer record.activity record.started_at record.minutes record.state"),
        ("更正", "reason state station entered_at decision answer decided_on policy"),
        ("告知本人", "told_how told_on reported_how reported_on"),
        ("申诉", "appeal_reason appealed_on outcome review reviewer restored"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "online": Named("本人网上申请，待办", Correction.asked_online, "recorder head")
    }
    details_template = "desk/correction.html"
    empty = "没有更正。已入账的记录有错时，在记录页面申请冲正。"

    def more(self, row: Correction) -> dict[str, Any]:
        said = []
        if row.state in ("approved", "refused", "told"):
            said = [worded("不服决定的，可以在 %(day)s 以前申诉一次，由县级督导复核。", day=row.appeal_until())]
        elif row.state == "appealed":
            said = [row.if_overturned()]
        would = row.would()
        return {
            "would": would, "appeal": said, "decisions": decisions.shown(row), "foreseen": row.foreseen or {},
            "consequences": would if row.state == "asked" else [],
            "untouched": [title for title, names in BEGINS.items() if not any(getattr(row, n) for n in names)],
        }

"""A row of each table of 做好记录、建立台帐 beyond the records themselves: assessment, complaint, anomaly, month close."""

from datetime import time

from cast import Cast
from models import clock
from models.account_checks import AccountCheck
from models.anomalies import Anomaly, AnomalyLine
from models.assessments import Assessment
from models.closes import Figures, MonthClose
from models.complaints import Complaint
from models.keying import key_in
from models.records import move_all
from models.volunteers import Volunteer


def add(cast: Cast, keys: dict) -> None:
    someone = Volunteer.get_by_id(keys[Volunteer])
    activity = cast.activity(starts_at=time(14), ends_at=time(18))
    (record,) = key_in([cast.draft(someone, activity, "14:00", "14:30")], cast.recorder)
    move_all([record.id], "submit", cast.recorder)
    said = {"record": record.id, "side": "lead", "quality": "2", "said_by": "赵敏"}
    keys[Assessment] = Assessment.enter(cast.recorder, **said).id
    keys[Complaint] = Complaint.enter(cast.recorder, said_by="王阿姨", record=record.id, reason="提前离开").id
    line = AnomalyLine.get(AnomalyLine.record == record.id)
    keys[Anomaly], keys[AnomalyLine] = line.anomaly_id, line.id
    keys[MonthClose] = MonthClose.create(
        station=cast.a.id, month="2000-01", last_seq=0, closed_by=cast.head.account_id, closer=cast.head.name,
        closed_at=clock.now(), **Figures().__dict__,
    ).id  # fmt: skip
    check = AccountCheck.create(station=cast.a.id, checked_at=clock.now(), entries=0, ok=True)
    keys[AccountCheck] = check.id

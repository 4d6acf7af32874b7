"""Walks through complaints, anomalies and the appeal of a correction."""

from datetime import time

from models.anomalies import Anomaly
from models.complaints import Complaint
from models.corrections import Correction
from models.keying import key_in
from models.records import move_all
from walks import Walk


def a_correction(cast):
    (record,) = cast.posted(cast.registered(), minutes=60)
    return Correction, Correction.enter(cast.recorder, record=record.id, reason="重复登记").id


def a_complaint(cast):
    (record,) = cast.posted(cast.registered(), minutes=60)
    return Complaint, Complaint.enter(cast.recorder, said_by="王阿姨", record=record.id, reason="中途离开").id


def an_anomaly(cast):
    """Somebody was there for a small part of the activity."""
    activity = cast.activity(starts_at=time(9), ends_at=time(12))
    (row,) = key_in([cast.draft(cast.registered(), activity, "09:00", "09:40")], cast.recorder)
    move_all([row.id], "submit", cast.recorder)
    return Anomaly, Anomaly.get().id


ANSWERS = {
    "uphold": {"findings": "查看了签到表", "measure": "当面提醒"},
    "reply": {"reply": "已电话说明核查经过"},
    "dismiss": {"findings": "与事实不符"},
    "explain": {"explanation": "本人临时有事先走"},
}


TOLD = {"tell": {"told_how": "phone"}, "report": {"reported_how": "in_person"}}
WALKS = [
    Walk("corrections", a_correction, "approve:head tell:head appeal:recorder uphold:county report:recorder", TOLD),
    Walk("corrections", a_correction, "approve:head appeal:recorder overturn:county report:head", TOLD),
    Walk("corrections", a_correction, "refuse:head tell:recorder appeal:recorder uphold:county", TOLD),
    Walk("corrections", a_correction, "refuse:head appeal:recorder overturn:county"),
    Walk("complaints", a_complaint, "take:head uphold:head reply:head", ANSWERS),
    Walk("complaints", a_complaint, "take:county dismiss:county reply:county", ANSWERS),
    Walk("anomalies", an_anomaly, "explain:recorder pass:head", ANSWERS),
    Walk("anomalies", an_anomaly, "explain:recorder return:head", ANSWERS),
    Walk("anomalies", an_anomaly, "return:head"),
    Walk("anomalies", an_anomaly, "lapse:system"),
]  # fmt: skip

"""A row of station A, or of its county, of each table of 汇入平台."""

from models.upwards import UpwardBatch, UpwardLink, UpwardRecord, allowed
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender


def add(cast, keys) -> None:
    said = {"station": cast.a.id, "division": "530102001001", "target": "provincial"}
    batch = UpwardBatch.create(**said, number="530102001001-1-P20260101-0001", who="张站长", state="made", records=1)
    keys[UpwardBatch] = batch.id
    keys[UpwardRecord] = UpwardRecord.create(
        station=cast.a.id, target="provincial", kind="post", row=1, called="助餐", digest="0" * 64, batch=batch.id
    ).id
    allowed.open(["zyz.example.gov.cn"])
    keys[UpwardLink] = UpwardLink.enter(cast.head, target="provincial", url="https://zyz.example.gov.cn", token="t" * 40).id
    allowed.open([])


def above(cast, keys) -> None:
    """What the county received: no station's."""
    sender = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001", station_code="")
    keys[UpwardSender] = sender.id
    received = ReceivedBatch.create(sender=sender.id, number="x-1", target="provincial", digest="0" * 64, how="file")
    keys[ReceivedBatch] = received.id
    keys[ReceivedRecord] = ReceivedRecord.create(
        sender=sender.id, batch=received.id, station_code="530102001001-1", kind="post", record="1", digest="0" * 64, data="{}"
    ).id

"""汇入 by the hundred: however many records are made, answered or received, the database is asked the same few times."""

from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries
from upward_records import batch, deletion, service, volunteer

from cast import person
from models import clock
from models.upwards import UpwardBatch, UpwardRecord
from models.upwards_batches import take_answers
from models.upwards_in import ReceivedRecord, UpwardSender
from models.upwards_receive import receive
from models.upwards_sweep import sweep
from models.volunteers import Volunteer, next_card_no
from views.upwards_work import make

FEW, MANY = 10, 200
numbers = iter(range(1000))
ANSWERING, RECEIVING, MAKING = 12, 16, 64  # statements at most, of a batch of either size


@pytest.fixture(autouse=True)
def _trusted_clock(cast, monkeypatch):
    """Found right once: whether its five seconds are over is no statement of what is counted here."""
    monkeypatch.setattr(clock, "TRUSTED", timedelta(hours=1))
    clock.check()


@pytest.fixture
def above(cast):
    return UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")


def answered(cast, count: int) -> int:
    """How many statements the answers to a batch of so many records take; every third is refused."""
    made = UpwardBatch.create(
        number=f"b-{next(numbers)}", station=cast.a.id, division="530102001001", who="张站长", state="made", records=count
    )
    rows = [
        {"station": cast.a.id, "target": "provincial", "kind": "post", "row": made.id * 1000 + n, "digest": f"{n:064x}",
         "sent_digest": f"{n:064x}" if n % 7 else "0" * 63 + "x", "batch": made.id}
        for n in range(count)
    ]  # fmt: skip
    UpwardRecord.insert_many(rows).execute()
    said = [
        {"station": f"530102001001-{cast.a.id}", "type": "post", "id": str(row["row"]), "digest": row["sent_digest"]}
        | ({"state": "accepted"} if n % 3 else {"state": "refused", "reason": f"第 {n} 条的岗位没有项目"})
        for n, row in enumerate(rows)
    ]  # fmt: skip
    with count_queries() as counted:
        done = take_answers(made.id, said, cast.head)
    assert done.accepted + done.refused == count and done.unknown == 0
    for n, row in enumerate(UpwardRecord.select().where(UpwardRecord.batch == made.id).order_by(UpwardRecord.row)):
        changed = n % 7 == 0  # since it was sent
        assert row.state == ("waiting" if changed else "accepted" if n % 3 else "refused")
        assert row.accepted_digest == (row.sent_digest if n % 3 else "")
        assert row.reason == ("" if n % 3 else f"第 {n} 条的岗位没有项目")
    return counted.count


def test_answers_are_written_in_as_many_statements_for_two_hundred_as_for_ten(cast):
    few, many = answered(cast, FEW), answered(cast, MANY)
    assert few == many <= ANSWERING


def received(above, records: list[dict]) -> int:
    with count_queries() as counted:
        took = receive(above, batch(f"x-{next(numbers)}", records), "http")
    assert took.refused == 0 and took.accepted == len(records)
    return counted.count


@pytest.mark.parametrize("kind", [volunteer, lambda n, **more: service(n, n, **more)], ids=["volunteers", "services"])
def test_what_comes_in_new_changed_and_deleted_takes_as_many_statements_for_two_hundred_as_for_ten(above, kind):
    everybody = [volunteer(n) for n in range(MANY + FEW)]
    receive(above, batch("first", everybody), "http")
    told = {}
    for name, first, count in (("few", 0, FEW), ("many", FEW, MANY)):
        numbers = range(first, first + count)
        told[name] = [
            received(above, [kind(n) for n in numbers]),
            received(above, [kind(n, speciality="书法") if kind is volunteer else kind(n, content="打扫") for n in numbers]),
            received(above, [deletion(kind(n)) for n in numbers]),
        ]
        assert ReceivedRecord.select().where(ReceivedRecord.deleted_at.is_null(False)).count() == sum(map(len, [range(first + count)]))
    assert told["few"] == told["many"] and max(told["many"]) <= RECEIVING, told


def people(cast, count: int, first: int) -> None:
    rows = []
    for n in range(first, first + count):
        told = person(f"李{chr(0x4E00 + n)}") | {"gender": "1", "speciality": "理发", "categories": ["01"], "residence": "530102"}
        birth = f"{told['document_number'][6:10]}-{told['document_number'][10:12]}-{told['document_number'][12:14]}"
        gender = "1" if int(told["document_number"][16]) % 2 else "2"
        rows.append(told | {
            "station": cast.a.id, "state": "registered", "registered_on": clock.today(), "birth_date": birth, "gender": gender,
            "document_index": Volunteer.document_index.made(told["document_number"]), "card_no": next_card_no(cast.a.id),
        })  # fmt: skip
    Volunteer.insert_many(rows).execute()


def test_a_batch_is_made_in_as_many_statements_for_two_hundred_as_for_ten(cast, tmp_path):
    told = []
    for first, count in ((0, FEW), (FEW, MANY)):
        people(cast, count, first)
        with count_queries() as counted:
            (made,) = make(cast.head, "provincial", tmp_path)
        assert made.records == count
        told.append(counted.count)
    assert told[0] == told[1] <= MAKING
    Volunteer.update(speciality="书法").execute()
    with count_queries() as counted:
        sweep([cast.a.id], "provincial")
    assert counted.count <= MAKING

"""Two installations, one on SQLite and one on PostgreSQL, hand each other a thousand people and back: every figure is what
it was."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from walks_signing import SAID

from cast import KEY, person, settle
from models import clock, policy, signing, transfer
from models.base import connect, database
from models.consents import Consent
from models.courses import Attendance, Training
from models.fields import keyring
from models.honours import Honour
from models.hours import Balance, Lot, Writer
from models.peers import Peer
from models.records import ServiceRecord
from models.schema import upgrade
from models.scope import SYSTEM
from models.stars import StarGrant
from models.training import Qualification
from models.transfer import Arrival, Brought, Departure
from models.verifying import verify
from models.volunteers import Volunteer, next_card_no

PEOPLE = 1000
DAY = datetime(2026, 3, 5, 9)


class Installation:
    """One database with its own keys and its own cast."""

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name = url, name
        with self.open():
            upgrade()
            self.cast = settle()
            clock.Setting.write("installation_name", name)
            self.card = json.dumps(signing.public_card(), ensure_ascii=False)

    @contextmanager
    def open(self) -> Iterator[None]:
        keyring.open(KEY)
        connect(self.url)
        database.connect(reuse_if_open=True)
        try:
            yield
        finally:
            database.close()

    def trusts(self, other: "Installation") -> None:
        with self.open():
            row = Peer.take_in(other.card, self.cast.admin)
            Peer.move(row.id, "confirm", self.cast.county, **SAID["confirm"])

    def packs(self) -> tuple[int, str]:
        """Its whole station A asked by the recorder and packed by the head: the package as it is carried."""
        with self.open():
            cast = self.cast
            peer = Peer.get(Peer.state == "confirmed").id
            asked = Departure.enter(cast.recorder, whole_station=True, peer=peer, reason="工作站撤销")
            row = Departure.move(asked.id, "pack", cast.head)
            assert not verify()
            return row.id, "\n".join(transfer.package(row.id, cast.recorder))

    def takes(self, package: str) -> str:
        with self.open():
            row = transfer.receive(package, self.cast.recorder)
            row = Arrival.move(row.id, "take", self.cast.head)
            assert row.outcome == f"接收 {PEOPLE} 人。" and not verify()
            return transfer.answer_of(row.id, self.cast.recorder)

    def closes(self, receipt: str) -> None:
        with self.open():
            assert transfer.take_receipt(receipt, self.cast.recorder).state == "closed"
            assert Balance.select().where(Balance.honour + Balance.exchangeable + Balance.debt != 0).count() == 0
            assert not verify()

    def figures(self) -> dict[str, list]:
        """By document what everybody has here: the account, lots, stars, records, training, qualifications, honours."""
        with self.open():
            people = {row.id: row.document_number for row in Volunteer.select().where(Volunteer.state == "registered")}
            found: dict[str, list] = {number: [] for number in people.values()}

            def add(kind: str, rows) -> None:
                for key, *said in rows.tuples():
                    if key in people:
                        found[people[key]].append((kind, *(str(int(v) if isinstance(v, bool) else v) for v in said)))

            add("account", Balance.select(Balance.volunteer, Balance.honour, Balance.exchangeable, Balance.debt))
            lot = Lot.volunteer, Lot.origin, Lot.earned_on, Lot.expires_on, Lot.left, Lot.donation_only
            add("lot", Lot.select(*lot).where(Lot.left > 0))
            star = StarGrant.volunteer, StarGrant.star, StarGrant.certificate_no, StarGrant.recognised_on
            add("star", StarGrant.select(*star).where(StarGrant.state == "recognised"))
            records = ServiceRecord.select(ServiceRecord.volunteer, ServiceRecord.minutes)
            add("record", records.where(ServiceRecord.state == "posted"))
            for kind, name in (("records", "record"), ("trainings", "training")):
                add(name, Brought.select(Brought.volunteer, Brought.minutes).where(Brought.kind == kind))
            add("training", Attendance.select(Attendance.volunteer, Attendance.minutes).where(Attendance.state == "attended"))
            held = Qualification.volunteer, Qualification.kind, Qualification.number, Qualification.granted_on
            add("qualification", Qualification.select(*held).where(Qualification.state == "valid"))
            add("honour", Honour.select(Honour.volunteer, Honour.title, Honour.given_on))
            return {number: sorted(said) for number, said in found.items()}


def populated(home: Installation, people: int) -> None:
    """So many people with all that a package carries, written as the moves would have left it."""
    with home.open(), database.atomic():
        cast, today = home.cast, clock.today()
        activity = cast.activity()
        training = Training.enter(
            cast.recorder, name="急救培训", topic="01", day=today - timedelta(days=1), place="活动室", speaker="赵医生",
            minutes=90,
        )  # fmt: skip
        Training.update(state="held").where(Training.id == training.id).execute()
        writer, stars = Writer.open(cast.a.id), policy.in_force("stars", cast.a, today).key
        for n in range(people):
            birth = date(1950, 1, 1) + timedelta(days=n)
            told = person(f"李{chr(0x4E00 + n)}", birth=birth) | {"gender": "1", "birth_date": birth}
            row = Volunteer(station=cast.a.id, state="registered", registered_on=date(2024, 1, 2), **told)
            row.document_index = Volunteer.document_index.made(row.document_number)
            row.card_no = next_card_no(cast.a.id)
            row.save(force_insert=True)
            Balance.open_for(row)
            Consent(station=cast.a.id, volunteer=row.id, kind="sharing", given_on=today, state="given").save(force_insert=True)
            minutes, moves = 60 + n % 50, []
            record = ServiceRecord(
                station=cast.a.id, volunteer=row.id, activity=activity.id, started_at=DAY, minutes=minutes, state="posted",
                ended_at=DAY + timedelta(minutes=minutes), content="陪伴", quality="1",
            )  # fmt: skip
            record.save(force_insert=True)
            common = {"day": DAY.date(), "kind": "service", "volunteer": row.id, "record": record.id, "debit": "service"}
            moves.append({**common, "credit": "honour", "minutes": minutes, "key": f"r:{record.id}:h"})
            for at, part in enumerate((minutes - 20, 20)):
                lot = Lot(volunteer=row.id, origin="desk", earned_on=DAY.date() + timedelta(days=at), minutes=part, left=0,
                          expires_on=date(2028, 3, 5) if at else None, donation_only=not n % 7 and bool(at))  # fmt: skip
                moves.append({**common, "credit": "exchangeable", "lot": lot, "minutes": part, "key": f"r:{record.id}:{at}"})
            if not n % 9:
                moves.append({**common, "kind": "reversal", "debit": "debt", "credit": "service", "minutes": 5, "key": f"d:{n}"})
            writer.write(moves)
            if not n % 3:
                Attendance(station=cast.a.id, training=training.id, volunteer=row.id, minutes=90, state="attended").save(force_insert=True)
                Qualification(station=cast.a.id, volunteer=row.id, kind="01", number=f"Q{n}", granted_on=today, state="valid",
                              proof="原件已看").save(force_insert=True)  # fmt: skip
            if not n % 5:
                Honour(station=cast.a.id, volunteer=row.id, title="优秀志愿者", level="county", body="县文明办", given_on=today,
                       state="recorded").save(force_insert=True)  # fmt: skip
                StarGrant(station=cast.a.id, volunteer=row.id, star=1, honour_minutes=minutes, why="达到", state="recognised",
                          policy=stars, kept_minutes=minutes, recognised_by="county", certificate_no=f"C{n:05d}", recognised_on=today).save(force_insert=True)  # fmt: skip
        Volunteer.get().trace(SYSTEM, "enter")


@pytest.mark.postgres
def test_a_thousand_people_go_to_another_installation_and_back_and_every_figure_is_what_it_was(tmp_path, postgres_url):
    home = Installation(f"sqlite:///{tmp_path / 'home.db'}", "五华区志愿服务平台")
    away = Installation(postgres_url, "麒麟区志愿服务平台")
    home.trusts(away)
    away.trusts(home)
    populated(home, PEOPLE)
    before = home.figures()
    assert len(before) == PEOPLE
    _, package = home.packs()
    assert not home.figures()
    receipt = away.takes(package)
    home.closes(receipt)
    assert away.figures() == before
    _, package = away.packs()
    receipt = home.takes(package)
    away.closes(receipt)
    assert home.figures() == before and not away.figures()
    with home.open():
        assert Volunteer.select().count() == PEOPLE and not Brought.select().exists()

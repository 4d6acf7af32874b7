"""One person unlocked at home and taken by two others: whichever gives her back, her hours stand in one place alone."""

import pytest
from test_transfer_there_and_back import Installation, populated
from walks_transfer import Other, a_person, agreed, flying

from models import clock, transfer
from models.audit import Trail
from models.hours import Balance
from models.peers import Peer
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.transfer import Arrival, Departure, give_back, receive, take_receipt
from models.transfer_in import Arriver
from models.transfer_out import Leaver
from models.transfer_wire import AnswerSent, due
from models.verifying import verify
from models.volunteers import Claim, Volunteer
from rules.transfer import sums_of

HOME, FIRST, THIRD = "五华区志愿服务平台", "麒麟区志愿服务平台", "红塔区志愿服务平台"
LONG = 60  # days after which a package that nobody answers may be unlocked


class World:
    """Home, the first receiver, and a third; one person who is at home."""

    def __init__(self, folder) -> None:
        self.home, self.first, self.third = (
            Installation(f"sqlite:///{folder / f'{n}.db'}", name) for n, name in enumerate((HOME, FIRST, THIRD))
        )
        for other in (self.first, self.third):
            self.home.trusts(other)
            other.trusts(self.home)
        populated(self.home, 1)
        with self.home.open():
            self.number = Volunteer.get().document_number
            self.honour, self.net = self.standing()

    def later(self, days: int) -> None:
        for at in (self.home, self.first, self.third):
            with at.open():
                clock.move_demo_clock(days)

    def person(self) -> Volunteer:
        return Volunteer.get(Volunteer.document_index.finds(self.number))

    def standing(self) -> tuple[int, int]:
        held = Balance.get_by_id(self.person().id)
        return held.honour, held.exchangeable - held.debt

    def sends(self, to: str) -> tuple[int, str]:
        with self.home.open():
            cast, peer = self.home.cast, Peer.get(Peer.name == to, Peer.state == "confirmed")
            row = Departure.ask([self.person().id], cast.recorder, peer=peer.id, reason="搬家")
            Departure.move(row.id, "pack", cast.head)
            return row.id, "\n".join(transfer.package(row.id, cast.recorder))

    def takes(self, at: Installation, package: str) -> tuple[int, str]:
        with at.open():
            row = Arrival.move(receive(package, at.cast.recorder).id, "take", at.cast.head)
            assert row.outcome == "接收 1 人。"
            return row.id, transfer.answer_of(row.id, at.cast.recorder)

    def gives_back(self, at: Installation, arrival: int) -> str:
        with at.open():
            row = give_back(arrival, [1], "已由别的单位接收", at.cast.head)
            assert row.state == "returned" and not verify()
            return transfer.answer_of(row.id, at.cast.recorder)

    def hears(self, answer: str) -> Departure:
        with self.home.open():
            row = transfer.take_receipt(answer, self.home.cast.recorder)
            assert not verify()
            return row

    def sums(self) -> tuple[int, int]:
        """Over all three: honour minutes, and what is to be spent less what is owed."""
        found = []
        for at in (self.home, self.first, self.third):
            with at.open():
                found.append(self.standing() if Volunteer.select().where(Volunteer.document_index.finds(self.number)).exists() else (0, 0))
                assert not verify()
        return sum(honour for honour, _ in found), sum(net for _, net in found)

    def active(self) -> list[str]:
        found = []
        for at in (self.home, self.first, self.third):
            with at.open():
                stands = Volunteer.document_index.finds(self.number) & (Volunteer.state == "registered")
                found += [at.name] if Volunteer.select().where(stands).exists() else []
        return found


@pytest.fixture
def twice(tmp_path):
    """Taken by the first, unlocked at home for want of its receipt, taken by the third, and then the receipt comes."""
    world = World(tmp_path)
    world.lost, package = world.sends(FIRST)
    world.at_first, world.late = world.takes(world.first, package)
    world.later(LONG)
    with world.home.open():
        Departure.move(world.lost, "reopen", world.home.cast.county, "对方说没有收到")
    world.second, package = world.sends(THIRD)
    world.at_third, answer = world.takes(world.third, package)
    assert world.hears(answer).state == "closed"
    assert world.hears(world.late).state == "clash"
    return world


def test_it_cannot_be_conceded_while_a_third_holds_her_and_is_said_what_to_do(twice):
    assert twice.active() == [FIRST, THIRD] and twice.sums() == (2 * twice.honour, 2 * twice.net)
    with twice.home.open(), pytest.raises(Refusal, match=f"由「{THIRD}」接收，「{FIRST}」也接收过.*退回接收的人"):
        Departure.move(twice.lost, "concede", twice.home.cast.county, "对方已经接收")


def test_the_first_gives_her_back_and_the_clash_is_settled(twice):
    answer = twice.gives_back(twice.first, twice.at_first)
    assert twice.active() == [THIRD] and twice.sums() == (twice.honour, twice.net)
    assert twice.hears(answer).state == "reopened" and twice.hears(answer).state == "reopened"
    with twice.home.open(), pytest.raises(Refusal, match="更晚的回执"):
        transfer.take_receipt(twice.late, twice.home.cast.recorder)
    assert twice.sums() == (twice.honour, twice.net)
    with twice.home.open():
        said = Trail.select().where(Trail.table == "departure", Trail.row == str(twice.lost), Trail.action << ("give_back", "settle"))
        assert {row.action for row in said} == {"give_back", "settle"}
        assert Departure.get_by_id(twice.lost).outcome.endswith("对方接收后又退回 1 人：已由别的单位接收")


def test_the_third_gives_her_back_and_the_late_receipt_is_conceded(twice):
    answer = twice.gives_back(twice.third, twice.at_third)
    assert twice.hears(answer).state == "declined" and twice.active() == [HOME, FIRST]
    with twice.home.open():
        Departure.move(twice.lost, "concede", twice.home.cast.county, "对方已经接收")
    assert twice.active() == [FIRST] and twice.sums() == (twice.honour, twice.net)


def test_what_she_has_served_there_since_stays_there_and_what_she_has_spent_is_owed(twice):
    with twice.first.open():
        cast, person = twice.first.cast, twice.person()
        cast.posted(person, minutes=30)
        RewardItem.enter(cast.head, name="理发", points=1)
        order = Redemption.reserve(person.id, RewardItem.get().id, 1, cast.recorder, "k1")
        for move in ("hand", "confirm"):
            Redemption.move(order.id, move, cast.recorder)
        give_back(twice.at_first, [1], "已由别的单位接收", cast.head)
        held = Balance.get_by_id(person.id)
        assert (held.honour, held.debt > 0) == (30, True) and twice.person().state == "registered" and not verify()
    assert twice.sums() == (twice.honour + 30, twice.net - 60 + 30)


def test_whom_another_of_our_stations_has_claimed_meanwhile_is_conceded_from_there(tmp_path):
    world = World(tmp_path)
    key, package = world.sends(FIRST)
    _, late = world.takes(world.first, package)
    world.later(LONG)
    with world.home.open():
        cast = world.home.cast
        Departure.move(key, "reopen", cast.county, "对方说没有收到")
        claim = Claim.ask("resident_id", world.number, "搬到本社区", cast.recorder_b)
        Claim.move(claim.id, "agree", cast.head)
        assert world.person().station_id == cast.b.id
    assert world.hears(late).state == "clash"
    with world.home.open():
        Departure.move(key, "concede", cast.county, "对方已经接收")
    assert world.active() == [FIRST] and world.sums() == (world.honour, world.net)


def test_given_back_she_may_be_packed_for_the_same_receiver_again(tmp_path):
    world = World(tmp_path)
    _, package = world.sends(FIRST)
    arrival, answer = world.takes(world.first, package)
    world.hears(answer)
    assert world.hears(world.gives_back(world.first, arrival)).state == "declined"
    assert world.active() == [HOME] and world.sums() == (world.honour, world.net)
    with world.first.open(), pytest.raises(Refusal, match="已经退回"):
        receive(package, world.first.cast.recorder)
    _, package = world.sends(FIRST)
    _, answer = world.takes(world.first, package)
    assert world.hears(answer).state == "closed"
    assert world.active() == [FIRST] and world.sums() == (world.honour, world.net)


# --- who may, and what is refused ---


def taken(cast, people: int = 2) -> Arrival:
    return Arrival.move(receive(Other(cast).package(people), cast.recorder).id, "take", cast.head)


def test_some_of_a_package_are_given_back_and_the_answer_is_carried_anew(cast, desk):
    row = taken(cast)
    Peer.update(url="https://qilin.example").execute()
    AnswerSent.create(arrival=row.id, tries=1, sent_at=clock.now())
    assert due(clock.now()) == []
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/arrivals/details/", id=row.id)
    assert page.says("退回接收的人")
    assert window.get(f"/admin/arrivals/give-back/{row.id}").says("已经用掉的部分记为欠账")
    page = window.post(f"/admin/arrivals/give-back/{row.id}", n=2, reason="已由别的单位接收")
    assert page.says("已退回 1 人") and page.says("已退回：已由别的单位接收")
    assert [line.status for line in Arriver.select().order_by(Arriver.n)] == ["taken", "returned"]
    assert [one.id for one in due(clock.now())] == [row.id] and Arrival.get_by_id(row.id).state == "taken"
    again = window.post(f"/admin/arrivals/give-back/{row.id}", n=2, reason="已由别的单位接收")
    assert Arriver.select().where(Arriver.status == "returned").count() == 1 and not verify(), again


def test_only_the_head_of_the_station_gives_back_and_with_a_reason(cast, desk):
    row = taken(cast)
    for by in (cast.recorder, cast.county, cast.auditor):
        with pytest.raises(Refusal, match="不能办理"):
            give_back(row.id, [1], "已由别的单位接收", by)
    with pytest.raises(NotFound):
        give_back(row.id, [1], "已由别的单位接收", cast.head_b)
    for numbers, reason, says in (([1], "", "请写明退回的理由"), ([], "已由别的单位接收", "请先勾选")):
        with pytest.raises(Refusal, match=says):
            give_back(row.id, numbers, reason, cast.head)
    window = desk.signed_in_as(cast.head)
    page = window.post(f"/admin/arrivals/give-back/{row.id}", reason="已由别的单位接收")
    assert page.says("请先勾选") and page.says("已由别的单位接收")
    mine = Arrival.move(receive(Other(cast, "丙县平台").package(1), cast.head).id, "take", cast.deputy)
    with pytest.raises(Refusal, match="自己读入"):
        give_back(mine.id, [1], "已由别的单位接收", cast.head)


def test_who_has_gone_on_or_has_something_open_is_not_given_back(cast):
    other = Other(cast)
    row = Arrival.move(receive(other.package(1), cast.recorder).id, "take", cast.head)
    person = Volunteer.get()
    gone = flying(cast, other, [agreed(cast, person)])
    with pytest.raises(Refusal, match="不在这里"):
        give_back(row.id, [1], "已由别的单位接收", cast.head)
    take_receipt(other.answer(gone, taken=()), cast.recorder)
    RewardItem.enter(cast.head, name="理发", points=1)
    Redemption.reserve(person.id, RewardItem.get().id, 1, cast.recorder, "k1")
    with pytest.raises(Refusal, match="兑换单没有办结"):
        give_back(row.id, [1], "已由别的单位接收", cast.head)


def test_a_waiting_package_gives_nobody_back(cast):
    row = receive(Other(cast).package(1), cast.recorder)
    with pytest.raises(Refusal, match="只有接收了的人"):
        give_back(row.id, [1], "已由别的单位接收", cast.head)


def test_a_receipt_with_more_people_than_the_last_is_no_giving_back(cast):
    other = Other(cast)
    row = flying(cast, other, [agreed(cast, cast.registered()) for _ in range(2)])
    take_receipt(other.answer(row, taken=[1]), cast.recorder)
    with pytest.raises(Refusal, match="请向对方核实"):
        take_receipt(other.answer(row, taken=[1, 2], at="2099-01-01T00:00:00"), cast.recorder)
    assert [line.status for line in Leaver.select().order_by(Leaver.n)] == ["taken", "declined"]


def test_who_went_home_and_came_again_is_given_back_from_the_last_package_alone(cast):
    other = Other(cast)
    first = Arrival.move(receive(other.package(1), cast.recorder).id, "take", cast.head)
    person = agreed(cast, Volunteer.get())
    take_receipt(other.answer(flying(cast, other, [person])), cast.recorder)
    said = a_person("k" * 24, 1)
    said["person"]["document_number"] = person.document_number
    said["sums"] = sums_of(said)
    last = Arrival.move(receive(other.package(persons=[said], id="k" * 24), cast.recorder).id, "take", cast.head)
    with pytest.raises(Refusal, match=f"后来又随转入单 {last.id} 转入"):
        give_back(first.id, [1], "已由别的单位接收", cast.head)
    assert give_back(last.id, [1], "已由别的单位接收", cast.head).state == "returned" and not verify()
    assert Volunteer.get_by_id(person.id).state == "moved"

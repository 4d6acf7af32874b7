"""异地转移 between installations: what is taken and what is refused, and that no minute stands twice or is lost."""

import json
from datetime import datetime, timedelta

import pytest
from walks_transfer import Other, a_person, agreed, departure, flying, shifted

from cast import past_the_notice, person
from models import clock, transfer
from models.consents import Consent
from models.hours import Balance, Lot
from models.keying import key_in
from models.peers import Peer
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.transfer import Arrival, Brought, Departure, answer_of, receive, take_receipt
from models.transfer_out import Leaver
from models.verifying import verify
from models.volunteers import Claim, Volunteer
from rules import transfer as rules


def held(volunteer) -> tuple[int, int, int]:
    row = Balance.get_by_id(volunteer.id)
    return row.honour, row.exchangeable, row.debt


def ready(cast, minutes: int = 120) -> Volunteer:
    volunteer = cast.registered()
    if minutes:
        cast.posted(volunteer, minutes=minutes)
    return agreed(cast, volunteer)


# --- leaving ---


def test_what_leaves_lies_in_flight_and_is_locked_until_the_receipt_closes_it(cast_on_either):
    cast = cast_on_either
    volunteer, other = ready(cast), Other(cast)
    row = flying(cast, other, [volunteer])
    assert held(volunteer) == (0, 0, 0) and not verify()
    assert Volunteer.get_by_id(volunteer.id).state == "leaving"
    with pytest.raises(Refusal, match="转出在途"):
        Volunteer.amend(volunteer.id, cast.recorder, phone="13900001111")
    with pytest.raises(Refusal):
        key_in([cast.draft(volunteer, cast.activity(), "14:00", "15:00")], cast.recorder)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    with pytest.raises(Refusal):
        Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1")
    with pytest.raises(Refusal, match="不能认领"):
        Claim.ask("resident_id", volunteer.document_number, "搬家", cast.head_b)
    closed = take_receipt(other.answer(row), cast.recorder)
    assert (closed.state, Volunteer.get_by_id(volunteer.id).state) == ("closed", "moved")
    assert held(volunteer) == (0, 0, 0) and not verify()
    assert Leaver.get(Leaver.departure == row.id).token is None


def test_the_package_is_sealed_for_a_known_receiver_and_readable_lines_for_one_known_by_name(cast):
    row = flying(cast, volunteers=[ready(cast, 0)])
    head, line = transfer.package(row.id, cast.recorder)
    assert head.count(".") == 2 and line.count(".") == 4
    assert cast.registered().name not in head
    named = Departure.ask([ready(cast, 0).id], cast.recorder, receiver_name="麒麟社区工作站", reason="搬家")
    named = Departure.move(named.id, "pack", cast.head)
    assert [line.count(".") for line in transfer.package(named.id, cast.recorder)] == [2, 2]


def test_nobody_leaves_without_consent_to_sharing_or_with_something_that_waits(cast):
    other = Other(cast)
    volunteer = cast.registered()
    with pytest.raises(Refusal, match="向其他单位提供"):
        departure(cast, other, [volunteer])
    agreed(cast, volunteer)
    key_in([cast.draft(volunteer, cast.activity())], cast.recorder)
    with pytest.raises(Refusal, match="1 条服务记录还没有入账"):
        departure(cast, other, [volunteer])
    row = departure(cast, other, [free := agreed(cast, cast.registered())])
    with pytest.raises(Refusal, match="已经在转出单"):
        departure(cast, other, [free])
    Consent.move(Consent.get(Consent.volunteer == free.id, Consent.kind == "sharing").id, "withdraw", cast.recorder, "不同意了")
    with pytest.raises(Refusal, match="或已撤回"):
        Departure.move(row.id, "pack", cast.head)
    assert Volunteer.get_by_id(free.id).state == "registered"


def test_a_minors_guardian_must_agree_to_the_sharing(cast):
    born = clock.today() - timedelta(days=16 * 366)
    child = Volunteer.enter(cast.recorder, **person("小明", birth=born), guardian_name="李妈", guardian_phone="13800000000",
                            consent_on=clock.today())  # fmt: skip
    Volunteer.move(child.id, "approve", cast.head)
    with pytest.raises(Refusal, match="缺监护人"):
        departure(cast, Other(cast), [child])
    Consent.enter(cast.recorder, volunteer=child.id, kind="sharing", given_by="guardian", giver="李妈", given_on=clock.today())
    assert departure(cast, Other(cast, "乙县平台"), [child]).people == 1


def test_whoever_asked_does_not_pack_and_a_stranger_finds_nothing(cast):
    row = Departure.ask([ready(cast, 0).id], cast.head, peer=Other(cast).peer.id, reason="搬家")
    with pytest.raises(Refusal, match="不能审核并打包自己"):
        Departure.move(row.id, "pack", cast.head)
    with pytest.raises(NotFound):
        Departure.move(row.id, "pack", cast.head_b)
    with pytest.raises(NotFound):
        transfer.package(row.id, cast.recorder_b)
    with pytest.raises(Refusal, match="只有在途的"):
        transfer.package(row.id, cast.recorder)


def test_a_refusal_unlocks_and_every_minute_lies_in_the_lot_it_came_from(cast_on_either):
    cast = cast_on_either
    volunteer, other = ready(cast, 600), Other(cast)
    lots = list(Lot.select(Lot.id, Lot.left).order_by(Lot.id).tuples())
    row = flying(cast, other, [volunteer])
    token = other.answer(row, [], reason="证件号码不符")
    declined = take_receipt(token, cast.recorder)
    assert (declined.state, held(volunteer)) == ("declined", (600, 600, 0))
    assert list(Lot.select(Lot.id, Lot.left).order_by(Lot.id).tuples()) == lots
    assert Volunteer.get_by_id(volunteer.id).state == "registered" and not verify()
    assert take_receipt(token, cast.recorder).revision == declined.revision
    with pytest.raises(Refusal, match="已经按"):
        take_receipt(other.answer(row), cast.recorder)
    again = flying(cast, Other(cast, "丙县平台"), [volunteer])
    assert again.package_no != row.package_no and not verify()


def test_of_a_batch_who_was_taken_is_gone_and_who_was_not_is_unlocked(cast):
    one, two, other = ready(cast), ready(cast), Other(cast)
    row = flying(cast, other, [one, two])
    closed = take_receipt(other.answer(row, [1], declined={"2": "已在别处登记"}), cast.recorder)
    assert closed.outcome.startswith("对方接收 1 人，未接收 1 人")
    assert [Volunteer.get_by_id(v.id).state for v in (one, two)] == ["moved", "registered"]
    assert (held(one), held(two)) == ((0, 0, 0), (120, 120, 0)) and not verify()
    assert Leaver.get(Leaver.volunteer == two.id).says == "已在别处登记"


def test_a_receipt_counts_only_from_the_receiver_and_for_what_was_sent(cast):
    other, stranger = Other(cast), Other(cast, "丁县平台")
    row = flying(cast, other, [ready(cast, 0)])
    for token, says in (
        (stranger.answer(row), "不是接收单位签发"),
        (other.answer(row, digest="0" * 64), "与发出的转移包不符"),
        (other.answer(row, [1, 2]), "多于发出的"),
        (other.answer(row, id="f" * 32), "不是本站发出的"),
        (other.answer(row, version=9), "第 9 版"),
        (other.answer(row)[:-9], "改动|完整|读"),
    ):
        with pytest.raises(Refusal, match=says):
            take_receipt(token, cast.recorder)
    with pytest.raises(Refusal, match="不是本站发出的"):
        take_receipt(other.answer(row), cast.recorder_b)
    assert Departure.get_by_id(row.id).state == "flying"


def test_without_an_answer_it_is_unlocked_after_the_term_by_a_supervisor_alone(cast):
    volunteer, other = ready(cast), Other(cast)
    row = flying(cast, other, [volunteer])
    with pytest.raises(Refusal, match="才能不凭对方答复解锁"):
        Departure.move(row.id, "reopen", cast.county, "对方没有收到")
    shifted(row)
    with pytest.raises(Refusal, match="不在"):
        Departure.move(row.id, "reopen", cast.head, "对方没有收到")
    Departure.move(row.id, "reopen", cast.county, "对方没有收到")
    assert held(volunteer) == (120, 120, 0) and not verify()


def test_how_long_a_package_holds_is_policy_of_the_division_on_the_day_of_packing(cast):
    other = Other(cast)
    PolicyVersion.create(topic="transfer", division="530102", since=clock.today(), source="县办法",
                         values={"valid_days": 7, "grace_days": 0})  # fmt: skip
    row = flying(cast, other, [ready(cast)])
    assert (row.expires_at - row.made_at, row.free_at - row.expires_at) == (timedelta(days=7), timedelta(0))
    assert "+530102:" in row.policy
    PolicyVersion.create(topic="transfer", division="530102", since=clock.today(), source="县办法", edition=2,
                         values={"valid_days": 60, "grace_days": 60})  # fmt: skip
    clock.move_demo_clock(8)  # the rule that was in force when it was packed stands
    Departure.move(row.id, "reopen", cast.county, "对方没有收到")
    assert flying(cast, Other(cast, "丙县平台"), [ready(cast)]).free_at > clock.now() + timedelta(days=100)


def test_where_no_policy_says_how_long_it_holds_nothing_is_packed(cast):
    row = departure(cast, Other(cast), [ready(cast)])
    with clock.past(datetime(2010, 1, 1, 9)), pytest.raises(Refusal, match="异地转移"):
        Departure.move(row.id, "pack", cast.head)
    assert Departure.get_by_id(row.id).state == "asked"


def test_a_person_who_stands_on_both_sides_is_not_joined_once_more(cast):
    volunteer, other = ready(cast), Other(cast)
    row = flying(cast, other, [volunteer])
    shifted(row)
    Departure.move(row.id, "reopen", cast.county, "对方没有收到")
    said = a_person("t" * 12, 1)
    said["person"]["document_number"] = volunteer.document_number
    came = receive(other.package(persons=[said], id="t" * 12), cast.recorder)
    assert f"转出单 {row.id} 解锁后还没有对方的回执" in came.lines.get().says
    assert Arrival.move(came.id, "take", cast.head).outcome == "接收 0 人，未接收 1 人。" and held(volunteer) == (120, 120, 0)
    assert take_receipt(other.answer(row), cast.recorder).state == "clash"
    with pytest.raises(Refusal, match="迟来的回执，请先办结"):
        departure(cast, Other(cast, "丙县平台"), [volunteer])
    Departure.move(row.id, "concede", cast.county, "对方已经接收")
    said["package"] = "v" * 12
    again = receive(other.package(persons=[said], id="v" * 12), cast.recorder)
    assert Arrival.move(again.id, "take", cast.head).outcome == "接收 1 人。" and held(volunteer) == (120, 120, 0)
    said["package"] = "w" * 12
    twice = receive(other.package(persons=[said], id="w" * 12), cast.recorder)
    assert f"已随转入单 {again.id} 从该单位接收" in twice.lines.get().says
    assert Arrival.move(twice.id, "take", cast.head).outcome == "接收 0 人，未接收 1 人。" and not verify()


@pytest.mark.parametrize("spent", [0, 1])
def test_a_receipt_that_comes_after_unlocking_is_told_and_conceded_so_that_no_minute_stands_twice(cast_on_either, spent):
    cast = cast_on_either
    volunteer, other = ready(cast), Other(cast)
    row = flying(cast, other, [volunteer])
    shifted(row, 99)
    Departure.move(row.id, "reopen", cast.county, "对方没有收到")
    if spent:
        item = RewardItem.enter(cast.head, name="理发", points=1)
        order = Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1")
        Redemption.move(order.id, "hand", cast.recorder)
    clash = take_receipt(other.answer(row), cast.recorder)
    assert clash.state == "clash" and "两边都有" in clash.outcome
    Departure.move(row.id, "concede", cast.county, "对方已经接收")
    gone = held(volunteer)
    assert gone[:2] == (0, 0) and bool(gone[2]) == bool(spent)
    assert Volunteer.get_by_id(volunteer.id).state == "moved" and not verify()


# --- arriving ---


def test_a_package_is_shown_first_and_taken_once_by_another(cast_on_either):
    cast = cast_on_either
    other = Other(cast)
    text = other.package(2)
    row = receive(text, cast.recorder)
    assert (row.state, row.people, row.sums["honour"]) == ("shown", 2, 240) and not Volunteer.select().exists()
    assert receive(text, cast.recorder).id == row.id
    with pytest.raises(Refusal, match="没有回执"):
        answer_of(row.id, cast.recorder)
    taken = Arrival.move(row.id, "take", cast.head)
    assert taken.outcome == "接收 2 人。" and Volunteer.select().where(Volunteer.state == "registered").count() == 2
    assert [(b.honour, b.exchangeable) for b in Balance.select()] == [(120, 120)] * 2 and not verify()
    assert Brought.select().count() == 2 and Brought.get().source == "麒麟社区工作站"
    said = rules.read_answer(json.loads(_payload(answer_of(row.id, cast.recorder))))
    assert (said.id, sorted(said.taken)) == (row.package_no, [1, 2])
    with pytest.raises(Refusal, match="接收过"):
        receive(text, cast.recorder)
    assert Arrival.move(row.id, "take", cast.deputy).revision == taken.revision


def _payload(token: str) -> bytes:
    import base64

    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_whoever_read_the_file_does_not_take_it_and_a_refusal_is_signed(cast):
    row = receive(Other(cast).package(), cast.head)
    with pytest.raises(Refusal, match="不能接收自己"):
        Arrival.move(row.id, "take", cast.head)
    Arrival.move(row.id, "refuse", cast.deputy, "没有这个人")
    said = rules.read_answer(json.loads(_payload(answer_of(row.id, cast.recorder))))
    assert (said.taken, said.reason) == (frozenset(), "没有这个人")
    assert not Volunteer.select().exists()


def test_somebody_registered_here_is_joined_and_never_two(cast):
    mine, other = cast.registered(), Other(cast)
    cast.posted(mine, minutes=60)
    said = a_person("p" * 12, 1)
    said["person"]["document_number"] = mine.document_number
    row = receive(other.package(persons=[said], id="p" * 12), cast.recorder)
    assert row.lines.get().joins_id == mine.id and "并入" in row.lines.get().says
    Arrival.move(row.id, "take", cast.head)
    assert Volunteer.select().count() == 1 and held(mine) == (180, 180, 0) and not verify()


def test_somebody_registered_at_another_station_here_is_declined_with_the_reason(cast):
    theirs, other = cast.registered(by=cast.recorder_b), Other(cast)
    said = a_person("q" * 12, 1)
    said["person"]["document_number"] = theirs.document_number
    row = receive(other.package(persons=[said], id="q" * 12), cast.recorder)
    taken = Arrival.move(row.id, "take", cast.head)
    assert taken.outcome == "接收 0 人，未接收 1 人。" and "认领" in taken.lines.get().says
    assert rules.read_answer(json.loads(_payload(taken.answer))).declined[1].startswith("证件已在")


def _wrong(other: Other) -> dict[str, tuple[str, str]]:
    now, day = clock.now().replace(microsecond=0), timedelta(days=1)
    good, two = other.package(), other.package(2)
    head, line = good.splitlines()
    spoiled = a_person("r" * 12, 1)
    spoiled["sums"] = spoiled["sums"] | {"honour": 1}
    foreign = other.sign({"format": "other"}, rules.HEAD)
    return {
        "empty": ("  \n", "空的"),
        "not a package": ("hello", "签名|读|不是"),
        "altered head": (good.replace(head, head[:40] + ("A" if head[40] != "A" else "B") + head[41:]), "改动|读|完整"),
        "altered person": (good.replace(line, line[:-6] + "AAAAAA"), "第 1 人"),
        "cut off": ("\n".join(two.splitlines()[:2]), "不完整"),
        "a line twice": (f"{good}\n{line}", "拼接|不属于"),
        "lines changed about": ("\n".join(two.splitlines()[i] for i in (0, 2, 1)), "拼接"),
        "expired": (other.package(made_at=(now - 40 * day).isoformat(), expires_at=(now - day).isoformat()), "过期"),
        "of the future": (other.package(made_at=(now + day).isoformat()), "核对两边电脑的时间"),
        "for another": (other.package(sealed=False, receiver={"fingerprint": "0000", "name": "别的平台"}), "发给「别的平台」"),
        "for another by name": (other.package(sealed=False), "与本站、本社区的名称不符"),
        "version": (other.package(version=2), "第 2 版"),
        "another format": (foreign, "不是异地转移"),
        "sums of a person": (other.package(persons=[spoiled], id="r" * 12), "合计与明细不符"),
        "sums of the head": (other.package(sums={"honour": 7}), "合计与各人的明细不符"),
        "digest": (other.package(digest="0" * 64), "校验码不符"),
        "no sender": (other.package(sender={"fingerprint": "x", "name": "x"}), "不是同一个单位"),
        "too large": ("x" * (rules.LARGEST_PACKAGE + 1), "文件太大"),
    }  # fmt: skip


def test_what_cannot_be_taken_is_refused_each_with_its_own_sentence_and_leaves_nothing(cast):
    other, said = Other(cast), {}
    for name, (text, says) in _wrong(other).items():
        with pytest.raises(Refusal, match=says) as no:
            receive(text, cast.recorder)
        said[name] = str(no.value)
    assert not Arrival.select().exists() and len(set(said.values())) >= len(said) - 3


def test_an_unknown_or_withdrawn_signer_is_refused(cast):
    other = Other(cast)
    text = other.package()
    row = receive(text, cast.recorder)
    Peer.move(other.peer.id, "withdraw", cast.county, "密钥泄露")
    with pytest.raises(Refusal, match=r"撤销|撤回"):
        receive(other.package(), cast.recorder)
    with pytest.raises(Refusal, match="互认已撤回"):
        Arrival.move(row.id, "take", cast.head)
    unknown = Other(cast, "戊县平台")
    text = unknown.package()
    Peer.delete().where(Peer.id == unknown.peer.id).execute()
    with pytest.raises(Refusal, match="不在互认单位"):
        receive(text, cast.recorder)


def test_a_package_that_was_disclaimed_can_never_be_taken(cast):
    other = Other(cast)
    text = other.package(id="s" * 12)
    row = transfer.disclaim("s" * 12, other.peer.fingerprint, "文件没有收到", cast.head)
    assert row.state == "refused" and answer_of(row.id, cast.recorder)
    with pytest.raises(Refusal, match=r"已于 .* 拒收"):
        receive(text, cast.recorder)
    with pytest.raises(Refusal):
        transfer.disclaim("s", other.peer.fingerprint, "文件没有收到", cast.head)


def test_what_arrived_is_history_and_counts_in_no_month_here(cast):
    from models.records import ServiceRecord

    row = receive(Other(cast).package(), cast.recorder)
    Arrival.move(row.id, "take", cast.head)
    past_the_notice()
    assert not ServiceRecord.select().exists() and transfer.history(Volunteer.get().id)[0].minutes == 120

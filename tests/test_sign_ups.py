"""网上报名: what a resident sends from the site, what a stranger learns (nothing), and what the desk does with it."""

from datetime import date

import openpyxl
import pytest
from walks_sign_ups import draft, said, sign_up

from cast import person
from desk import queries
from models import clock, retention
from models.applications import Application
from models.audit import Trail
from models.consents import Consent
from models.projects import Post
from models.refusals import NotFound, Refusal
from models.retention import RetentionProposal
from models.scope import Actor, within
from models.sign_ups import Said, SignUp, asked, correct, look, open_stations, send, where_it_stands
from models.stations import Station
from models.volunteers import Claim, Volunteer, earlier_registration
from rules.access import Role
from rules.identity import make_resident_id
from rules.sign_ups import LETTERS
from views.ledgers.out import write
from views.ledgers.take_in import preview, take_file
from views.waiting import inbox

KNOWN = make_resident_id("530102", date(1975, 3, 4), 128)


def born(years: int) -> date:
    """The first of January of somebody who is so old this year."""
    return date(clock.today().year - years, 1, 1)


def minor(station, years: int, name: str = "小陶", **more) -> Said:
    birth = born(years)
    whole = {
        "birth_date": birth, "document_number": make_resident_id("530102", birth, 11), "guardian_name": "陶母",
        "guardian_phone": "13900000001", "relation": "母亲", "guardian": True,
    }  # fmt: skip
    return said(station, name, **(whole | more))


def everyone(cast) -> dict[str, Actor]:
    names = "recorder head deputy head_b recorder_b county prefecture province auditor admin volunteer"
    return {name: getattr(cast, name) for name in names.split()}


# --- sending ---


def test_a_resident_who_applies_stands_in_the_list_with_her_number_and_a_code(cast_on_either):
    cast = cast_on_either
    receipt = send(said(cast.a), cast.a, draft())
    row = asked(receipt.number, receipt.code)
    assert (row.volunteer.state, row.volunteer.origin, row.volunteer.station_id) == ("online", "online", cast.a.id)
    assert len(receipt.number) == 10
    assert receipt.number.isdecimal()
    assert len(receipt.code) == 8
    assert set(receipt.code) <= set(LETTERS)
    (consent,) = Consent.select().where(Consent.volunteer == row.volunteer_id)
    assert (consent.kind, consent.given_by, consent.way, consent.text) == (
        "registration", "self", "online", said(cast.a).agreed
    )  # fmt: skip
    assert row.volunteer.consent_on == clock.today()


def test_the_code_is_kept_nowhere(cast):
    receipt = send(said(cast.a), cast.a, draft())
    (stored,) = SignUp.select().tuples()
    assert receipt.code not in repr(stored)
    assert receipt.code not in repr([row.__data__ for row in Trail.select()])


def test_the_same_application_sent_twice_is_one_and_answers_alike(cast_on_either):
    cast = cast_on_either
    mine, words = draft(), said(cast_on_either.a)
    assert send(words, cast.a, mine) == send(words, cast.a, mine)
    assert SignUp.select().count() == 1
    assert Volunteer.select().where(Volunteer.origin == "online").count() == 1


def test_what_is_wrong_is_said_beside_each_field_and_nothing_is_kept(cast):
    with pytest.raises(Refusal) as no:
        send(Said({"name": "", "document_number": "53", "phone": "12"}), cast.a, draft())
    assert {f.where for f in no.value.findings} >= {"name", "document_number", "phone"}
    assert not SignUp.select().exists()
    assert not Volunteer.select().where(Volunteer.origin == "online").exists()


WRONG = [
    ("name", "", "请填写「姓名」"),
    ("name", "陶然1", "姓名里不应有数字"),
    ("name", "陶 然", "汉字之间不应有空格"),
    ("document_number", "", "请填写「证件号码」"),
    ("document_number", "530102600101123", "15 位身份证号码已停止使用"),
    ("document_number", "53010219750304128", "居民身份证号码的写法不对（现为 17 位）"),
    ("document_number", KNOWN[:-1] + ("1" if KNOWN[-1] != "1" else "2"), "号码校验不符"),
    ("document_number", "53010219751304128X", "不是真实的日期"),
    ("document_type", "passport", "没有「passport」这一项"),
    ("phone", "", "请填写「联系电话」"),
    ("phone", "1380000", "手机号码应为 11 位数字，现为 7 位"),
    ("phone", "65123456", "座机号码缺少区号"),
    ("gender", "7", "没有「7」这一项"),
    ("skills", ["99x"], "没有"),
    ("service_times", ["25"], "服务时间没有「25」这一格"),
    ("speciality", "长" * 101, "最多 100 个字"),
    ("address", "巷\x00", "不能保存的字符"),
]


@pytest.mark.parametrize(("name", "value", "says"), WRONG, ids=lambda value: repr(value)[:24])
def test_each_mistake_has_its_sentence_at_its_place(cast, name, value, says):
    _, found = look(said(cast.a, **{name: value}), cast.a)
    assert any(f.where == name and says in f.says for f in found), found


def test_whoever_has_not_ticked_the_text_is_told_so(cast):
    words = said(cast.a)
    with pytest.raises(Refusal, match="还没有勾选同意") as no:
        send(Said(words.values), cast.a, draft())
    assert [f.where for f in no.value.findings] == ["agreed"]


def test_a_text_that_changed_meanwhile_is_read_again(cast):
    words = said(cast.a)
    with pytest.raises(Refusal, match="刚刚更新过"):
        send(Said(words.values, "consent@53:2000-01-01"), cast.a, draft())


def test_an_applicant_says_nothing_but_the_plans_fields(cast):
    with pytest.raises(TypeError, match="consent_on"):
        look(Said({"consent_on": clock.today()}), cast.a)


def test_a_station_that_is_closed_takes_nobody(cast):
    Station.update(active=False).where(Station.id == cast.a.id).execute()
    with pytest.raises(Refusal, match="不接受报名"):
        send(said(cast.a), cast.a, draft())
    assert cast.a.id not in {row.id for row in Station.select().where(open_stations())}


# --- minors ---


@pytest.mark.parametrize("missing", ["guardian_name", "guardian_phone", "relation"])
def test_a_minor_names_her_guardian_whole(cast, missing):
    with pytest.raises(Refusal, match=r"监护人") as no:
        send(minor(cast.a, 16, **{missing: ""}), cast.a, draft())
    assert {f.where for f in no.value.findings} & {"guardian_name", "relation"}


def test_a_minors_guardian_agrees_too_and_signs_at_the_station(cast):
    words = minor(cast.a, 16)
    with pytest.raises(Refusal, match="监护人看过"):
        send(Said(words.values, words.agreed, "", words.relation), cast.a, draft())
    row = SignUp.get(SignUp.number == send(words, cast.a, draft()).number)
    assert row.relation == "母亲"
    assert [one.kind for one in Consent.select().where(Consent.volunteer == row.volunteer_id)] == ["registration"]
    Volunteer.move(row.volunteer_id, "identify", cast.recorder)
    with pytest.raises(Refusal, match="监护人签字"):
        Volunteer.move(row.volunteer_id, "approve", cast.head)
    Consent.enter(
        cast.recorder, volunteer=row.volunteer_id, kind="guardian", given_by="guardian", giver="陶母", relation="母亲",
        way="paper", given_on=clock.today(),
    )  # fmt: skip
    assert Volunteer.move(row.volunteer_id, "approve", cast.head).state == "registered"


def test_of_a_child_no_consent_is_taken_online_and_less_is_kept(cast):
    row = SignUp.get(SignUp.number == send(minor(cast.a, 10), cast.a, draft()).number)
    assert not Consent.select().where(Consent.volunteer == row.volunteer_id).exists()
    with pytest.raises(Refusal, match="未满 14 周岁，不收集「详细地址」"):
        send(minor(cast.a, 10, address="映江路 1 号"), cast.a, draft())
    with pytest.raises(Refusal, match="未满 8 周岁，不能注册"):
        send(minor(cast.a, 6), cast.a, draft())


# --- the number and the code ---


def test_both_have_to_be_right_and_nothing_says_which_was_wrong(cast):
    receipt = send(said(cast.a), cast.a, draft())
    other = send(said(cast.a), cast.a, draft())
    spaced = f" {receipt.number[:3]}-{receipt.number[3:6]} {receipt.number[6:]} "
    assert asked(spaced, receipt.code.lower()) is not None
    for number, code in (
        (receipt.number, other.code), (other.number, receipt.code), (receipt.number, ""), ("", receipt.code),
        (receipt.number, "\ud800"), ("9" * 4000, "A" * 4000), ("", ""),
    ):  # fmt: skip
        assert asked(number, code) is None


def test_asking_in_vain_is_as_much_work_as_asking_well(cast):
    receipt = send(said(cast.a), cast.a, draft())
    with queries() as wrong:
        asked(receipt.number, "AAAAAAAA")
    with queries() as none:
        asked("1000000000", receipt.code)
    assert len(wrong) == len(none) == 1


# --- a document that is known already ---


def test_a_stranger_cannot_tell_that_the_person_exists(cast_on_either):
    cast = cast_on_either
    known = cast.registered("陶然", by=cast.recorder_b, document_number=KNOWN)
    told = {}
    send(said(cast.a), cast.a, draft())  # what is read once a while (the clock's setting, the vocabulary) is read by now
    for case, words in (
        ("nobody", said(cast.a)), ("elsewhere", said(cast.a, document_number=KNOWN)),
        ("here", said(cast.b, document_number=KNOWN)),
    ):  # fmt: skip
        station = cast.b if case == "here" else cast.a
        with queries() as work:
            receipt = send(words, station, draft())
        row = asked(receipt.number, receipt.code)
        told[case] = (len(receipt.number), len(receipt.code), where_it_stands(row), [_shape(one) for one in work])
    assert told["nobody"] == told["elsewhere"] == told["here"]
    assert not any('"document_index" IN' in one or '"document_index" =' in one for one in told["here"][3])
    assert earlier_registration("resident_id", KNOWN).id == known.id  # untouched, and still the only one


def _shape(statement: str) -> str:
    return " ".join(statement.split())


def test_the_desk_sees_the_earlier_registration_and_claims_it_for_whoever_stands_there(cast):
    known = cast.registered("陶然", by=cast.recorder_b, document_number=KNOWN)
    row = sign_up(cast, document_number=KNOWN)
    before = where_it_stands(row)
    person_ = row.volunteer
    assert [m.name for m in person_.legal_moves(cast.recorder)] == ["lead"]
    with pytest.raises(Refusal, match=r"已在「.*」登记，不能重复注册"):
        Volunteer.move(person_.id, "identify", cast.recorder)
    Volunteer.move(person_.id, "lead", cast.recorder)
    claim = Claim.get()
    assert (claim.volunteer_id, claim.from_station_id, claim.to_station_id) == (known.id, cast.b.id, cast.a.id)
    assert where_it_stands(SignUp.get_by_id(row.id)) == before  # whoever was not there learns nothing from it


def test_at_the_own_station_the_application_ends_and_nothing_is_claimed(cast):
    cast.registered("陶然", document_number=KNOWN)
    row = sign_up(cast, document_number=KNOWN)
    assert Volunteer.move(row.volunteer_id, "lead", cast.head).state == "known"
    assert not Claim.select().exists()


def test_nobody_is_led_to_a_registration_that_is_not_there(cast):
    row = sign_up(cast)
    assert "lead" not in [m.name for m in row.volunteer.legal_moves(cast.head)]
    with pytest.raises(Refusal, match="没有查到"):
        Volunteer.move(row.volunteer_id, "lead", cast.head)


def test_an_application_in_somebodys_name_blocks_nobody(cast):
    sign_up(cast, document_number=KNOWN)
    sign_up(cast, document_number=KNOWN)
    row = Volunteer.enter(cast.recorder_b, **person(document_number=KNOWN))
    assert row.state == "applied"


def test_the_second_of_two_applications_is_led_to_the_first_once_that_was_identified(cast_on_either):
    cast = cast_on_either
    first, second = sign_up(cast, document_number=KNOWN), sign_up(cast, document_number=KNOWN)
    Volunteer.move(first.volunteer_id, "identify", cast.recorder)
    with pytest.raises(Refusal, match="这个证件已在本站登记"):
        Volunteer.move(second.volunteer_id, "identify", cast.recorder)
    assert Volunteer.move(second.volunteer_id, "lead", cast.recorder).state == "known"


# --- the desk ---


def test_nobody_is_approved_whose_document_was_not_seen(cast):
    row = sign_up(cast)
    with pytest.raises(Refusal, match="现在是「网上报名」，不能「审核通过」"):
        Volunteer.move(row.volunteer_id, "approve", cast.head)
    Volunteer.move(row.volunteer_id, "identify", cast.recorder)
    done = Volunteer.move(row.volunteer_id, "approve", cast.head)
    assert (done.state, done.identified_on, done.provisional) == ("registered", clock.today(), "")
    assert where_it_stands(SignUp.get_by_id(row.id)).word == "审核通过"


def test_it_waits_in_the_inbox_of_the_own_desk_alone(cast):
    sign_up(cast)
    for name, by in everyone(cast).items():
        waits = [(one.move.name, one.count) for one in inbox(by) if one.model is Volunteer]
        assert waits == ([("identify", 1)] if name in ("recorder", "head", "deputy") else []), name


def test_who_may_see_and_who_may_move_it(cast):
    row = sign_up(cast)
    for name, by in everyone(cast).items():
        sees = Volunteer.select().where(Volunteer.id == row.volunteer_id, within(Volunteer, by)).exists()
        assert sees == (name in ("recorder", "head", "deputy", "county", "prefecture", "province", "auditor", "admin")), name
        if name in ("recorder", "head", "deputy"):
            continue
        for move in ("identify", "lead", "refuse", "return"):
            with pytest.raises((Refusal, NotFound)):
                Volunteer.move(row.volunteer_id, move, by, "试试")
    assert Volunteer.get_by_id(row.volunteer_id).state == "online"
    for move in ("refuse", "return"):
        with pytest.raises(Refusal, match="不在记录员的职责内"):
            Volunteer.move(row.volunteer_id, move, cast.recorder, "试试")


def test_what_the_desk_entered_is_identified_by_its_entry(cast):
    row = Volunteer.enter(cast.recorder, **person())
    assert not {"identify", "lead"} & {m.name for m in row.legal_moves(cast.head)}
    Volunteer.move(row.id, "return", cast.head, "请补电话")
    with pytest.raises(Refusal, match="已经核对过"):
        Volunteer.move(row.id, "identify", cast.head)
    assert Volunteer.move(row.id, "resubmit", cast.recorder).state == "applied"


# --- sent back, corrected, refused ---


def test_what_was_sent_back_is_corrected_and_sent_again_under_the_same_number(cast_on_either):
    cast = cast_on_either
    row = sign_up(cast)
    Volunteer.move(row.volunteer_id, "return", cast.head, "电话打不通，请换一个号码。")
    back = SignUp.get_by_id(row.id)
    assert where_it_stands(back).word == "已退回，请补正"
    assert back.volunteer.refused_for == "电话打不通，请换一个号码。"
    words = said(cast.a, document_number=back.volunteer.document_number, phone="13911112222")
    for _ in range(2):  # pressed twice
        again = correct(row.id, words)
    assert (again.volunteer.state, again.volunteer.phone, again.times, again.number) == ("online", "13911112222", 2, row.number)


def test_what_may_be_corrected_after_the_document_was_seen_is_not_who_it_is(cast):
    row = sign_up(cast)
    Volunteer.move(row.volunteer_id, "identify", cast.recorder)
    Volunteer.move(row.volunteer_id, "return", cast.head, "请补服务时间。")
    name = row.volunteer.name
    words = said(cast.a, "别人", service_times=["05"])
    again = correct(row.id, words)
    assert (again.volunteer.state, again.volunteer.name, again.volunteer.service_times) == ("applied", name, ["05"])


def test_nothing_is_corrected_that_was_not_sent_back(cast):
    row = sign_up(cast)
    Volunteer.move(row.volunteer_id, "refuse", cast.head, "不在本社区活动。")
    with pytest.raises(Refusal, match="现在是「未通过」，不能在网上修改"):
        correct(row.id, said(cast.a))
    assert where_it_stands(SignUp.get_by_id(row.id)).word == "没有通过"


def test_a_mistake_in_a_correction_changes_nothing(cast):
    row = sign_up(cast)
    Volunteer.move(row.volunteer_id, "return", cast.head, "电话打不通。")
    with pytest.raises(Refusal, match="手机号码应为 11 位"):
        correct(row.id, said(cast.a, phone="139"))
    kept = Volunteer.get_by_id(row.volunteer_id)
    assert (kept.state, kept.phone) == ("returned", row.volunteer.phone)


# --- what she wants to join ---


def test_the_post_that_she_named_is_applied_for_when_she_is_registered(cast_on_either):
    cast = cast_on_either
    post = cast.post()
    row = sign_up(cast, post=post.id)
    assert row.post_id == post.id
    Volunteer.move(row.volunteer_id, "identify", cast.recorder)
    for _ in range(2):
        Volunteer.move(row.volunteer_id, "approve", cast.head)
    (made,) = Application.select()
    assert (made.post_id, made.volunteer_id, made.state) == (post.id, row.volunteer_id, "applied")
    assert SignUp.get_by_id(row.id).wish.startswith("已代为报名")


def test_a_post_that_closed_meanwhile_leaves_a_word_and_stops_nothing(cast):
    post = cast.post()
    row = sign_up(cast, post=post.id)
    Post.update(open=False).where(Post.id == post.id).execute()
    Volunteer.move(row.volunteer_id, "identify", cast.recorder)
    assert Volunteer.move(row.volunteer_id, "approve", cast.head).state == "registered"
    assert "已停止报名" in SignUp.get_by_id(row.id).wish
    assert not Application.select().exists()


def test_a_post_of_another_station_is_no_wish(cast):
    assert sign_up(cast, post=cast.post(by=cast.recorder_b).id).post_id is None


# --- what is cleared ---


@pytest.mark.parametrize("end", ["", "return", "refuse", "lead"])
def test_what_came_to_nothing_is_cleared_when_its_time_is_over(cast, end):
    cast.registered("陶然", by=cast.recorder_b, document_number=KNOWN)
    row = sign_up(cast, document_number=KNOWN)
    if end:
        Volunteer.move(row.volunteer_id, end, cast.head, "没有来。")
        Claim.update(state="refused").execute()
    clock.move_demo_clock(200)
    retention.propose_due()
    proposal = RetentionProposal.get(RetentionProposal.kind == "refused_registration")
    RetentionProposal.move(proposal.id, "approve", cast.head)
    retention.carry_out()
    gone = Volunteer.get_by_id(row.volunteer_id)
    assert (gone.state, gone.document_number, gone.phone) == ("erased", "", "")
    assert not SignUp.select().exists()


def test_an_applicant_herself_has_no_role_that_sees_anything(cast):
    sign_up(cast)
    nobody = Actor(None, "", Role.ANYONE)
    assert not Volunteer.select().where(within(Volunteer, nobody)).exists()
    assert not SignUp.select().where(within(SignUp, nobody)).exists()


def test_whoever_signed_up_online_comes_back_the_same_in_an_exported_ledger(cast, tmp_path):
    known = cast.registered("何家旺")
    first = sign_up(cast, "陶然")
    twin = sign_up(cast, known.name, document_number=known.document_number)  # provisional, beside the registered one
    path = tmp_path / "volunteers.xlsx"
    write("volunteers", path, cast.recorder)
    seen = preview("volunteers", path, cast.recorder)
    assert [str(found) for found in seen.findings] == [] and seen.counts["same"] == 3
    table = openpyxl.load_workbook(path)
    sheet = table.worksheets[0]
    heads = next(row for row in sheet.iter_rows() if any(cell.value == "个人特长" for cell in row))
    at = next(cell.column for cell in heads if cell.value == "个人特长")
    name = next(cell.column for cell in heads if cell.value == "姓名")
    for row in sheet.iter_rows(min_row=heads[0].row + 1):
        if row[name - 1].value == "陶然":
            row[at - 1].value = "剪纸"
    table.save(path)
    take_file("volunteers", path, cast.recorder)
    kept = {row.id: row.speciality for row in Volunteer.select(Volunteer.id, Volunteer.speciality)}
    assert kept == {known.id: known.speciality, first.volunteer_id: "剪纸", twin.volunteer_id: kept[known.id]}

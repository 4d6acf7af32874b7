"""期初工时 and 以前认定的星级 in: what was before the program comes into the account and the cases once, on two people's word."""

from datetime import date, timedelta

import books
import pytest
from playhouse.test_utils import count_queries
from walks_openings import opening

from models import clock
from models.closes import next_to_close
from models.hours import Balance, Entry, Lot
from models.keying import key_in
from models.openings import Opening
from models.records import ServiceRecord, move_all
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.stars import StarGrant
from models.verifying import verify
from views.ledgers.incoming import RowsRefused
from views.ledgers.marks import mark_of
from views.ledgers.take_in import preview, take, take_file

HEADER = ["志愿者编号", "姓名", "荣誉工时（小时）", "可兑换工时（小时）", "最早服务日期", "截至日期", "资料来源", "证明材料"]


def line(person, **more) -> list:
    said = {
        "card": person.card_no, "name": person.name, "honour": "120", "exchangeable": "40.5",
        "from": str(clock.today() - timedelta(days=300)), "until": str(clock.today() - timedelta(days=30)),
        "source": "纸质台账", "evidence": "第 3 册第 7 页",
    } | more  # fmt: skip
    return list(said.values())


def wrong(seen) -> list[tuple[int, str, str]]:
    return [(found.row, found.column, found.says) for found in seen.findings if not found.warning]


def posted(cast, person, **more) -> Opening:
    row = opening(cast, person, **more)
    Opening.move(row.id, "submit", cast.recorder)
    return Opening.move(row.id, "post", cast.head)


def test_an_opening_list_goes_into_both_figures_once_a_head_held_it_against_the_paper(cast_on_either):
    cast = cast_on_either
    person = cast.registered("李明")
    table = books.xlsx([HEADER, line(person)])
    assert take_file("hours", table, cast.recorder).new == 1
    assert take_file("hours", table, cast.recorder).same == 1
    row = Opening.get()
    assert (row.state, row.honour_minutes, row.exchangeable_minutes) == ("draft", 7200, 2430)
    assert Balance.get_by_id(person.id).honour == 0
    Opening.move(row.id, "submit", cast.recorder)
    for _ in range(2):
        Opening.move(row.id, "post", cast.head)
    balance = Balance.get_by_id(person.id)
    assert (balance.honour, balance.exchangeable, balance.spendable) == (7200, 2430, 2430)
    said = [(e.kind, e.origin, e.debit, e.credit, e.minutes, e.day) for e in Entry.select().order_by(Entry.id)]
    assert said == [
        ("opening", "imported", "opening", "honour", 7200, row.earned_on),
        ("opening", "imported", "opening", "exchangeable", 2430, row.earned_on),
    ]
    assert Lot.get().earned_on == row.earned_on and verify() == []
    assert StarGrant.get(StarGrant.volunteer == person.id).star == 1
    assert take_file("hours", table, cast.recorder).same == 1
    assert next_to_close(cast.a.id) == ""


def test_nobody_posts_an_opening_that_she_entered(cast):
    person = cast.registered()
    take_file("hours", books.xlsx([HEADER, line(person)]), cast.head)
    key = Opening.get().id
    Opening.move(key, "submit", cast.head)
    with pytest.raises(Refusal, match="自己录入"):
        Opening.move(key, "post", cast.head)
    with pytest.raises(NotFound):
        Opening.move(key, "post", cast.head_b)
    assert Opening.move(key, "post", cast.deputy).state == "posted"


def test_a_draft_is_put_right_by_its_table_and_a_posted_opening_is_not(cast):
    person = cast.registered()
    take_file("hours", books.xlsx([HEADER, line(person)]), cast.recorder)
    changed = books.xlsx([HEADER, line(person, honour="130")])
    assert take_file("hours", changed, cast.recorder).changed == 1
    row = Opening.get()
    assert (row.honour_minutes, row.revision) == (7800, 1)
    Opening.move(row.id, "submit", cast.recorder)
    Opening.move(row.id, "post", cast.head)
    with pytest.raises(RowsRefused, match="请申请更正"):
        take_file("hours", books.xlsx([HEADER, line(person, honour="140")]), cast.recorder)


def test_an_opening_is_taken_back_by_opposite_entries_and_what_was_used_becomes_a_debt(cast_on_either):
    cast = cast_on_either
    person = cast.registered()
    row = posted(cast, person)
    item = RewardItem.enter(cast.head, name="大米 5kg", kind="goods", points=8, stock=5)
    spent = Redemption.reserve(person.id, item.id, 1, cast.recorder, "k1").minutes
    assert spent > 0 and Balance.get_by_id(person.id).exchangeable == 2400 - spent  # really spent
    Opening.move(row.id, "dispute", cast.head, "纸上是 12 小时")
    with pytest.raises(Refusal, match="自己提出的更正"):
        Opening.move(row.id, "reverse", cast.head)
    assert Opening.move(row.id, "reverse", cast.deputy).state == "reversed"
    balance = Balance.get_by_id(person.id)
    assert (balance.honour, balance.exchangeable, balance.debt) == (0, 0, spent) and verify() == []
    assert len(row.entries()) == 5  # what is still there taken back, the rest owed
    assert take_file("hours", books.xlsx([HEADER, line(person, honour="12", exchangeable="0")]), cast.recorder).new == 1


@pytest.mark.parametrize(
    ("more", "column", "says"),
    [
        ({"honour": "0"}, "荣誉工时（小时）", "应大于 0"),
        ({"honour": "很多"}, "荣誉工时（小时）", ""),
        ({"exchangeable": "121"}, "可兑换工时（小时）", "多于荣誉工时"),
        ({"from": "2099-01-01"}, "最早服务日期", "应不晚于截至日期"),
        ({"until": "2099-01-01"}, "截至日期", "还没有到"),
        ({"source": ""}, "资料来源", "请填写"),
        ({"evidence": ""}, "证明材料", "请填写"),
        ({"honour": "9000"}, "荣誉工时（小时）", "天里最多"),
        ({"name": "王芳"}, "志愿者编号", "不是同一个人"),
        ({"card": "999999999999999"}, "志愿者编号", "没有编号"),
    ],
)
def test_a_finding_names_the_cell_and_what_would_be_right(cast, more, column, says):
    first, second = cast.registered("李明"), cast.registered("李明")
    seen = preview("hours", books.xlsx([HEADER, line(first), line(second, **more)]), cast.recorder)
    assert [(row, where) for row, where, _ in wrong(seen)] == [(3, column)] and says in wrong(seen)[0][2]
    with pytest.raises(RowsRefused):
        take(seen, cast.recorder)
    assert Opening.select().count() == 0


def test_the_same_person_and_source_twice_in_one_table_names_both_rows(cast):
    person = cast.registered()
    seen = preview("hours", books.xlsx([HEADER, line(person), line(person, honour="9")]), cast.recorder)
    assert wrong(seen)[0][:2] == (3, "资料来源") and "与第 2 行" in wrong(seen)[0][2]


def test_service_that_is_in_the_account_record_by_record_is_not_taken_over_again(cast):
    person = cast.registered()
    cast.posted(person, minutes=60)
    day = str(clock.today())
    seen = preview("hours", books.xlsx([HEADER, line(person, until=day)]), cast.recorder)
    assert wrong(seen)[0][1] == "截至日期" and "重复计算" in wrong(seen)[0][2]


@pytest.mark.parametrize("state", ["draft", "submitted", "posted"])
def test_a_record_of_days_that_an_opening_covers_is_refused_and_names_it(cast, state):
    person, other = cast.registered(), cast.registered("王芳")
    row = opening(cast, person)
    for move, by in (("submit", cast.recorder), ("post", cast.head))[: ["draft", "submitted", "posted"].index(state)]:
        Opening.move(row.id, move, by)
    for day, free in ((row.earned_on, False), (row.until, False), (row.until + timedelta(days=1), True)):
        activity = cast.activity(day)
        key_in([cast.draft(other, activity)], cast.recorder)
        if free:
            assert key_in([cast.draft(person, activity)], cast.recorder)
            continue
        with pytest.raises(Refusal, match=f"期初工时 {row.id} 号「纸质台账」.*那里已经计过"):
            key_in([cast.draft(person, activity)], cast.recorder)
    assert ServiceRecord.select().where(ServiceRecord.volunteer == person.id).count() == 1


def test_a_row_of_a_table_of_records_inside_an_opening_is_refused_at_its_day(cast):
    person = cast.registered("李明")
    row = opening(cast, person)
    activity = cast.activity(row.until, name="清洁")
    header = ["姓名", "活动名称", "服务日期", "开始时间", "结束时间", "服务内容", "服务质量"]
    table = books.xlsx([header, ["李明", "清洁", str(activity.day), "9:00", "11:00", "打扫", "优"]])
    (found,) = wrong(preview("records", table, cast.recorder))
    assert found[:2] == (2, "开始时间") and f"期初工时 {row.id} 号" in found[2]
    Opening.move(row.id, "void", cast.recorder, "重复了")
    assert take_file("records", table, cast.recorder).new == 1


def test_a_visitors_opening_is_not_read_out_to_another_station(cast):
    person = cast.registered("王芳", by=cast.recorder_b)
    row = Opening.enter(
        cast.recorder_b, volunteer=person.id, honour_minutes=600, exchangeable_minutes=0, source="本站的秘密台账",
        earned_on=clock.today() - timedelta(days=90), until=clock.today() - timedelta(days=60), evidence="柜 1",
    )  # fmt: skip
    with pytest.raises(Refusal, match="另一工作站的期初工时") as no:
        key_in([cast.draft(person, cast.activity(row.until))], cast.recorder)
    assert "秘密" not in str(no.value)


@pytest.mark.parametrize("move", ["", "submit", "submit approve"])
def test_an_opening_over_days_that_have_records_is_refused_whatever_became_of_them(cast, move):
    person = cast.registered()
    (record,) = key_in([cast.draft(person, cast.activity())], cast.recorder)
    for name in move.split():
        move_all([record.id], name, cast.recorder if name == "submit" else cast.head)
    day = str(clock.today())
    with pytest.raises(Refusal, match=r"已有 1 条服务记录.*重复计算"):
        opening(cast, person, until=clock.today())
    assert wrong(preview("hours", books.xlsx([HEADER, line(person, until=day)]), cast.recorder))[0][1] == "截至日期"
    assert opening(cast, person, until=clock.today() - timedelta(days=2)).state == "draft"


def test_another_stations_volunteer_has_her_opening_there(cast):
    other = cast.registered("王芳", by=cast.recorder_b)
    seen = preview("hours", books.xlsx([HEADER, line(other)]), cast.recorder)
    assert "不在本站登记" in wrong(seen)[0][2] or "没有找到所选" in wrong(seen)[0][2]


@pytest.mark.parametrize("who", ["county", "auditor", "admin", "volunteer"])
@pytest.mark.parametrize("kind", ["hours", "stars"])
def test_only_the_desk_takes_them_in(cast, who, kind):
    with pytest.raises(Refusal):
        preview(kind, books.xlsx([HEADER, line(cast.registered())]), getattr(cast, who))


LEDGER = ["志愿者编号", "姓名", "类型", "来源", "荣誉工时增减", "可兑换工时增减", "发生日期", "理由", "行标识（请勿改动）"]


def entry_line(entry, person, honour, exchangeable="", mark=None) -> list:
    return [
        person.card_no, person.name, "期初转入", "表格导入", honour, exchangeable, str(entry.day), entry.reason,
        mark or mark_of(entry),
    ]  # fmt: skip


def test_an_entry_of_the_account_that_comes_back_is_the_same_and_edited_it_is_refused(cast):
    person = cast.registered()
    posted(cast, person)
    first, second = Entry.select().order_by(Entry.id)
    same = [LEDGER, entry_line(first, person, 120), entry_line(second, person, "", 40)]
    assert take_file("hours", books.xlsx(same), cast.recorder).same == 2
    edited = [LEDGER, entry_line(first, person, 130), entry_line(second, person, "", 40)]
    (found,) = wrong(preview("hours", books.xlsx(edited), cast.recorder))
    assert found[:2] == (2, "荣誉工时增减") and "只增不改" in found[2] and "更正" in found[2]


def test_a_strangers_entry_is_not_found(cast):
    person = cast.registered()
    posted(cast, person)
    rows = [LEDGER, entry_line(Entry.select().first(), person, 120)]
    (found,) = wrong(preview("hours", books.xlsx(rows), cast.recorder_b))
    assert "没有找到这一行" in found[2]


def test_forty_rows_take_no_more_statements_to_look_at_than_four(cast):
    people = [cast.registered(f"人{chr(0x4E00 + n)}") for n in range(40)]

    def asked(some) -> int:
        table = books.xlsx([HEADER, *(line(one) for one in some)])
        with count_queries() as counted:
            preview("hours", table, cast.recorder)
        return counted.count

    assert asked(people) <= asked(people[:4]) + 2


# --- stars ---

STAR = ["志愿者编号", "姓名", "星级", "累计工时", "认定日期", "认定人", "证书编号", "证明材料"]


def star_line(person, **more) -> list:
    said = {
        "card": person.card_no, "name": person.name, "star": "一星级", "hours": "105", "on": "2022-12-05",
        "by": "五华区文明办", "no": "旧-2022-017", "proof": "证书复印件，星级卷第 3 页",
    } | more  # fmt: skip
    return list(said.values())


def test_a_star_of_earlier_days_stands_once_the_head_and_then_the_county_said_so(cast_on_either):
    cast = cast_on_either
    person = cast.registered()
    table = books.xlsx([STAR, star_line(person)])
    assert take_file("stars", table, cast.recorder).new == 1
    assert take_file("stars", table, cast.recorder).same == 1
    row = StarGrant.get()
    assert (row.state, row.origin) == ("claimed", "earlier")
    with pytest.raises(Refusal):
        StarGrant.move(row.id, "admit", cast.county)
    StarGrant.move(row.id, "vouch", cast.head)
    with pytest.raises(Refusal, match="县级认定"):
        StarGrant.move(row.id, "admit", cast.prefecture)
    row = StarGrant.move(row.id, "admit", cast.county)
    assert (row.state, row.recognised_on, row.recogniser, row.certificate_no) == (
        "recognised", date(2022, 12, 5), "五华区文明办", "旧-2022-017",
    )  # fmt: skip
    cast.posted(person, minutes=60)
    assert StarGrant.get_by_id(row.id).state == "recognised"  # fewer hours here than on paper is no doubt
    with pytest.raises(Refusal, match="不能重新打印"):
        row.printed(cast.head)


def test_whoever_entered_the_star_does_not_vouch_for_it(cast):
    take_file("stars", books.xlsx([STAR, star_line(cast.registered())]), cast.head)
    key = StarGrant.get().id
    with pytest.raises(Refusal, match="自己录入"):
        StarGrant.move(key, "vouch", cast.head)
    assert StarGrant.move(key, "turn_down", cast.deputy, "证书上不是这个人").certificate_no is None


def test_a_candidate_that_was_recognised_before_takes_up_the_same_case(cast):
    person = cast.registered()
    posted(cast, person)
    case = StarGrant.get(StarGrant.volunteer == person.id)
    assert case.state == "candidate"
    assert take_file("stars", books.xlsx([STAR, star_line(person)]), cast.recorder).new == 1
    assert StarGrant.get_by_id(case.id).state == "claimed" and StarGrant.select().count() == 1


@pytest.mark.parametrize(
    ("more", "column", "says"),
    [
        ({"star": "九星级"}, "星级", "没有“九星级”这个星级"),
        ({"on": "2099-01-01"}, "认定日期", "还没有到"),
        ({"hours": "0"}, "累计工时", "应大于 0"),
        ({"by": ""}, "认定人", "请填写认定人"),
        ({"proof": ""}, "证明材料", "存放在哪里"),
        ({"no": "旧-1"}, "证书编号", "已经用过"),
        ({"no": "x" * 31}, "证书编号", "最多 30 个字"),
    ],
)
def test_a_star_that_cannot_be_is_refused_at_its_cell(cast, more, column, says):
    first, second = cast.registered("李明"), cast.registered("王芳")
    seen = preview("stars", books.xlsx([STAR, star_line(first, no="旧-1"), star_line(second, **more)]), cast.recorder)
    assert [(row, where) for row, where, _ in wrong(seen)] == [(3, column)] and says in wrong(seen)[0][2]


def test_a_case_that_comes_back_from_our_own_ledger_is_the_same_and_edited_it_is_refused(cast):
    person = cast.registered()
    posted(cast, person)
    case = StarGrant.get(StarGrant.volunteer == person.id)
    header = ["志愿者编号", "姓名", "星级", "累计工时", "行标识（请勿改动）"]
    rows = [header, [person.card_no, person.name, "一星级", 120, mark_of(case)]]
    assert take_file("stars", books.xlsx(rows), cast.recorder).same == 1
    rows[1][3] = 150
    (found,) = wrong(preview("stars", books.xlsx(rows), cast.recorder))
    assert found[1] == "累计工时" and "不能由表格修改" in found[2]
    assert "没有找到" in wrong(preview("stars", books.xlsx(rows), cast.recorder_b))[0][2]


def keyed(window, person, **more):
    window.get("/admin/stars/claim/")
    said = {
        "volunteer": person.id, "star": "1", "honour_minutes": "105", "recognised_on": "2022-12-05",
        "recogniser": "五华区文明办", "certificate_no": "旧-2022-017", "proof": "证书复印件",
    }  # fmt: skip
    return window.post("/admin/stars/claim/", **(said | more))


def test_one_star_of_before_is_keyed_by_form_and_waits_for_the_head(cast, desk):
    person = cast.registered()
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/stars/").says("登记以前的星级")
    page = keyed(window, person)
    assert page.says("已登记，待站长对照证明材料核对。") and page.path.startswith("/admin/stars/details/")
    row = StarGrant.get()
    assert (row.state, row.origin, row.volunteer_id, row.certificate_no) == ("claimed", "earlier", person.id, "旧-2022-017")
    assert (row.honour_minutes, row.entered_by) == (6300, cast.recorder.account_id)
    assert keyed(window, person).says("已经登记过，内容相同") and StarGrant.select().count() == 1
    assert StarGrant.move(row.id, "vouch", cast.head).state == "vouched"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"volunteer": ""}, "请选择志愿者"),
        ({"star": ""}, "请填写星级"),
        ({"star": "9"}, "没有“9”这个星级"),
        ({"honour_minutes": "很多"}, "不能认作时长"),
        ({"recognised_on": "2099-01-01"}, "还没有到"),
        ({"recogniser": ""}, "请填写认定人"),
        ({"proof": ""}, "存放在哪里"),
        ({"certificate_no": "9" * 31}, "最多 30 个字"),
    ],
)
def test_a_star_by_form_that_cannot_be_is_refused_beside_its_field_with_what_was_typed(cast, desk, more, says):
    page = keyed(desk.signed_in_as(cast.recorder), cast.registered(), **more)
    assert page.says("没有登记") and page.says(says) and page.says("证书复印件" if "proof" not in more else "五华区文明办")
    assert StarGrant.select().count() == 0


def test_a_star_by_form_is_the_own_desks_for_its_own_people(cast, desk):
    stranger = cast.registered("王芳", by=cast.recorder_b)
    assert keyed(desk.signed_in_as(cast.recorder), stranger).status == 404
    for who in (cast.county, cast.auditor, cast.admin):
        window = desk.signed_in_as(who)
        assert window.get("/admin/stars/claim/").status == 403
        assert not window.get("/admin/stars/").says("登记以前的星级")
    mine = desk.signed_in_as(cast.head)
    keyed(mine, cast.registered())
    with pytest.raises(Refusal, match="自己录入"):
        StarGrant.move(StarGrant.get().id, "vouch", cast.head)

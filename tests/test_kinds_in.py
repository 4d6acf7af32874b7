"""需求, 项目, 活动, 培训, 结对帮扶 and 投诉 in: what a line becomes, what refuses it, twice is once, out and in again."""

from datetime import date

import openpyxl
import pytest
from kinds_in import MODELS, ago, good, sheet
from peewee import SQL
from playhouse.test_utils import count_queries
from served import household, need, recipient

from models.activities import Activity
from models.attending import enrol
from models.audit import Trail
from models.complaints import Complaint
from models.courses import Attendance, Training
from models.households import Household, Recipient
from models.needs import Need
from models.pairing import Pairing
from models.projects import Post, Project
from models.refusals import Refusal
from models.units import Unit
from models.vocabulary import Term
from views.ledgers import out
from views.ledgers.catalogue import LEDGERS
from views.ledgers.headers import bare
from views.ledgers.incoming import RowsRefused
from views.ledgers.marks import MARK_HEADER, mark_of
from views.ledgers.take_in import KINDS, PART, preview, take, take_file


def said(seen) -> list[str]:
    return [str(found) for found in seen.findings if not found.warning]


@pytest.fixture
def today(cast):
    cast.project()
    return cast


@pytest.mark.parametrize("kind", MODELS)
def test_lines_become_drafts_of_whoever_imports(today, kind):
    taken = take_file(kind, sheet(good(kind, 1), good(kind, 2)), today.recorder)
    assert (taken.new, taken.changed) == (2, 0)
    rows = list(MODELS[kind].select().order_by(MODELS[kind].id.desc()).limit(2))
    for row in rows:
        assert (row.state, row.entered_by, row.station_id) == (MODELS[kind].life.first, today.recorder.account_id, today.a.id)
        assert Trail.select().where(Trail.table == row._meta.table_name, Trail.row == str(row.id), Trail.action == "enter").count() == 1


@pytest.mark.parametrize("kind", MODELS)
def test_the_same_file_twice_changes_nothing(today, kind):
    rows = sheet(good(kind, 1), good(kind, 2))
    take_file(kind, rows, today.recorder)
    traces = Trail.select().count()
    again = take_file(kind, rows, today.recorder)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert Trail.select().count() == traces


@pytest.mark.parametrize("kind", MODELS)
def test_a_file_is_taken_once_on_either_database(cast_on_either, kind):
    cast_on_either.project()
    rows = sheet(good(kind, 1), good(kind, 2))
    assert take_file(kind, rows, cast_on_either.recorder).new == 2
    assert take_file(kind, rows, cast_on_either.head).same == 2


@pytest.mark.parametrize("kind", [kind for kind in MODELS if kind != "training"])  # which has a line for each of its people
def test_one_line_twice_in_a_file_is_refused(today, kind):
    (wrong,) = said(preview(kind, sheet(good(kind), good(kind)), today.recorder))
    assert "第 3 行" in wrong and "第 2 行" in wrong


@pytest.mark.parametrize("kind", MODELS)
def test_only_the_desk_may(today, kind):
    rows = sheet(good(kind))
    for nobody in (today.county, today.auditor, today.admin, today.volunteer):
        with pytest.raises(Refusal, match="不能办理"):
            preview(kind, rows, nobody)
    seen = preview(kind, rows, today.recorder)
    with pytest.raises(Refusal, match="不能办理"):
        take(seen, today.auditor)
    assert take_file(kind, rows, today.head).new == 1


@pytest.mark.parametrize("kind", MODELS)
def test_every_column_of_the_ledger_is_known_on_the_way_in(kind):
    known = {word for column in KINDS[kind].columns for word in column.said()}
    assert [c.label for c in LEDGERS[kind].columns if bare(c.label) not in known] == []


@pytest.mark.parametrize("kind", MODELS)
def test_no_two_columns_answer_to_one_word(kind):
    words = [word for column in KINDS[kind].columns for word in column.said()]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(
    ("kind", "head", "value", "column", "says"),
    [
        ("needs", "采集日期", date(2099, 1, 1), "采集日期", "还没有到"),
        ("needs", "采集日期", "昨天", "采集日期", "不能认作日期"),
        ("needs", "需求类别", "不存在的", "需求类别", "没有“不存在的”这一项"),
        ("needs", "需求内容", "", "需求内容", "请填写「需求内容」"),
        ("needs", "困难类别", "", "服务对象", "请填写「困难类别」"),
        ("needs", "详细住址", "", "户主", "请填写「详细住址」"),
        ("needs", "联系电话", "123", "联系电话", ""),
        ("needs", "紧急程度", "火烧眉毛", "紧急程度", "可填"),
        ("projects", "结束日期", "2019-01-01", "结束日期", "不早于开始日期"),
        ("projects", "计划招募", "许多", "计划招募", "不能认作整数"),
        ("projects", "计划招募", 0, "计划招募", "应在 1 到"),
        ("projects", "岗位", "陪伴员若干", "岗位", "不能认作岗位"),
        ("projects", "岗位", "陪伴员0人", "岗位", "应在 1 到 10000"),
        ("projects", "指定队伍", "没有的队", "指定队伍", "没有找到叫“没有的队”的服务队"),
        ("activities", "项目", "没有的项目", "项目", "没有叫“没有的项目”的项目"),
        ("activities", "结束时间", "8:00", "结束时间", "应晚于开始时间"),
        ("activities", "活动日期", date(2098, 1, 1), "活动日期", "晚于项目结束日期"),
        ("activities", "入户探访", "也许", "入户探访", "不能认作是或否"),
        ("training", "学时（小时）", 9999, "学时（小时）", "学时应在"),
        ("training", "主题", "玄学", "主题", "没有“玄学”这一项"),
        ("training", "地点", "", "地点", "请填写「地点」"),
        ("pairing", "到期日期", "2019-01-01", "到期日期", "应晚于起始日期"),
        ("pairing", "单位联系人", "", "文明单位", "请填写「单位联系人」"),
        ("pairing", "单位联系电话", "12", "单位联系电话", ""),
        ("pairing", "每季承诺次数", 9999, "每季承诺次数", "应在 1 到"),
        ("pairing", "帮扶形式", "三助一", "帮扶形式", "可填一助一、多助一"),
        ("complaints", "收到日期", date(2099, 1, 1), "收到日期", "还没有到"),
        ("complaints", "被投诉人", "", "", "请写明投诉的是哪位志愿者"),
        ("complaints", "事由", "", "事由", "请填写「事由」"),
    ],
)
def test_a_cell_that_does_not_do_is_refused_at_its_row_and_column(today, kind, head, value, column, says):
    bad = good(kind, 2) | {head: value}
    before = MODELS[kind].select().count()
    seen = preview(kind, sheet(good(kind), bad), today.recorder)
    wrong = [found for found in seen.findings if not found.warning]
    assert [line.status for line in seen.lines] == ["new", "refused"], said(seen)
    assert {(f.row, f.column) for f in wrong if not column or f.column == column} >= ({(3, column)} if column else set()), said(seen)
    assert len(wrong) == 1 and says in wrong[0].says, said(seen)
    with pytest.raises(RowsRefused):
        take(seen, today.recorder)
    assert MODELS[kind].select().count() == before


class Book:
    """An exported ledger in a spreadsheet program, with the marks that it hides."""

    def __init__(self, kind, path, by) -> None:
        out.write(kind, path, by)
        self.path, self.book = path, openpyxl.load_workbook(path)
        self.sheet = next(one for one in self.book.worksheets if "序号" in [c.value for c in one[3]])
        heads = [c.value for c in self.sheet[3]]
        if MARK_HEADER not in heads:
            model = LEDGERS[kind].model
            rows = model.select().where(model.station == by.station_id).order_by(LEDGERS[kind].order, SQL("id"))
            shown = [row for row in rows if row.state not in LEDGERS[kind].leaves_out]
            self.sheet.cell(3, len(heads) + 1).value = MARK_HEADER
            for n, row in enumerate(shown, 4):
                self.sheet.cell(n, len(heads) + 1).value = mark_of(row)
        self.places = {c.value: c.column for c in self.sheet[3] if c.value}

    def cell(self, n: int, head: str):
        return self.sheet.cell(3 + n, self.places[head])

    def saved(self):
        self.book.save(self.path)
        return self.path


EDITS = {
    "needs": ("需求内容", "每周理发一次", "content"),
    "projects": ("服务地点", "二楼", "place"),
    "activities": ("地点", "二楼", "place"),
    "complaints": ("事由", "来晚了一小时", "reason"),
}


@pytest.mark.parametrize("kind", EDITS)
def test_out_edited_and_in_again_changes_just_what_was_edited(today, kind, tmp_path):
    take_file(kind, sheet(good(kind, 1), good(kind, 2), good(kind, 3)), today.recorder)
    book = Book(kind, tmp_path / "out.xlsx", today.head)
    head, value, column = EDITS[kind]
    seen = preview(kind, book.saved(), today.recorder)
    assert {line.status for line in seen.lines} == {"same"} and not seen.findings, [str(f) for f in seen.findings]
    n = book.sheet.max_row - 4  # the last of the three, above the totals
    n = next(n for n in range(n, 0, -1) if "行标识（请勿改动）" in book.places and book.cell(n, MARK_HEADER).value)
    book.cell(n, head).value = value
    before = {row.id: dict(row.__data__) for row in MODELS[kind].select()}
    taken = take_file(kind, book.saved(), today.recorder)
    assert (taken.new, taken.changed) == (0, 1)
    differ = {
        (row.id, name) for row in MODELS[kind].select() for name, now in row.__data__.items() if before[row.id][name] != now
    }
    assert {name for _, name in differ} == {column, "revision", "amended_by"} and len({key for key, _ in differ}) == 1


@pytest.mark.parametrize("kind", EDITS)
def test_a_row_that_somebody_changed_since_and_a_row_of_another_station_are_refused(today, kind):
    take_file(kind, sheet(good(kind)), today.recorder)
    row = MODELS[kind].select().order_by(MODELS[kind].id.desc()).first()
    head, value, column = EDITS[kind]
    line = good(kind) | {head: value, MARK_HEADER: mark_of(row)}
    seen = preview(kind, sheet(line), today.recorder_b)
    assert next(found.says for found in seen.findings if not found.warning).startswith("没有找到这一行")
    MODELS[kind].amend(row.id, today.head, **{column: "别人改的"})
    seen = preview(kind, sheet(line), today.recorder)
    assert any("改过这一行" in found.says for found in seen.findings), said(seen)
    assert seen.lines[0].status == "refused"


@pytest.mark.parametrize("kind", [*MODELS])
def test_the_statements_of_a_preview_do_not_grow_with_the_rows(today, kind):
    counts = []
    for size in (50, 200):
        rows = sheet(*(good(kind, n) for n in range(1, size + 1)))
        with count_queries() as counted:
            assert preview(kind, rows, today.recorder).counts["new"] == size
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 60, counts
    take_file(kind, rows, today.recorder)
    with count_queries() as counted:
        assert preview(kind, rows, today.recorder).counts["same"] == 200
    assert counted.count <= 60


def test_a_need_finds_the_household_and_the_person_that_are_there(today):
    home = household(today.recorder)
    person = recipient(today.recorder, home)
    line = good("needs") | {"户主": home.name, "楼栋": home.building, "详细住址": None, "联系电话": None, "服务对象": person.name, "困难类别": None}
    assert take_file("needs", sheet(line), today.recorder).new == 1
    (row,) = Need.select()
    assert (row.household_id, row.recipient_id) == (home.id, person.id)
    assert (Household.select().count(), Recipient.select().count()) == (1, 1)
    (told,) = preview("needs", sheet(line | {"联系电话": "13999999999"}), today.recorder).findings
    assert told.warning and "请在「户」里改" in told.says


def test_two_needs_of_one_new_household_register_it_once(today):
    one = good("needs")
    other = one | {"需求类别": Term.get(Term.kind == "category", Term.code == "02").name}
    take_file("needs", sheet(one, other), today.recorder)
    assert (Household.select().count(), Recipient.select().count(), Need.select().count()) == (1, 1, 2)
    home = Household.get()
    assert home.address == "翠竹巷 1 栋 501" and Recipient.get().hardship == ["01"]


def test_a_verified_need_is_not_changed_from_a_table(today):
    row = need(today.recorder, household(today.recorder))
    Need.move(row.id, "verify", today.head, verified_how="home", verified_by="孙丽")
    row = Need.get_by_id(row.id)
    line = {"户主": row.household.name, "采集日期": row.collected_on, "采集人": row.collector, "需求类别": "家政服务", "需求内容": row.content,
            MARK_HEADER: mark_of(row)}  # fmt: skip
    line["需求类别"] = Term.get(Term.kind == "category", Term.code == row.category).name
    assert preview("needs", sheet(line), today.recorder).counts["same"] == 1
    seen = preview("needs", sheet(line | {"需求内容": "另一件事"}), today.recorder)
    assert "内容不能再改" in said(seen)[0]


def test_a_published_project_is_changed_by_the_head_alone_and_gets_its_posts(today):
    row = Project.get()
    line = good("projects") | {"项目名称": row.name, "开始日期": row.starts_on, "结束日期": row.ends_on, "计划招募": 20, "岗位": "服务30人、司机2人", "条件要求": None}
    seen = preview("projects", sheet(line), today.recorder)
    assert "由站长修改" in said(seen)[0]
    assert take_file("projects", sheet(line), today.head).changed == 1
    assert {(p.name, p.headcount) for p in Post.select()} == {("服务", 30), ("司机", 2)}
    assert take_file("projects", sheet(line), today.head).same == 1


def test_an_activity_of_a_project_that_is_not_published_is_refused(today):
    take_file("projects", sheet(good("projects")), today.recorder)
    line = good("activities") | {"项目": good("projects")["项目名称"]}
    assert "还没有发布" in said(preview("activities", sheet(line), today.recorder))[0]


def test_a_training_is_drafted_first_and_its_list_filled_once_it_was_held(today):
    people = [today.registered(f"人{name}") for name in "甲乙丙"]
    lines = [good("training") | {"志愿者编号": p.card_no, "姓名": p.name, "参训情况": how, "考核": result}
             for p, how, result in zip(people, ("已到场", "缺席", "已到场"), ("合格", None, "不合格"), strict=True)]  # fmt: skip
    seen = preview("training", sheet(*lines), today.recorder)
    assert seen.counts["new"] == 1 and seen.counts["same"] == 2 and all("发布以后" in f.says for f in seen.findings)
    take(seen, today.recorder)
    (row,) = Training.select()
    assert row.state == "draft" and not Attendance.select().exists()
    Training.move(row.id, "publish", today.recorder)
    assert take_file("training", sheet(*lines), today.recorder).new == 3
    assert {a.state for a in Attendance.select()} == {"enrolled"}
    Training.move(row.id, "hold", today.recorder)
    assert take_file("training", sheet(*lines), today.recorder).changed == 3
    assert [(a.state, a.minutes, a.result) for a in Attendance.select().order_by(Attendance.id)] == [
        ("attended", 120, "passed"), ("absent", 0, "none"), ("attended", 120, "failed"),
    ]  # fmt: skip
    assert take_file("training", sheet(*lines), today.recorder).same == 3


def test_results_out_edited_and_in_again(today, tmp_path):
    people = [today.registered(f"人{name}") for name in "甲乙"]
    take_file("training", sheet(good("training")), today.recorder)
    (row,) = Training.select()
    Training.move(row.id, "publish", today.recorder)
    enrol(row.id, [p.id for p in people], today.recorder)
    Training.move(row.id, "hold", today.recorder)
    Attendance.move_all([a.id for a in Attendance.select()], "attend", today.recorder)
    book = Book("training", tmp_path / "t.xlsx", today.head)
    seen = preview("training", book.saved(), today.recorder)
    assert {line.status for line in seen.lines} == {"same"} and not seen.findings, [str(f) for f in seen.findings]
    book.cell(2, "考核").value = "合格"
    assert take_file("training", book.saved(), today.recorder).changed == 1
    assert [a.result for a in Attendance.select().order_by(Attendance.id)] == ["none", "passed"]
    Training.move(row.id, "confirm", today.head)
    book.cell(1, "考核").value = "不合格"
    seen = preview("training", book.saved(), today.recorder)
    assert any("不能" in s or "才能登记" in s or "改过" in s for s in said(seen))


@pytest.mark.parametrize(
    ("more", "column", "says"),
    [
        ({"姓名": "查无此人", "志愿者编号": None}, "姓名", "本站没有叫“查无此人”的志愿者"),
        ({"实到学时（小时）": 9}, "实到学时（小时）", "应在 1 到 120 分钟之间"),
        ({"参训情况": "已退出"}, "参训情况", "没有报名的人"),
        ({"姓名": None, "志愿者编号": None}, "姓名", "请填写志愿者编号或姓名"),
    ],
)
def test_a_line_of_the_list_that_does_not_do_is_refused(today, more, column, says):
    person = today.registered("李明")
    take_file("training", sheet(good("training")), today.recorder)
    row = Training.get()
    Training.move(row.id, "publish", today.recorder)
    Training.move(row.id, "hold", today.recorder)
    line = good("training") | {"志愿者编号": person.card_no, "姓名": "李明", "参训情况": "已到场"} | more
    seen = preview("training", sheet(line), today.recorder)
    (wrong,) = [f for f in seen.findings if not f.warning]
    assert wrong.column == column and says in wrong.says, said(seen)


def test_lines_of_one_training_that_do_not_agree_are_refused(today):
    seen = preview("training", sheet(good("training"), good("training") | {"主讲": "另一位"}), today.recorder)
    assert "与第 2 行是同一次培训，「主讲」却不同" in said(seen)[0]


def test_a_pairing_registers_its_unit_once_and_an_active_one_is_not_changed(today):
    one = good("pairing")
    other = one | {"起始日期": ago(300), "到期日期": ago(101)}
    take_file("pairing", sheet(one, other), today.recorder)
    (unit,) = Unit.select()
    assert (unit.level, unit.contact, unit.entered_by) == ("prefecture", "13812345678", today.recorder.account_id)
    assert Pairing.select().count() == 2
    row = Pairing.get(Pairing.starts_on == ago(100))
    Pairing.update(state="active").where(Pairing.id == row.id).execute()
    seen = preview("pairing", sheet(one | {"帮扶内容": "别的"}), today.recorder)
    assert "不能再修改" in said(seen)[0]
    assert preview("pairing", sheet(one), today.recorder).counts["same"] == 1


def test_an_exported_pairing_in_again_is_the_same(today, tmp_path):
    take_file("pairing", sheet(good("pairing")), today.recorder)
    Pairing.update(state="active").execute()
    book = Book("pairing", tmp_path / "p.xlsx", today.head)
    seen = preview("pairing", book.saved(), today.recorder)
    assert [line.status for line in seen.lines] == ["same"] and not seen.findings, [str(f) for f in seen.findings]
    book.cell(1, "状态").value = "草稿"
    (told,) = preview("pairing", book.saved(), today.recorder).findings
    assert told.warning and "仍为「结对中」" in told.says


def test_a_complaint_names_a_volunteer_and_an_activity_of_the_station_alone(today):
    mine, strange = today.registered("李明"), today.registered("王芳", today.recorder_b)
    activity = Activity.enter(today.recorder, project=Project.get().id, name="理发", day=ago(), place="室", lead="赵敏")
    line = good("complaints") | {"被投诉人": None, "志愿者编号": mine.card_no, "姓名": "李明", "活动名称": "理发"}
    take_file("complaints", sheet(line), today.recorder)
    row = Complaint.get()
    assert (row.volunteer_id, row.activity_id, row.state) == (mine.id, activity.id, "open") and row.due_on > ago()
    seen = preview("complaints", sheet(line | {"志愿者编号": strange.card_no, "姓名": "王芳"}), today.recorder)
    assert "本站志愿者" in said(seen)[0]
    seen = preview("complaints", sheet(line | {"活动名称": "没有的"}), today.recorder)
    assert "没有叫“没有的”的活动" in said(seen)[0]
    Complaint.move(row.id, "take", today.head)
    assert preview("complaints", sheet(line), today.recorder).counts["same"] == 1
    seen = preview("complaints", sheet(line | {"联系方式": "13900000000"}), today.recorder)
    assert "投诉内容不再改动" in said(seen)[0]


def test_a_row_of_another_station_by_name_is_not_taken_here(today):
    seen = preview("projects", sheet(good("projects") | {"工作站": "别处的站"}), today.recorder)
    assert "只能导入" in said(seen)[0]


def test_a_word_no_longer_used_stays_where_it_stands_and_is_not_chosen_anew(today):
    take_file("projects", sheet(good("projects")), today.recorder)
    Term.update(active=False).where(Term.kind == "category", Term.code == "01").execute()
    assert preview("projects", sheet(good("projects")), today.recorder).counts["same"] == 1
    assert "已停用" in said(preview("projects", sheet(good("projects", 2)), today.recorder))[0]




def test_new_households_of_a_table_in_several_parts_are_not_taken_for_one_another(today):
    rows = sheet(*(good("needs", n) for n in range(1, PART + 3)))
    seen = preview("needs", rows, today.recorder)
    assert seen.counts["new"] == PART + 2, said(seen)[:3]

"""What the national platform's front end shows of each thing (domain notes 3.1), held field by field against what goes up: in the
JSON, in the workbook, in the OpenAPI document. And what a volunteer's totals and a post's places are made of."""

from datetime import date

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook
from test_upwards import FULL, answers, batch_of, waiting

from models import clock
from models.activities import Activity
from models.applications import Application
from models.assessments import Assessment
from models.assignments import Assignment
from models.consents import Consent
from models.courses import Attendance, Training
from models.honours import Honour
from models.projects import Post, Project
from models.rewards import Redemption, RewardItem
from models.teams import Team
from models.upwards_batches import take_answers
from models.upwards_totals import Totals, totals_of
from models.volunteers import Volunteer
from rules.upwards import KINDS, NOT_SENT
from rules.upwards_checks import read_batch
from views.uploads import Upload
from views.upwards_file import read_batch_file
from views.upwards_openapi import document
from views.upwards_work import make

# The section's list: what it calls a field -> the key under which it goes up, or none where it does not and `NOT_SENT` says why.
SECTION = {
    "volunteer": {
        "姓名": "name", "证件类型": "document_type", "证件号": "document_number", "性别": "gender", "国籍": None, "民族": "ethnicity",
        "政治面貌": "politics", "最高学历": "education", "从业情况": "occupation", "手机": "phone", "座机": None, "QQ": None, "微信": None,
        "现居区域": "area", "详细地址": "address", "服务时间": "service_times", "服务类别": "categories", "个人特长": "speciality",
        "服务区域": "service_area", "注册日期": "registered_on", "实名状态": None, "志愿者编号": "volunteer_no", "服务证": None,
        "服务时长": "total_hours", "已支取总时长": "drawn_hours", "可支取总时长": "drawable_hours", "未到岗次数": "no_shows",
        "启用状态": "status",
    },
    "project": {
        "项目编号": "project_no", "项目名称": "name", "服务类别": "category", "服务地点": "place", "开始日期": "starts_on",
        "结束日期": "ends_on", "发布日期": "published_on", "服务对象": "served", "志愿者保障": "guarantees", "项目详情": "details",
        "项目状态": "status", "招募方式": "recruiting",
    },
    "post": {
        "岗位名称": "name", "岗位编号": "post_no", "描述": None, "岗位条件": "conditions", "计划招募": "headcount", "已招募": "hired",
    },
    "service": {
        "项目编号": "project_no", "岗位": None, "志愿者编号": "volunteer_no", "姓名": "name", "开始时间": "started_at",
        "结束时间": "ended_at", "服务时长": "hours", "备注": "remark", "录入方式": "entry_type", "时长状态": "status",
    },
    "evaluation": {
        "项目编号": "project_no", "服务队伍": "team", "守时程度": "punctuality", "服务态度": "attitude", "专业水平": "skill",
        "评价日期": "day",
    },
    "training": {"培训主题": "topic", "培训日期": "day", "培训时长": "hours", "培训人数": "people"},
    "honour": {"奖励名称": "title", "文书名称及文号": "document", "颁发者": "body", "颁发日期": "day"},
}  # fmt: skip
CODED = {
    "gender": {"1", "2"}, "service_times": {f"{n:02d}" for n in range(1, 25)}, "entry_type": {"1", "2", "4"},
}  # fmt: skip


@pytest.fixture
def everything(cast) -> Volunteer:
    """One volunteer of whom there is something in every column."""
    someone = cast.registered("李明", **FULL)
    Volunteer.amend(someone.id, cast.head, ethnicity="07", politics="13", education="20", occupation="01", address="文林街 1 号")
    Consent.enter(cast.recorder, volunteer=someone.id, kind="sharing", given_on=clock.today())
    (record,) = cast.posted(someone, 150)
    record.remark = "雨天"
    record.save()
    team = Team.create(station=cast.a.id, name="夕阳红助老队", kind="own", leader="赵敏", phone="13800001111", since=date(2020, 1, 1),
                       state="listed")  # fmt: skip
    Activity.update(team=team.id).execute()
    Project.update(place="社区活动室", details="每周一次").execute()
    Post.update(conditions="会做家常菜").execute()
    day = clock.today()
    Assessment.create(station=cast.a.id, record=record.id, side="recipient", quality="1", punctuality="1", attitude="2", skill="1",
                      said_by="杨奶奶", assessed_on=day)  # fmt: skip
    training = Training.create(station=cast.a.id, division="530102001001", level="community", name="急救入门", day=day, place="活动室",
                               speaker="孙医生", minutes=90, content="心肺复苏", state="confirmed", topic="")  # fmt: skip
    other = cast.registered("王芳", **FULL)
    for one, state in ((someone, "attended"), (other, "attended"), (cast.registered("赵强", **FULL), "absent")):
        Attendance.create(station=cast.a.id, training=training.id, volunteer=one.id, state=state)
    Honour.create(station=cast.a.id, volunteer=someone.id, title="优秀志愿者", level="county", body="五华区文明办", given_on=day,
                  document_no="五文明〔2026〕1号", proof="复印件", state="recorded")  # fmt: skip
    return someone


def test_every_field_of_the_section_goes_up_or_is_said_not_to(cast, everything, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    book = load_workbook(tmp_path / f"{batch.number}.xlsx")
    schemas = document()["components"]["schemas"]
    assert set(SECTION) == set(KINDS) and sum(map(len, SECTION.values())) > 60
    for kind, fields in SECTION.items():
        one = next(r["data"] for r in said["records"] if r["type"] == kind)
        head, row = [[cell.value for cell in line] for line in book[KINDS[kind].label].iter_rows(max_row=2)]
        cells = dict(zip(head, row, strict=True))
        assert {heading for heading, key in fields.items() if key is None} == set(NOT_SENT.get(kind, {}))
        for heading, key in fields.items():
            if key is None:
                assert heading not in head and heading in schemas[kind]["description"] and NOT_SENT[kind][heading]
                continue
            assert KINDS[kind].item(key).label == heading == schemas[kind]["properties"][key]["title"]
            value = one[key]
            assert value and cells[heading] == ("、".join(value) if isinstance(value, list) else value), heading
            if key in CODED:
                assert set(value if isinstance(value, list) else [value]) <= CODED[key]
    Draft202012Validator({"components": document()["components"], "$ref": "#/components/schemas/Batch"}).validate(said)
    read = read_batch_file(Upload("批次.xlsx", (tmp_path / f"{batch.number}.xlsx").read_bytes()))
    assert read["records"] == said["records"]


def of(said: dict, kind: str, key: int) -> dict:
    return next(one["data"] for one in said["records"] if (one["type"], one["id"]) == (kind, str(key)))


def test_the_figures_of_each_are_what_the_house_counts(cast, everything, tmp_path):
    _, said = batch_of(cast, tmp_path)
    mine = of(said, "volunteer", everything.id)
    assert (mine["total_hours"], mine["drawn_hours"], mine["drawable_hours"], mine["no_shows"]) == ("2.50", "0.00", "2.50", "0")
    project, post = Project.get(), Post.get()
    assert of(said, "project", project.id)["published_on"] == project.published_on.isoformat()
    assert of(said, "post", post.id)["post_no"] == f"P{project.id}-{post.id}"
    assert {one["data"]["people"] for one in said["records"] if one["type"] == "training"} == {"2"}
    assert next(one["data"]["team"] for one in said["records"] if one["type"] == "evaluation") == "夕阳红助老队"


def test_what_is_exchanged_is_drawn_and_what_is_cancelled_is_not(cast):
    someone = cast.registered("李明", **FULL)
    cast.posted(someone, 480)
    cast.posted(someone, 120)
    thing = RewardItem.enter(cast.head, name="理发", points=1)
    made = Redemption.reserve(someone.id, thing.id, 2, cast.recorder, "k-1")
    assert totals_of([someone.id]) == {someone.id: Totals(600, 120, 480, 0)}
    Redemption.move(made.id, "cancel", cast.head, "不需要了")
    assert totals_of([someone.id]) == {someone.id: Totals(600, 0, 600, 0)}


def test_who_has_no_account_yet_has_nothing_in_it(cast):
    assert totals_of([]) == {} and totals_of([987]) == {987: Totals()}
    assert Totals().said() == {"total_hours": "0.00", "drawn_hours": "0.00", "drawable_hours": "0.00", "no_shows": "0"}


def settled(cast, folder) -> None:
    """All there is went up and was accepted."""
    one, said = batch_of(cast, folder)
    take_answers(one.id, answers(said), cast.head)
    assert make(cast.head, "provincial", folder) == []


def kinds(said: dict) -> list[tuple[str, str]]:
    return [(one["type"], one["id"]) for one in said["records"]]


def test_totals_that_change_send_her_again_and_nobody_else(cast, tmp_path):
    someone, other = cast.registered("李明", **FULL), cast.registered("王芳", **FULL)
    settled(cast, tmp_path)
    (record,) = cast.posted(someone, 150)
    Project.update(place="社区活动室").execute()
    _, said = batch_of(cast, tmp_path)
    assert [one for one in kinds(said) if one[0] in ("volunteer", "service")] == [("volunteer", str(someone.id)), ("service", str(record.id))]
    assert str(other.id) not in {one["id"] for one in said["records"] if one["type"] == "volunteer"}


def test_a_turn_that_was_missed_sends_her_again(cast, tmp_path):
    someone, activity = cast.registered("李明", **FULL), cast.activity()
    Project.update(place="社区活动室").execute()
    settled(cast, tmp_path)
    now = clock.now()
    Assignment.create(station=cast.a.id, activity=activity.id, volunteer=someone.id, starts_at=now, ends_at=now, state="missed")
    _, said = batch_of(cast, tmp_path)
    assert kinds(said) == [("volunteer", str(someone.id))] and of(said, "volunteer", someone.id)["no_shows"] == "1"


def test_a_place_that_is_given_sends_the_post_again_and_nothing_else(cast, tmp_path):
    someone, post = cast.registered("李明", **FULL), cast.post(headcount=3)
    Project.update(place="社区活动室").execute()
    settled(cast, tmp_path)
    asked = Application.apply(post.id, someone.id, cast.recorder)
    assert make(cast.head, "provincial", tmp_path) == []  # asking takes no place
    Application.move(asked.id, "accept", cast.head)
    _, said = batch_of(cast, tmp_path)
    assert kinds(said) == [("post", str(post.id))]
    assert (of(said, "post", post.id)["headcount"], of(said, "post", post.id)["hired"]) == ("3", "1")


def test_a_day_that_passes_sends_nothing_again(cast, everything, tmp_path):
    settled(cast, tmp_path)
    clock.move_demo_clock(1)
    assert make(cast.head, "provincial", tmp_path) == []
    assert waiting("volunteer").state == "accepted"


def test_the_day_of_publishing_is_set_by_that_move_alone(cast):
    project = cast.project()
    assert Project.get_by_id(project.id).published_on == clock.today()
    before = clock.today()
    clock.move_demo_clock(3)
    Project.amend(project.id, cast.head, details="改一句")
    Project.move(project.id, "publish", cast.head)
    assert Project.get_by_id(project.id).published_on == before


@pytest.mark.parametrize(("version", "fine"), [(1, True), (2, True), (3, False), ("2", False)])
def test_a_platform_reads_batches_of_stations_that_are_not_upgraded_yet(cast, everything, tmp_path, version, fine):
    _, said = batch_of(cast, tmp_path)
    if fine:
        assert read_batch(said | {"version": version}) == said["records"]
    else:
        with pytest.raises(Exception, match="升级"):
            read_batch(said | {"version": version})

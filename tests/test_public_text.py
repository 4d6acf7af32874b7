"""不公开: which group somebody belongs to, and who is served, stands in nothing that anyone may read."""

import pytest
from served import household, recipient

from cast import STATED, person
from models import clock
from models.activities import Activity
from models.honours import Honour
from models.keying import key_in
from models.projects import Post, Project
from models.publicity import hidden_words
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.spot_checks import SpotCheck
from models.stories import Story
from models.vocabulary import Term
from rules.honours import OWN
from rules.publicity import BLANK, blanked, exposed

HIDDEN = ["服刑人员子女", "残疾人", "残障人士", "贫困家庭", "特殊群体", "病患者"]


def drafted(cast, **more) -> Project:
    today = clock.today()
    row = Project.enter(
        cast.recorder, **{"name": "陪伴", "category": "01", "recipients": ["01"], "starts_on": today, "ends_on": today,
                          "headcount": 3} | STATED | more,
    )  # fmt: skip
    Post.enter(cast.recorder, project=row.id, name="助餐", headcount=2)
    return row


def test_the_terms_that_are_not_public_are_those_that_say_what_befell_somebody(cast):
    assert sorted(hidden_words()) == sorted(HIDDEN)


@pytest.mark.parametrize("column", ["name", "place", "conditions", "risks", "guarantees"])
def test_a_project_that_names_a_group_is_not_published_and_says_where(cast, column):
    row = drafted(cast, **{column: "接送\n陪残疾人看病"})
    with pytest.raises(Refusal, match="第 2 段第 2 个字写有「残疾人」") as no:
        Project.move(row.id, "submit", cast.recorder)
    assert no.value.findings[0].where == column
    Project.amend(row.id, cast.recorder, **{column: "陪行动不便的人看病"})
    Project.move(row.id, "submit", cast.recorder)
    Project.move(row.id, "publish", cast.head)
    with pytest.raises(Refusal, match="病患者"):
        Project.amend(row.id, cast.head, **{column: "照顾病患者"})


@pytest.mark.parametrize("column", ["name", "conditions"])
def test_a_post_that_names_a_group_is_refused(cast, column):
    row = drafted(cast)
    with pytest.raises(Refusal, match="写有「服刑人员子女」"):
        Post.enter(cast.recorder, **{"project": row.id, "name": "辅导", "headcount": 1} | {column: "辅导服刑人员子女"})


def test_an_activity_an_own_honour_and_a_spot_check_are_named_without_one(cast):
    with pytest.raises(Refusal, match="「活动名称」第 1 段第 1 个字写有「残疾人」"):
        cast.activity(name="残疾人座谈")
    someone = cast.registered()
    own = {"volunteer": someone.id, "title": "残障人士之友", "level": OWN, "deeds": "陪伴"}
    with pytest.raises(Refusal, match="残障人士"):
        Honour.enter(cast.recorder, **own)
    today = clock.today()
    with pytest.raises(Refusal, match="贫困家庭"):
        SpotCheck.enter(cast.county, title="贫困家庭走访抽查", starts_on=today, ends_on=today, size=1)


def test_what_another_body_gave_is_called_what_it_is_called(cast):
    someone, today = cast.registered(), clock.today()
    given = Honour.enter(
        cast.recorder, volunteer=someone.id, title="助残先进个人（残疾人联合会）", level="county", body="五华区残疾人联合会",
        given_on=today, proof="证书原件",
    )  # fmt: skip
    assert given.id


def test_the_name_of_somebody_served_is_not_published_and_a_volunteers_is(cast):
    recipient(cast.recorder, household(cast.recorder, name="赵德旺"), "普文兰")
    cast.registered("李明")
    for name in ("赵德旺", "普文兰"):
        with pytest.raises(Refusal, match=f"写有服务对象「{name}」的姓名"):
            cast.activity(name=f"看望{name}")
    cast.activity(name="李明师傅教剪纸")
    recipient(cast.recorder, household(cast.recorder, name="钱正"), "李明")  # who is served, and serves
    cast.activity(name="李明师傅教写字")
    cast.activity(by=cast.recorder_b, name="看望赵德旺")  # another station knows nobody of that name


def test_a_door_a_number_and_a_telephone_are_not_published():
    number, phone = person()["document_number"], "138 1234 5678"
    findings = exposed(f"到 2 单元 601\n电话 {phone}\n{number}", "body", "正文")
    assert [f.says[:10] for f in findings] == ["「正文」第 1 段第", "「正文」第 2 段第", "「正文」第 3 段第"]
    assert exposed("到 2 号楼活动室 302 室", "body", "正文") == []


def test_what_was_published_before_is_blanked_where_anyone_reads_it(desk, cast):
    row = drafted(cast)
    Project.move(row.id, "submit", cast.recorder)
    Project.move(row.id, "publish", cast.head)
    texts = {name: f"{name} {word}" for name, word in zip(("name", "place", "conditions", "risks", "guarantees"), HIDDEN, strict=False)}
    Project.update(**texts).where(Project.id == row.id).execute()
    Post.update(name="照顾病患者", conditions="电话 13812345678").where(Post.project == row.id).execute()
    someone = cast.registered()
    activity = cast.activity()
    line = cast.draft(someone, activity)
    (kept,) = key_in([line], cast.recorder)
    Activity.update(name="残疾人座谈").where(Activity.id == activity.id).execute()
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([kept.id], move, by)
    notice = ServiceRecord.get_by_id(kept.id).notice_id
    head = desk.signed_in_as(cast.head)
    read = [desk.get(path).html for path in ("/", f"/notices/{notice}", "/stories/")]
    read.append(head.get("/admin/notices/print/", id=notice).html)
    assert "name " + BLANK in read[0] and BLANK + "座谈" in read[1] and BLANK + "座谈" in read[3]
    for text in read:
        assert "13812345678" not in text
        for word in HIDDEN:
            assert word not in text


def test_a_term_marked_later_is_hidden_from_then_on(desk, cast):
    row = drafted(cast, place="农民工之家")
    Project.move(row.id, "submit", cast.recorder)
    Project.move(row.id, "publish", cast.head)
    assert "农民工之家" in desk.get("/").html
    Term.update(sensitive=True).where(Term.name == "农民工").execute()
    assert "农民工" not in desk.get("/").html
    with pytest.raises(Refusal, match="农民工"):
        Story.enter(cast.recorder, category="team", whose="陪伴队", title="农民工的朋友", body="故事")


def test_blanking_leaves_all_else_alone():
    assert blanked("陪老人　读报１２３", ["残疾人"]) == "陪老人　读报１２３"
    assert blanked("残疾人 139-1234-5678", ["残疾人"]) == f"{BLANK} {BLANK}"

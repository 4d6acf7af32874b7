"""Very long texts on paper: whole on the page, or whole on the leaf that the page names. Never cut without a word."""

from datetime import timedelta

import pytest
from printed import A4, A4_WIDE, A5, print_of
from walks_certificates import asked

from cast import past_the_notice
from models import clock
from models.certificates import Certificate, CertificateLine
from models.courses import Attendance, Training
from models.honours import Honour
from models.records import ServiceRecord
from models.stars import StarGrant

pytestmark = pytest.mark.browser
NAME = "阿卜杜热合曼·买买提依明·吐尔逊江·艾则孜·努尔买买提·玉素甫江·阿不都热依木"
SAID = "".join(f"第{n}件事：上门陪伴、打扫、代购药品并读报。" for n in range(1, 11))
assert len(NAME) >= 38 and len(SAID) >= 200


@pytest.fixture
def window(cast, browser):
    return browser.signed_in_as(cast.recorder)


def opened(page, path, name):
    assert page.goto(path).status == 200
    return print_of(page, name)


def test_a_record_book_of_thirty_lines_with_long_contents_has_them_all_on_its_last_leaf(cast, window):
    person = cast.registered(NAME)
    rows = cast.posted(person, minutes=480 * 30)
    ServiceRecord.update(content=SAID).where(ServiceRecord.id.in_([row.id for row in rows[:3]])).execute()
    long = "社区志愿服务能力提升暨应急救护、心理疏导、老年照护与沟通技巧专题培训班（第二期）"
    day = clock.today() - timedelta(days=30)
    course = Training.create(
        station=cast.a.id, name=long, day=day, organiser="五华区社会工作部、五华区民政局、五华区红十字会联合举办", state="held", division=str(cast.a.division_id), level="station",
        topic="01", content="急救", place="活动室", speaker="刀玉罕", minutes=120,
    )  # fmt: skip
    Attendance.create(station=cast.a.id, training=course.id, volunteer=person.id, state="attended", minutes=120)
    paper = opened(window, f"/admin/volunteers/book/?id={person.id}", "book-long")
    assert paper.all_are(A5) and not paper.cut_off and paper.pages >= 4
    assert paper.says("见附页", SAID, long, NAME, "240.00") and paper.says("培训记录", "联合举办")
    assert "".join(paper.texts).count("第10件事") == 3  # on the leaf, and nowhere else


def test_a_certificate_of_thirty_projects_has_one_sheet_to_sign_and_a_leaf_with_them_all(cast, window):
    person = cast.registered(NAME)
    cast.posted(person, minutes=480)
    row = asked(cast, person, purpose="other", purpose_note="申请社会实践学分，" * 11)
    Certificate.move(row.id, "accept", cast.recorder)
    Certificate.move(row.id, "issue", cast.head)
    past_the_notice()
    Certificate.move(row.id, "confirm", cast.head)
    line = CertificateLine.get(CertificateLine.certificate == row.id)
    CertificateLine.insert_many(
        {
            "certificate": row.id, "record": line.record_id, "day": line.day, "minutes": 60, "recorded_by": line.recorded_by,
            "project": f"第{n}个项目：老旧小区楼道清洁暨文明养犬宣传引导", "activity": f"春季第{n}场，含上门走访、发放材料和回访",
        }
        for n in range(1, 30)
    ).execute()  # fmt: skip
    paper = opened(window, f"/admin/certificates/certificate/?id={row.id}", "service-long")
    assert paper.all_are(A4) and not paper.cut_off and paper.pages >= 2
    assert "盖章处" in paper.texts[0] and "个项目(见附页)" in paper.texts[0] and row.volunteer.name in paper.texts[0]
    assert paper.says("志愿服务证明附页", "春季第29场，含上门走访、发放材料和回访", "合计")


def test_an_honour_and_a_star_of_a_long_name_fill_one_sheet_whole(cast, window):
    person = cast.registered(NAME)
    title = "在社区志愿服务工作中作出突出贡献的年度优秀志愿者标兵暨十佳学雷锋志愿者荣誉称号"[: Honour.title.max_length]
    row = Honour.enter(cast.recorder, volunteer=person.id, title=title, level="own", deeds=SAID)
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        Honour.move(row.id, name, by)
    past_the_notice()
    Honour.move(row.id, "grant", cast.head)
    paper = opened(window, f"/admin/honours/certificate/?id={row.id}", "honour-long")
    assert paper.all_are(A4_WIDE) and paper.pages == 1 and not paper.cut_off and paper.says(title, NAME)
    cast.posted(person, minutes=100 * 60)
    star = cast.recognised(StarGrant.get(StarGrant.volunteer == person.id, StarGrant.star == 1))
    paper = opened(window, f"/admin/stars/certificate/?id={star.id}", "star-long")
    assert paper.all_are(A4_WIDE) and paper.pages == 1 and not paper.cut_off and paper.says(NAME, star.certificate_no)

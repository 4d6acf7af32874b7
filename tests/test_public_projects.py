"""What a resident finds: projects by place, time and what they ask, stations, policy in words, and figures of nobody."""

from datetime import date, time, timedelta

import pytest

from models import clock
from models.activities import Activity
from models.places import counties, streets
from models.policy import PolicyVersion
from models.projects import Post, Project
from models.seeking import AHEAD, Wish, coming, recruiting
from models.stations import Station
from models.vocabulary import Term
from rules.divisions import subtree
from views.public_figures import count
from views.public_projects import LONGEST, SIZE


def found(wish: Wish, page: int = 0) -> list[str]:
    return [row.name for row in recruiting(wish, page, SIZE)]


def post(cast, project: Project, **more) -> Post:
    by = cast.head if project.station_id == cast.a.id else cast.head_b
    return Post.enter(by, project=project.id, **{"name": "助餐", "headcount": 2} | more)


def test_a_project_is_found_by_place_category_and_words(cast_on_either):
    cast = cast_on_either
    cast.project(name="爱心陪伴")
    cast.project(cast.recorder_b, name="法律门诊", category="05", place="拓东路活动室")
    here, there = str(cast.a.division_id), str(cast.b.division_id)
    assert found(Wish(division=here[:6])) == ["爱心陪伴"] and found(Wish(division=there[:9])) == ["法律门诊"]
    assert found(Wish(station=cast.b.id)) == ["法律门诊"] and found(Wish(category="05")) == ["法律门诊"]
    assert found(Wish(words="拓东")) == ["法律门诊"] and found(Wish(words="100%")) == []
    assert len(found(Wish())) == 2


def test_one_post_must_suit_in_everything_that_is_asked(cast_on_either):
    cast = cast_on_either
    row = cast.project(name="夜间陪护")
    Post.update(open=False).where(Post.project == row.id).execute()
    post(cast, row, name="护理", minimum_age=18, skills=["01"], qualification="01")
    post(cast, row, name="登记", minimum_age=16, skills=["03"])
    assert found(Wish(age=17, skill="03")) == ["夜间陪护"] and found(Wish(qualification="01")) == ["夜间陪护"]
    assert found(Wish(age=17, skill="01")) == [] and found(Wish(age=15)) == [] and found(Wish(qualification="02")) == []
    Post.update(open=False).where(Post.project == row.id).execute()
    assert found(Wish(age=30)) == []


def test_a_time_of_the_week_is_that_of_an_activity_that_is_planned(cast_on_either):
    cast = cast_on_either
    row = cast.project(name="周末课堂")
    day = clock.today() + timedelta(days=3)
    made = Activity.enter(
        cast.recorder, project=row.id, name="周末课堂", day=day, place="活动室", lead="赵敏", starts_at=time(9), ends_at=time(11),
    )  # fmt: skip
    assert found(Wish(weekday=day.weekday(), part="morning")) == ["周末课堂"] and found(Wish(part="morning", day=day)) == ["周末课堂"]
    assert found(Wish(part="evening")) == [] and found(Wish(weekday=(day.weekday() + 1) % 7)) == []
    assert [one.id for one in coming(row)] == [made.id]
    Activity.move(made.id, "cancel", cast.recorder, "下雨")
    assert found(Wish(part="morning")) == [] and coming(row) == []
    Activity.update(state="planned", day=clock.today() + timedelta(days=AHEAD)).where(Activity.id == made.id).execute()
    assert found(Wish(part="morning")) == []  # later than anybody looks


def test_a_day_lies_within_the_project(cast):
    row = cast.project(name="短期项目", starts_on=clock.today(), ends_on=clock.today() + timedelta(days=9))
    assert found(Wish(day=row.ends_on)) == ["短期项目"] and found(Wish(day=row.ends_on + timedelta(days=1))) == []


def test_only_what_recruits_openly_today_is_found_and_has_a_page(desk, cast):
    row = cast.project(name="爱心陪伴")
    page = desk.get(f"/projects/{row.id}")
    for said in ("爱心陪伴", "身体健康", "无特别风险", "提供饮水和意外险", "空缺", f"/me/projects/{row.id}", f"/apply/?project={row.id}"):
        assert page.says(said), said
    for change in ({"recruiting": "invited"}, {"recruiting": "team"}, {"apply_by": date(2001, 1, 1)}, {"state": "submitted"}):
        kept = {name: getattr(row, name) for name in change}
        Project.update(**change).where(Project.id == row.id).execute()
        assert desk.get(f"/projects/{row.id}").status == 404 and not desk.get("/projects/").says("爱心陪伴"), change
        Project.update(**kept).where(Project.id == row.id).execute()
    assert desk.get(f"/projects/{row.id}").status == 200


def test_a_volunteer_is_led_to_sign_up_and_the_desk_is_not(desk, cast):
    row = cast.project(name="爱心陪伴")
    page = desk.signed_in_as(cast.head).get(f"/projects/{row.id}")
    assert not page.says("我要报名") and not page.says("我还没有登记，先登记") and page.says("进入工作台")


def test_what_nobody_may_read_nobody_feels_for_by_searching(desk, cast):
    row = cast.project(name="暖心陪伴")
    Project.update(place="残疾人之家").where(Project.id == row.id).execute()
    assert found(Wish(words="残疾人")) == [] and found(Wish(words="之家")) == ["暖心陪伴"]
    Term.update(sensitive=False).where(Term.name == "残疾人").execute()
    assert found(Wish(words="残疾人")) == ["暖心陪伴"]


@pytest.mark.parametrize(
    "odd",
    ["county=530102001", "county=%27", "street=530102", "station=x", "station=99999999999", "age=-1", "age=999", "day=2026-13-45",
     "weekday=9", "weekday=x", "part=night", "category=999", "skill=%00" "1", "page=-1", "page=x", "page=999999999999"],
)  # fmt: skip
def test_what_means_nothing_asks_nothing(desk, cast, odd):
    cast.project(name="爱心陪伴")
    page = desk.get(f"/projects/?{odd}")
    assert page.status == (400 if "%00" in odd else 200)
    if page.status == 200 and "page=999" not in odd:
        assert page.says("爱心陪伴")


def test_a_page_of_projects_leads_to_the_next_with_what_was_asked(desk, cast):
    rows = [cast.project(name=f"项目{n}") for n in range(SIZE + 2)]
    page = desk.get("/projects/", category="01", q="项目")
    assert page.html.count('class="recruiting"') == SIZE and "page=1" in page.html and "category=01" in page.html
    page = desk.get("/projects/", category="01", q="项目", page=1)
    assert page.html.count('class="recruiting"') == 2 and len(rows) == SIZE + 2
    assert f'maxlength="{LONGEST}"' in page.html


def test_places_are_offered_a_level_at_a_time(desk, cast):
    cast.project()
    county = str(cast.a.division_id)[:6]
    assert [one.code for one in counties()] == sorted({str(s.division_id)[:6] for s in (cast.a, cast.b)})
    assert [one.code for one in streets(county)] == [str(cast.a.division_id)[:9]]
    page = desk.get("/projects/")
    assert 'name="county"' in page.html and 'name="street"' not in page.html and 'name="station"' not in page.html
    page = desk.get("/projects/", county=county)
    assert 'name="street"' in page.html and page.says(cast.a.short_name) and not page.says(cast.b.short_name)


def test_a_station_is_found_by_its_county_and_has_a_page(desk, cast):
    Station.update(address="翠竹巷 12 号", opening="周一至周五", phone="0871-60000121").where(Station.id == cast.a.id).execute()
    cast.project(name="爱心陪伴")
    page = desk.get("/stations/", county=str(cast.a.division_id)[:6])
    assert page.says(cast.a.name) and not page.says(cast.b.name)
    page = desk.get(f"/stations/{cast.a.id}")
    for said in ("翠竹巷 12 号", "周一至周五", "tel:0871-60000121", "爱心陪伴"):
        assert page.says(said), said
    Station.update(active=False).where(Station.id == cast.a.id).execute()
    assert desk.get(f"/stations/{cast.a.id}").status == 404 and desk.get("/stations/9999").status == 404


def test_policy_is_told_as_it_stands_at_the_place_that_is_chosen(desk, cast):
    page = desk.get("/policy/")
    for said in ("一星级：服务累计满 100 小时，由县级认定", "五星级：服务累计满 1500 小时", "服务 1 小时计 1 分", "长期有效", "公示 3 个工作日"):
        assert page.says(said), said
    county = str(cast.a.division_id)[:6]
    PolicyVersion.create(
        topic="exchange", division=county, since=clock.today(), source="五华区办法", values={"points_per_hour": 2, "valid_months": 24},
    )  # fmt: skip
    page = desk.get("/policy/", county=county)
    assert page.says("服务 1 小时计 2 分") and page.says("24 个月内有效") and page.says("五华区办法")
    assert desk.get("/policy/").says("服务 1 小时计 1 分")
    assert desk.get("/policy/", county="999999").says("长期有效")


def test_figures_of_a_few_people_are_shown_to_nobody(desk, cast):
    for n in range(6):
        cast.posted(cast.registered(f"李明{'甲乙丙丁戊己'[n]}"), minutes=60)
    cast.posted(cast.registered("赵敏", by=cast.recorder_b))
    low, _ = subtree(str(cast.a.division_id)[:4])
    made = count(low)
    assert made.least == 5 and len(made.lines) == 2
    for row in made.rows:  # 6 and 1: the one alone is hidden, and so is whatever would tell of it
        assert row[0] is None and row[1] is None and row[3] is None and row[4] is None
    assert made.total[0] == 7
    own = count(str(cast.a.division_id)[:6])
    assert own.total[0] == 6 and own.total[3] == 7
    page = desk.get("/figures/", division=low)
    assert page.says("＊") and not page.says("赵敏") and page.says("少于 5 人的数字不显示")


def test_figures_are_counted_once_within_the_hour(desk, cast):
    from desk import queries

    desk.get("/figures/")
    with queries() as sent:
        desk.get("/figures/")
    assert not [one for one in sent if "SUM" in one or "COUNT" in one.upper()]
    assert desk.get("/figures/", division="99").status == 200

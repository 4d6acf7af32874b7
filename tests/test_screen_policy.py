"""The policy office on the screen: what is in force and whose, the form of a draft, files, two versions side by side."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from test_policy_drafts import colleague, draft, laid_down, submitted, tomorrow

from desk import queries
from models import clock
from models.people import Account
from models.policy import PolicyVersion
from models.policy_drafts import PolicyDraft
from models.scope import SYSTEM
from rules.policy import PolicyBook, load, shipped
from rules.policy_files import LARGEST_FILE, in_force, read, written
from rules.policy_office import plain
from rules.topics import TOPICS
from views.policy_form import DraftForm

NEW, LIST, PAGE = "/admin/policy_drafts/new/", "/admin/policy_drafts/", "/admin/policy/"


def row_of(html: str, label: str) -> str:
    """The line of a page's table that speaks of a parameter."""
    (found,) = [r for r in re.findall(r"<tr\b.*?</tr>", html, re.S) if f">{label}" in r.replace("\n", "")]
    return found


# --- what is in force ---


def test_each_parameter_says_whose_it_is_and_since_when(cast, desk):
    laid_down("530102", yearly_cap_points=300)
    laid_down("5301", since=clock.today() - timedelta(days=9), floor_hours=2)
    page = desk.signed_in_as(cast.head).get(PAGE)
    cap, floor, points = (row_of(page.html, name) for name in ("每人每年上限", "累计满多少小时起兑", "每小时折合积分"))
    assert "<b>300</b>" in cap and "五华区" in cap and "2020-01-01" in cap
    assert "<b>2</b>" in floor and "昆明市" in floor and str(clock.today() - timedelta(days=9)) in floor
    assert "云南省" in points and "2012-10-23" in points
    assert "<b>300</b>" not in row_of(desk.signed_in_as(cast.head_b).get(PAGE).html, "每人每年上限")


def test_bounds_and_what_lies_outside_them_are_said(cast, desk):
    laid_down("53", bounds={"yearly_cap_points": {"high": 200}})
    laid_down("530102", yearly_cap_points=300)
    cap = row_of(desk.signed_in_as(cast.county).get(PAGE).html, "每人每年上限")
    assert "省定不高于 200 分" in cap and "五华区自 2020-01-01 起规定的 300 超出范围，不适用" in cap
    assert '<b>不限</b><p class="hint">' in cap  # and no unit after it


def test_a_limit_of_nought_reads_as_none_wherever_policy_is_shown(cast, desk):
    laid_down("530102", yearly_cap_points=300)
    window = desk.signed_in_as(cast.county)
    old, new = "exchange@53:2012-10-23", "exchange@53:20121023+530102:20200101"
    cap = re.sub(r"\s+", " ", row_of(window.get(f"{PAGE}compare/", a=old, b=new).html, "每人每年上限"))
    assert "<mark>不限</mark> <small" in cap and "<mark>300</mark> 分 <small" in cap
    cap = row_of(window.get(NEW, topic="exchange").html, "每人每年上限")
    assert '<td class="parents">不限<small' in cap and 'value="300"' in cap
    months, star = (row_of(window.get(PAGE).html, name) for name in ("可兑换工时有效期", "认定到几星起兑"))
    assert "<b>不限</b></td>" in months and "不限" not in star
    window.post("/language/en", back=PAGE)
    assert "<b>No limit</b></td>" in window.get(PAGE).html


def test_only_who_may_draft_is_offered_to(cast, desk):
    for who, offered in (("county", True), ("province", True), ("head", False), ("recorder", False), ("auditor", False)):
        assert desk.signed_in_as(getattr(cast, who)).get(PAGE).says("policy_drafts/new/?topic=exchange") == offered, who
    assert not desk.signed_in_as(cast.prefecture).get(PAGE, division="530102").says("policy_drafts/new/")


def test_a_supervisor_looks_at_a_division_below_and_at_no_other(cast, desk):
    laid_down("530102", yearly_cap_points=321)
    city = desk.signed_in_as(cast.prefecture)
    assert city.get(PAGE, division="530102").says("321") and city.says("五华区 现行政策")
    assert not city.get(PAGE).says("321") and city.says('value="530102"')
    for wrong in ("530302", "53", "abc", "530199"):
        assert city.get(PAGE, division=wrong).status == 404, wrong
    assert desk.signed_in_as(cast.county).get(PAGE, division="530103").status == 404
    assert not desk.signed_in_as(cast.head_b).get(PAGE, division="530102").says("321")


def test_the_page_reads_the_lineage_once_however_much_was_released(cast, desk):
    window = desk.signed_in_as(cast.county)
    window.get(PAGE)
    with queries() as before:
        window.get(PAGE)
    for n in range(40):
        laid_down("530102", since=clock.today() - timedelta(days=n), topic="handling", keying_days=n + 1)
        laid_down("530103", since=clock.today() - timedelta(days=n), topic="handling", keying_days=n + 1)
    with queries() as after:
        window.get(PAGE)
    assert len(after) <= len(before) and len(after) < 25


# --- history and comparison ---


def test_the_history_lists_every_release_of_the_lineage_with_who_released_it(cast, desk):
    laid_down("5301", floor_hours=2)
    PolicyDraft.move(submitted(cast).id, "release", colleague(cast))
    page = desk.signed_in_as(cast.recorder).get(f"{PAGE}history/", topic="exchange")
    assert page.says("五华副督导") and page.says("随程序") and page.says("未到起始日")
    assert len(re.findall(r'name="a"', page.html)) == 3
    assert not desk.signed_in_as(cast.head_b).get(f"{PAGE}history/", topic="exchange").says("五华副督导")
    assert page.get(f"{PAGE}history/", topic="nothing").status == 404


def test_two_versions_side_by_side_mark_only_what_differs_and_in_words(cast, desk):
    laid_down("530102", origins=["checked_in", "desk"], yearly_cap_points=300,
              weights=[{"category": "01", "percent": 50}])  # fmt: skip
    old, new = "exchange@53:2012-10-23", "exchange@53:20121023+530102:20200101"
    page = desk.signed_in_as(cast.recorder).get(f"{PAGE}compare/", a=old, b=new)
    assert len(re.findall(r'<tr class="ours">', page.html)) == 3
    origins = row_of(page.html, "可兑换的工时来源")
    assert "<mark>补录</mark>" in origins and "<mark>签到</mark>" not in origins
    assert "<mark>50</mark>" in page.html and page.says("其余 21 项相同") and "checked_in" not in page.html
    everything = page.get(f"{PAGE}compare/", a=old, b=new, all=1)
    assert everything.says("每小时折合积分") and len(re.findall(r'<tr class="ours">', everything.html)) == 3
    assert page.get(f"{PAGE}compare/", a=new, b=new).says("完全相同")


def test_a_release_named_by_its_own_key_is_read_with_those_above_it(cast, desk):
    laid_down("530102", yearly_cap_points=300)
    key = "exchange@530102:2020-01-01"
    window = desk.signed_in_as(cast.county)
    assert window.get(f"{PAGE}version/", key=key).says("300")
    assert window.get(f"{PAGE}compare/", a="exchange@53:2012-10-23", b=key).says("300")


@pytest.mark.parametrize(
    "key",
    ["", "exchange", "exchange@", "exchange@53", "nothing@53:2012-10-23", "exchange@53:2012-10-24", "exchange@x:y",
     "exchange@530103:20200101+53:20121023", "exchange@53:20121023+530103:20200101", "stars@53:2012-10-23"],
)  # fmt: skip
def test_a_key_of_nothing_or_of_another_county_is_not_found(cast, desk, key):
    laid_down("530103", yearly_cap_points=300)
    window = desk.signed_in_as(cast.county)
    assert window.get(f"{PAGE}compare/", a="exchange@53:2012-10-23", b=key).status == 404
    if not key.startswith("stars"):
        assert window.get(f"{PAGE}version/", key=key).status == 404


# --- the form ---


def typed(since=None, source="区文明办〔2026〕8 号", **own) -> dict:
    """What the form of the county's exchange sends: ``own`` are the values that she sets herself."""
    sent = {"since": str(since or tomorrow()), "source": source, "note": ""}
    for name, value in own.items():
        sent[f"how.{name}"] = "own"
        if not isinstance(value, dict):
            sent[f"v.{name}"] = value
        else:
            sent |= {f"v.{name}.{at}": v for at, v in value.items()}
    return sent


def test_the_form_offers_every_parameter_of_every_topic_with_label_unit_and_the_parents_value(cast, desk):
    window = desk.signed_in_as(cast.county)
    for topic, kind in TOPICS.items():
        page = window.get(NEW, topic=topic)
        assert page.status == 200
        for name, spec in DraftForm(topic, "53", None, {}).boxes.items():
            line = page.html[page.html.index(f'id="p.{name}"') :].partition("</tr><tr id=")[0]
            about = spec.spec.metadata
            assert about["label"] in line and about["unit"] in line and about["says"] in line
            assert "沿用上级" in line and "云南省" in line and f'name="v.{name}' in line
        assert kind
    number = window.get(NEW, topic="exchange").html
    assert re.search(r'type="number" name="v.floor_star" value="0" step="1" min="0" max="9"', number)
    assert desk.signed_in_as(cast.province).get(NEW, topic="stars").html.count('name="v.levels.') == 8 * 5 + 5


def test_a_draft_keeps_only_what_the_county_sets(cast, desk):
    window = desk.signed_in_as(cast.county)
    window.get(NEW, topic="exchange")
    said = typed(
        yearly_cap_points="３００", origins=["checked_in", "desk"], approval="true", over_cap="donation",
        weights={"0.category": "01", "0.percent": "50", "1.category": "", "1.percent": "", "2.category": "02", "2.percent": "0"},
    ) | {"how.floor_hours": "follow", "v.floor_hours": "9"}  # fmt: skip
    window.post(f"{NEW}?topic=exchange", said)
    row = PolicyDraft.get()
    assert (row.state, row.division, row.since, row.source) == ("drafted", "530102", tomorrow(), said["source"])
    assert row.values == {
        "yearly_cap_points": 300, "origins": ["checked_in", "desk"], "approval": True, "over_cap": "donation",
        "weights": [{"category": "01", "percent": 50}, {"category": "02", "percent": 0}],
    }  # fmt: skip
    assert window.says("草案已保存") and window.says("改了什么") and window.says("<mark>300</mark>")


def test_a_refused_draft_says_what_is_wrong_beside_the_field_and_keeps_what_was_typed(cast, desk):
    laid_down("53", bounds={"yearly_cap_points": {"high": 200}})
    window = desk.signed_in_as(cast.county)
    window.get(NEW, topic="exchange")
    window.post(f"{NEW}?topic=exchange", typed(source="", yearly_cap_points="300", weights={"0.category": "01", "0.percent": "-5"}))
    assert not PolicyDraft.select().exists() and window.says("请填写「依据」")
    weights = window.html[window.html.index('id="p.weights"') :].partition("</tr><tr id=")[0]
    assert "不能小于 0，现在是 -5" in weights and 'value="-5"' in weights and 'value="01" selected' in weights
    assert 'value="300"' in row_of(window.html, "每人每年上限")
    window.post(f"{NEW}?topic=exchange", typed(yearly_cap_points="300", floor_hours="五"))
    assert window.says("「累计满多少小时起兑」：应是整数，现在是「五」")
    window.post(f"{NEW}?topic=exchange", typed(yearly_cap_points="300"))
    cap = row_of(window.html, "每人每年上限")
    assert "省定不高于 200 分，现在是 300" in cap and 'max="200"' in cap and window.says('href="#p.yearly_cap_points"')
    window.post(f"{NEW}?topic=exchange", typed(yearly_cap_points=""))
    assert window.says("「每人每年上限」：没有填写")
    assert not PolicyDraft.select().exists()


def test_more_rows_are_added_without_a_script_and_nothing_is_saved(cast, desk):
    window = desk.signed_in_as(cast.county)
    window.get(NEW, topic="exchange")
    before = window.html.count('.percent"')
    window.post(f"{NEW}?topic=exchange", typed(weights={"0.category": "01", "0.percent": "70"}) | {"_more": "weights"})
    assert window.html.count('.percent"') > before and 'value="70"' in window.html
    assert not PolicyDraft.select().exists()


def test_a_row_is_taken_out_by_its_tick(cast, desk):
    one = draft(cast, values={"weights": [{"category": "01", "percent": 50}, {"category": "02", "percent": 0}]})
    window = desk.signed_in_as(cast.county)
    window.get(f"{LIST}edit/", id=one.id)
    window.post(f"{LIST}edit/?id={one.id}", typed(weights={
        "0.category": "01", "0.percent": "50", "0.gone": "1", "1.category": "02", "1.percent": "0",
    }) | {"revision": "0"})  # fmt: skip
    assert PolicyDraft.get_by_id(one.id).values == {"weights": [{"category": "02", "percent": 0}]}


def test_the_prefecture_sets_bounds_and_a_county_has_none_to_set(cast, desk):
    assert not desk.signed_in_as(cast.county).get(NEW, topic="exchange").says("b.floor_hours.low")
    window = desk.signed_in_as(cast.prefecture)
    assert window.get(NEW, topic="exchange").says("b.floor_hours.low")
    bounds = {"b.floor_hours.low": "1", "b.floor_hours.high": "9", "b.origins.only": ["desk"], "b.approval.locked": "1"}
    window.post(f"{NEW}?topic=exchange", typed() | bounds)
    assert PolicyDraft.get().bounds == {
        "floor_hours": {"low": 1, "high": 9}, "origins": {"only": ["desk"]}, "approval": {"locked": True},
    }  # fmt: skip
    assert window.says("州市定范围 1–9 小时")
    window.get(NEW, topic="exchange")
    window.post(f"{NEW}?topic=exchange", typed() | {"b.floor_hours.low": "9", "b.floor_hours.high": "1"})
    assert window.says("下限 9 大于上限 1") and PolicyDraft.select().count() == 1


def test_the_form_begins_with_what_the_division_laid_down_last(cast, desk):
    laid_down("530102", yearly_cap_points=300)
    cap = row_of(desk.signed_in_as(cast.county).get(NEW, topic="exchange").html, "每人每年上限")
    assert 'value="300"' in cap and 'value="own" checked' in cap


def test_another_draft_of_the_same_policy_on_its_way_is_pointed_to(cast, desk):
    window = desk.signed_in_as(cast.county)
    assert not window.get(NEW, topic="exchange").says("另有还没发布的草案")
    one = draft(cast)
    assert window.get(NEW, topic="exchange").says("另有还没发布的草案")
    assert not window.get(f"{LIST}edit/", id=one.id).says("另有还没发布的草案")
    assert not window.get(NEW, topic="stars").says("另有还没发布的草案")


def test_whoever_saved_second_sees_what_was_saved_and_loses_nothing(cast, desk):
    one, second = draft(cast), colleague(cast)
    window = desk.signed_in_as(cast.county)
    window.get(f"{LIST}edit/", id=one.id)
    PolicyDraft.amend(one.id, second, values={"floor_hours": 7})
    window.post(f"{LIST}edit/?id={one.id}", typed(floor_hours="9") | {"revision": "0"})
    assert window.says("刚刚被别人改过") and "别人已保存为：7" in row_of(window.html, "累计满多少小时起兑")
    assert 'value="9"' in row_of(window.html, "累计满多少小时起兑")
    assert PolicyDraft.get_by_id(one.id).values == {"floor_hours": 7}
    window.post(f"{LIST}edit/?id={one.id}", typed(floor_hours="9") | {"revision": "1"})
    assert PolicyDraft.get_by_id(one.id).values == {"floor_hours": 9}


@pytest.mark.parametrize("who", ["head", "recorder", "auditor", "admin"])
def test_nobody_else_opens_the_form_or_writes_through_it(cast, desk, who):
    one = draft(cast)
    window = desk.signed_in_as(getattr(cast, who))
    for path in (f"{NEW}?topic=exchange", f"{LIST}edit/?id={one.id}", f"{LIST}import/"):
        assert window.get(path).status == 403
        assert window.post(path, typed(floor_hours="1")).status == 403
    assert PolicyDraft.select().count() == 1 and PolicyDraft.get().revision == 0


def test_another_countys_draft_is_not_found(cast, desk):
    one = draft(cast)
    sibling = Account.enter(
        SYSTEM, username="panlong", name="盘龙督导", role="supervisor", division="530103", active=True
    ).actor()
    window = desk.signed_in_as(sibling)
    for path in ("details", "edit", "toml"):
        assert window.get(f"{LIST}{path}/", id=one.id).status == 404
    assert not window.get(LIST).says("区文明办")


# --- to the release ---


def test_from_the_form_to_the_release_by_two_persons(cast, desk):
    second = colleague(cast)
    window = desk.signed_in_as(cast.county)
    window.get(NEW, topic="exchange")
    window.post(f"{NEW}?topic=exchange", typed(points_per_hour="5") | {"_submit": "1"})
    assert window.says("已提交，等另一位督导发布") and window.says("待发布")
    one = PolicyDraft.get()
    assert 'value="release"' not in window.html
    other = desk.signed_in_as(second)
    assert other.get("/admin/").says("政策草案")
    other.get(f"{LIST}details/", id=one.id)
    assert 'value="release"' in other.html and other.says("从起始日起按它办理")
    seen = re.search(r'name="seen" value="(\d+)"', other.html)[1]
    told = {"move": "release", "id": one.id, "back": f"{LIST}details/?id={one.id}"}
    for stale in ({}, {"seen": int(seen) - 1}):
        other.post(f"{LIST}move/", told | stale)
        assert other.says("草案在您打开以后又有改动") and not PolicyVersion.select().exists()
    other.post(f"{LIST}move/", told | {"seen": seen})
    assert other.says("已发布") and PolicyVersion.get().values == {"points_per_hour": 5}
    assert other.says("原来的规定") and "<mark>5</mark>" in other.html


def test_the_consequences_below_are_said_before_it_is_released(cast, desk):
    laid_down("530102", yearly_cap_points=300)
    one = submitted(cast, cast.prefecture, values={}, bounds={"yearly_cap_points": {"high": 200}})
    page = desk.signed_in_as(cast.province).get(f"{LIST}details/", id=one.id)
    assert page.says("对下级的影响") and page.html.count("自定的 300 分超出上级范围") == 2  # on the page and at the button


def test_a_draft_that_no_longer_makes_sense_still_opens(cast, desk):
    one = draft(cast, topic="pairing", values={"fair_at": 74})
    laid_down("5301", "pairing", good_at=70)
    assert desk.signed_in_as(cast.county).get(f"{LIST}details/", id=one.id).says("从低到高")


# --- files ---


@pytest.mark.parametrize("topic", TOPICS)
def test_what_ships_is_written_and_read_back_the_same(topic):
    one = max((r for r in shipped() if r.topic == topic), key=lambda release: release.since)
    (again,) = load(written(one), topic)
    assert (again.values, again.since, again.source) == (one.values, one.since, one.source)
    version = PolicyBook.of().on(topic, "530102", date(2026, 1, 1))
    assert PolicyBook(load(in_force(version), topic)).on(topic, "53", version.since).rule == version.rule


def test_a_draft_written_out_and_taken_in_again_is_the_same_draft(cast, desk):
    one = draft(cast, cast.prefecture, bounds={"floor_hours": {"low": 1}, "origins": {"only": ["desk"]}, "kinds": {"locked": True}},
                values={"weights": [{"category": "01", "percent": 50}], "origins": ["desk"], "floor_hours": 5, "weekdays": []})  # fmt: skip
    window = desk.signed_in_as(cast.prefecture)
    file = window.get(f"{LIST}toml/", id=one.id)
    assert "attachment" in file.headers["Content-Disposition"] and "# 累计满多少小时起兑（小时）" in file.answer.text
    text = file.answer.data
    window.get(f"{LIST}import/")
    window.post(f"{LIST}import/", file=(BytesIO(text), "draft.toml"))
    assert window.says("已从文件起草")
    two = PolicyDraft.get(PolicyDraft.id != one.id)
    for name in ("topic", "division", "since", "source", "values", "bounds"):
        assert getattr(two, name) == getattr(one, name), name


def test_what_is_in_force_and_a_single_release_leave_as_files(cast, desk):
    laid_down("530102", yearly_cap_points=300)
    window = desk.signed_in_as(cast.recorder)
    said = read(window.get(f"{PAGE}toml/", topic="exchange").answer.data)
    assert said.values["yearly_cap_points"] == 300 and set(said.values) == set(DraftForm("exchange", "53", None, {}).boxes)
    one = read(window.get(f"{PAGE}toml/", key="exchange@530102:2020-01-01").answer.data)
    assert one.values == {"yearly_cap_points": 300}
    stranger = desk.signed_in_as(cast.head_b)
    assert stranger.get(f"{PAGE}toml/", key="exchange@530102:2020-01-01").status == 404
    assert stranger.get(f"{PAGE}toml/", topic="x").status == 404


HEAD = 'topic = "exchange"\n[[version]]\nfrom = 2030-01-01\nsource = "x"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "请先选择要导入的"),
        ("x = = 1", "文件读不出来：第 1 行第 5 列附近写法不对"),
        ("title = 1", "文件开头应写明 topic"),
        ('topic = "exchang"', "文件开头应写明 topic"),
        ('topic = "exchange"', "应有且只有一个 [[version]]"),
        (HEAD + HEAD.partition("\n")[2], "应有且只有一个 [[version]]"),
        (HEAD.replace("2030-01-01", '"2030"'), "version.from：应是日期"),
        (HEAD.replace('"x"', '" "'), "version.source：应写明依据"),
        (HEAD.replace("[[", "floor_hours = 1\n[["), "没有「floor_hours」这一段"),
        (HEAD + "flor_hours = 1", "没有「flor_hours」这个参数"),
        (HEAD + 'floor_hours = "5"', "floor_hours：「累计满多少小时起兑」：应是整数，现在是「5」"),
        (HEAD + "floor_hours = 2026-01-01", "应是整数"),
        (HEAD + "floor_hours = 0.5", "应是整数"),
        (HEAD + "bounds = 3", "version.bounds：应是一组参数"),
        (HEAD + "bounds.floor_hours.low = true", "写法不对"),
        (HEAD + 'weights = [{category = "zz", percent = 5}]', "没有「zz」这个代码"),
        ("#" * (LARGEST_FILE + 1), "文件太大：最多 64 KB"),
        (b"\xff\xfe\x00", "不是 UTF-8"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_with_its_place(cast, desk, text, says):
    window = desk.signed_in_as(cast.county)
    window.get(f"{LIST}import/")
    content = text if isinstance(text, bytes) else text.encode()
    window.post(f"{LIST}import/", file=(BytesIO(content), "x.toml"))
    assert window.status == 200 and window.says(says), window.html[-3000:]
    assert not PolicyDraft.select().exists()


def test_a_file_of_a_past_day_becomes_a_draft_that_must_first_be_given_another(cast, desk):
    (one,) = [r for r in shipped() if r.topic == "exchange"]
    window = desk.signed_in_as(cast.county)
    window.get(f"{LIST}import/")
    window.post(f"{LIST}import/", file=(BytesIO(written(one).encode()), "x.toml"))
    row = PolicyDraft.get()
    assert row.division == "530102" and row.values == {n: plain(v) for n, v in one.values.items()}
    window.post(f"{LIST}move/", move="submit", id=row.id, back=LIST)
    assert window.says("已经过去，请改为") and PolicyDraft.get().state == "drafted"

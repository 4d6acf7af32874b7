"""信息对接: every figure opens to the rows that it counts, stations sum to their county, small groups stay hidden."""

import html
import re
from datetime import date, timedelta

import pytest
from served import need, recipient, serving

from desk import queries
from models import clock, statistics
from models.scope import ROOT
from models.statistics import CROSSES, MEASURES, Period
from views.statistics import HIDDEN

CELL = re.compile(r'<td class="number">(?:<a href="([^"]+)">)?([^<]*)')


@pytest.fixture
def busy(cast):
    """Work at A and at B, of one prefecture and two counties; needs of three kinds at A, one of them at B, too."""
    for category in ("01",) * 8 + ("02",) * 7 + ("03",):
        need(cast.recorder, recipient(cast.recorder, hardship=["01"]).household, category=category)
    need(cast.recorder_b, recipient(cast.recorder_b, name="吴正清", hardship=["05"]).household, category="01")
    for name, minutes in (("李明", 240), ("王芳", 125)):
        cast.posted(cast.registered(name, skills=["01", "03"]), minutes=minutes)
    cast.registered("赵六", by=cast.recorder_b, skills=["03"])
    return cast


def lines(page):
    """name of the row -> its cells as (address, text)."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page.html, re.S)
    return {
        re.sub("<.*?>", "", name): [(html.unescape(a), text) for a, text in CELL.findall(rest)] for name, rest in rows
    }


@pytest.mark.parametrize("who", ["recorder", "head", "county", "prefecture", "province", "auditor"])
@pytest.mark.parametrize("sheet", ["overview", "months", "supply", "hardship", "skills"])
def test_every_figure_opens_to_exactly_the_rows_that_it_counts(busy, desk, who, sheet):
    window = desk.signed_in_as(getattr(busy, who))
    page = window.get(f"/admin/statistics/?sheet={sheet}")
    opened = 0
    for name, cells in lines(page).items():
        for address, text in cells:
            if not address:
                assert text in ("0", "0.00", HIDDEN), name
                continue
            opened += 1
            there = window.get(address)
            if "." in text:
                assert there.says(f"<b>{text}</b>"), (name, address)  # the sum of the list says the same hours
            else:
                assert there.says(f"共 {text} 条"), (name, address)
    assert opened >= 2 or sheet == "hardship"  # two people of rare hardship hide the rest


def test_stations_sum_to_their_county_and_counties_to_their_prefecture(busy):
    period = Period.of("", "", clock.today())
    for measure in MEASURES.values():
        at = statistics.by_station(measure, period, busy.province)

        def total(code, by=busy.province, at=at):
            return {line.code: sum(at.get(key, 0) for key in line.stations) for line in statistics.lines(code, by)}

        assert sum(total("530102").values()) == total("5301")["530102"]
        assert sum(total("5301").values()) == total(ROOT)["5301"]
        months = statistics.by_month(measure, period, busy.province)
        if measure.month is not None:
            assert sum(months.values()) == sum(total(ROOT).values())
        else:
            assert max(months.values()) <= sum(total(ROOT).values()) <= sum(months.values())
    assert at is not None and statistics.by_station(MEASURES["hours"], period, busy.province)[busy.a.id] == 365


def test_a_supervisor_sees_no_station_of_another_county(busy, desk):
    window = desk.signed_in_as(busy.county)
    for asked in ("", "?division=530103", "?division=53", "?division=5303"):
        page = window.get(f"/admin/statistics/{asked}")
        assert page.says("文林社区") and not page.says("环城社区")
    assert desk.signed_in_as(busy.head_b).get("/admin/statistics/").says("环城社区")
    assert not window.get("/admin/volunteers/?count=active&beneath=530103").says("赵六")


def test_the_months_are_those_asked_for_and_nonsense_is_the_last_twelve():
    today = date(2026, 11, 24)
    assert Period.of("2026-02", "2026-03", today) == Period(date(2026, 2, 1), date(2026, 3, 31))
    assert Period.of("2026-03", "2026-02", today) == Period.of("2026-02", "2026-03", today)
    for said in ("", "nonsense", "2026-13", "2026-1-1-1"):
        assert Period.of(said, said, today) == Period(date(2025, 12, 1), date(2026, 11, 30))
    assert len(Period.of("", "", today).months) == 12


def test_a_record_outside_the_months_is_not_counted(busy, desk):
    last = clock.today().replace(day=1) - timedelta(days=200)
    page = desk.signed_in_as(busy.county).get(f"/admin/statistics/?since={last:%Y-%m}&until={last:%Y-%m}")
    said = dict(zip([one.name for one in MEASURES.values()], [text for _, text in lines(page)["合计"]], strict=True))
    assert (said["records"], said["hours"], said["asked"], said["volunteers"]) == ("0", "0.00", "0", "0")


def test_a_small_group_is_hidden_above_the_station_and_shown_at_it(busy, desk):
    page = desk.signed_in_as(busy.county).get("/admin/statistics/?sheet=supply")
    assert not [text for cells in lines(page).values() for _, text in cells if text in ("1", "2", "3", "4")]
    assert page.says(HIDDEN) and page.says("以免认出是谁")
    hardship = desk.signed_in_as(busy.prefecture).get("/admin/statistics/?sheet=hardship")
    assert all(text == HIDDEN for _, text in lines(hardship)["服刑人员子女"] if text != "0")
    own = desk.signed_in_as(busy.head).get("/admin/statistics/?sheet=supply")
    assert not own.says(HIDDEN) and lines(own)["心理疏导"][-1][1] == "1"


def test_a_household_that_was_served_is_covered_and_one_that_waits_is_not(busy):
    period = Period.of("", "", clock.today())
    assert statistics.by_station(MEASURES["covered"], period, busy.head) == {}
    serving(busy, need(busy.recorder))
    assert statistics.by_station(MEASURES["covered"], period, busy.head) == {busy.a.id: 1}
    assert statistics.by_station(MEASURES["households"], period, busy.head) == {busy.a.id: 17}


def test_whoever_served_in_two_months_is_active_in_both_and_once_in_all(cast):
    person, first = cast.registered(), clock.today().replace(day=1)
    cast.posted(person, minutes=60, day=first - timedelta(days=1))
    cast.posted(person, minutes=60, day=first - timedelta(days=40))
    period = Period.of("", "", clock.today())
    found = statistics.by_month(MEASURES["active"], period, cast.head)
    assert sorted(found.values())[-3:] == [0, 1, 1]
    assert statistics.by_station(MEASURES["active"], period, cast.head) == {cast.a.id: 1}


def test_the_figures_are_the_same_on_either_database(cast_on_either):
    cast = cast_on_either
    cast.posted(cast.registered(skills=["03"]), minutes=90)
    need(cast.recorder, recipient(cast.recorder, hardship=["04"]).household)
    period = Period.of("", "", clock.today())
    for measure in MEASURES.values():
        at = statistics.by_station(measure, period, cast.county)
        assert set(at) <= {cast.a.id}
        if measure.month is not None:
            assert sum(statistics.by_month(measure, period, cast.county).values()) == sum(at.values())
    crossed = {name: statistics.by_code(cross, cast.county) for name, cross in CROSSES.items()}
    assert crossed["skills"] == {(cast.a.id, "03"): 1} and crossed["hardship"] == {(cast.a.id, "04"): 1}
    assert crossed["unmet"] == {(cast.a.id, "01"): 1}


@pytest.mark.parametrize("kind", ["lines", "months"])
def test_a_chart_is_an_image_without_script_or_outside_address(busy, desk, kind):
    window = desk.signed_in_as(busy.prefecture)
    answer = window.client.get(f"/admin/statistics/{kind}-hours.svg")
    assert answer.mimetype == "image/svg+xml"
    drawn = re.sub("<!--.*?-->", "", answer.get_data(as_text=True), flags=re.S)
    assert "<script" not in drawn and not re.findall(r'(?:href|src)="(?!#)[^"]*', drawn)
    assert not [a for a in re.findall(r"https?://[^\"' )<]+", drawn) if "w3.org" not in a]
    assert "服务时长" in drawn
    assert window.client.get("/admin/statistics/months-active.svg").status_code == 200
    assert window.client.get("/admin/statistics/lines-nonsense.svg").status_code == 404


def test_the_page_asks_as_many_statements_for_many_stations_as_for_one(busy, desk):
    window = desk.signed_in_as(busy.province)
    window.get("/admin/statistics/")
    with queries() as asked:
        window.get("/admin/statistics/")
    assert len(asked) <= 40


def test_a_volunteer_and_the_administrator_have_no_statistics(busy, desk):
    assert desk.signed_in_as(busy.admin).get("/admin/statistics/").status == 403

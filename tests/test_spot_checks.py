"""抽查: drawn by lot and never drawn again, looked into by the supervisor, published station by station."""

from datetime import date, timedelta

import pytest

from desk import queries
from models import clock
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, Actor, find, within
from models.spot_checks import SpotCheck, SpotSample, published_of, record_results, tally
from models.stations import Station
from rules.access import Role
from rules.sampling import draw


@pytest.fixture
def records(cast) -> list[int]:
    """Ids of six posted records of A, two of whose days lie before this year's check."""
    person = cast.registered()
    rows = cast.posted(person, minutes=6 * 480)
    return sorted(row.id for row in rows)


def check(cast, by=None, **more) -> SpotCheck:
    today = clock.today()
    said = {"title": "季度抽查", "size": 3, "starts_on": today - timedelta(days=200), "ends_on": today} | more
    return SpotCheck.enter(by or cast.county, **said)


def drawn(cast, **more) -> SpotCheck:
    return SpotCheck.move(check(cast, **more).id, "draw", cast.county)


def test_the_seed_and_the_rows_give_the_sample_again(cast, records):
    row = SpotCheck.move(check(cast).id, "draw", cast.county, seed="五华 2026 春")
    taken = [s.record_id for s in row.samples.order_by(SpotSample.position)]
    assert taken == [records[place] for place in draw("五华 2026 春", 6, 3)]
    assert (row.population, row.seed) == (6, "五华 2026 春")
    again = SpotCheck.move(check(cast).id, "draw", cast.county, seed="五华 2026 春")
    assert [s.record_id for s in again.samples.order_by(SpotSample.position)] == taken


def test_a_seed_is_made_where_none_is_given_and_is_kept(cast, records):
    first, second = drawn(cast), drawn(cast)
    assert len(first.seed) == 16 and first.seed != second.seed and first.drawn_at


def test_a_draw_is_a_fixed_number_of_statements(cast, records):
    small, large = check(cast, size=1), check(cast, size=6)
    counted = []
    for row in (small, large):
        with queries() as sent:
            SpotCheck.move(row.id, "draw", cast.county)
        counted.append(len(sent))
    assert counted[0] == counted[1]


def test_more_than_there_are_draws_all_and_none_at_all_is_refused(cast, records):
    assert drawn(cast, size=50).samples.count() == 6
    row = check(cast, starts_on=date(2015, 1, 1), ends_on=date(2015, 12, 31))
    with pytest.raises(Refusal, match="没有已入账的服务记录"):
        SpotCheck.move(row.id, "draw", cast.county)
    assert SpotCheck.get_by_id(row.id).state == "draft"


def test_only_posted_records_of_the_period_the_division_and_the_stations_named_are_drawn(cast, records):
    days = sorted({row.started_at.date() for row in ServiceRecord.select()})
    row = drawn(cast, starts_on=days[0], ends_on=days[1], size=50)
    assert {s.record_id for s in row.samples} == {
        r.id for r in ServiceRecord.select() if r.started_at.date() in days[:2]
    }
    ServiceRecord.move(records[0], "reverse", SYSTEM, reason="测试", asked_by=None)
    assert drawn(cast, size=50).samples.count() == 5
    assert drawn(cast, stations=[str(cast.a.id)], size=50).population == 5
    elsewhere = SpotCheck.enter(
        cast.prefecture, title="盘龙", division="530103", size=3, starts_on=days[0], ends_on=days[-1]
    )
    with pytest.raises(Refusal, match="没有已入账的服务记录"):
        SpotCheck.move(elsewhere.id, "draw", cast.prefecture)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"size": 0}, "抽查条数应在 1 到 500"),
        ({"size": 501}, "抽查条数应在 1 到 500"),
        ({"size": None}, "请填写「抽查条数」"),
        ({"ends_on": date(2099, 1, 1)}, "只能抽查已经过去的日子"),
        ({"ends_on": date(2014, 1, 1), "starts_on": date(2015, 1, 1)}, "服务日期止应不早于"),
        ({"division": "5301"}, "不在您负责的范围内"),
        ({"division": "530103"}, "不在您负责的范围内"),
        ({"stations": ["2"]}, "不在范围内的工作站"),
        ({"stations": ["x"]}, "不在范围内的工作站"),
        ({"stations": ["9" * 30]}, "不在范围内的工作站"),
    ],
)
def test_a_check_that_makes_no_sense_is_refused(cast, values, says):
    assert cast.b.id == 2
    with pytest.raises(Refusal, match=says):
        check(cast, **values)


def test_a_drawn_sample_is_neither_changed_nor_drawn_again(cast, records):
    row = drawn(cast)
    before = [(s.record_id, s.position) for s in row.samples]
    with pytest.raises(Refusal, match="样本已经抽出"):
        SpotCheck.amend(row.id, cast.county, size=5)
    SpotCheck.move(row.id, "draw", cast.county)  # made already: nothing happens
    with pytest.raises(TypeError, match="takes no record"):
        SpotSample.amend(row.samples.first().id, cast.county, record=records[0])
    with pytest.raises(Refusal, match="督导不能办理"):
        SpotSample.enter(cast.county, result="true")
    record_results(row.id, {s.id: {"result": "true", "note": ""} for s in row.samples}, cast.county)
    SpotCheck.move(row.id, "verify", cast.county)
    with pytest.raises(Refusal, match="现在是「已核查」"):
        SpotCheck.move(row.id, "draw", cast.county)
    SpotCheck.move(row.id, "reopen", cast.county, reason="补查")
    assert [(s.record_id, s.position) for s in row.samples] == before


def test_every_sample_has_its_finding_before_the_check_is_done(cast, records):
    row = drawn(cast)
    first, *others = row.samples
    with pytest.raises(Refusal, match="还有 3 条样本没有填写结果"):
        SpotCheck.move(row.id, "verify", cast.county)
    with pytest.raises(Refusal, match="请写明查到的情况"):
        SpotSample.amend(first.id, cast.county, result="false")
    with pytest.raises(Refusal) as no:
        record_results(row.id, {first.id: {"result": "true"}, others[0].id: {"result": "unknown"}}, cast.county)
    assert [f.where for f in no.value.findings] == [f"{others[0].id}.note"]
    assert SpotSample.get_by_id(first.id).result == ""  # all or none
    said = {s.id: {"result": "true"} for s in others} | {first.id: {"result": "false", "note": "本人说没有去"}}
    assert record_results(row.id, said, cast.county) == 3
    assert record_results(row.id, said, cast.county) == 0
    SpotCheck.move(row.id, "verify", cast.county)
    with pytest.raises(Refusal, match="核查已经完毕"):
        SpotSample.amend(first.id, cast.county, result="true")


def test_another_checks_sample_is_not_found(cast, records):
    mine, other = drawn(cast), drawn(cast)
    with pytest.raises(NotFound):
        record_results(mine.id, {other.samples.first().id: {"result": "true"}}, cast.county)


def test_stations_see_their_own_samples_after_the_draw_and_nothing_before(cast, records):
    row = check(cast)
    with pytest.raises(NotFound):
        find(SpotCheck, row.id, cast.head)
    SpotCheck.move(row.id, "draw", cast.county)
    assert find(SpotCheck, row.id, cast.head)
    assert SpotSample.select().where(within(SpotSample, cast.recorder)).count() == 3
    with pytest.raises(NotFound):
        find(SpotCheck, row.id, cast.head_b)
    assert not SpotSample.select().where(within(SpotSample, cast.head_b)).exists()


def test_the_county_sees_a_check_of_the_prefecture_that_drew_its_records_but_does_not_run_it(cast, records):
    row = check(cast, cast.prefecture)
    with pytest.raises(NotFound):
        find(SpotCheck, row.id, cast.county)
    SpotCheck.move(row.id, "draw", cast.prefecture)
    seen = find(SpotCheck, row.id, cast.county)
    with pytest.raises(Refusal, match="由别的督导办理"):
        SpotSample.amend(row.samples.first().id, cast.county, result="true")
    record_results(row.id, {s.id: {"result": "true"} for s in row.samples}, cast.prefecture)
    assert [m.name for m in seen.legal_moves(cast.prefecture)] == ["verify"] and not seen.legal_moves(cast.county)
    with pytest.raises(Refusal, match="不在您负责的范围内"):
        SpotCheck.move(row.id, "verify", cast.county)
    stranger = Actor(9, "盘龙督导", Role.SUPERVISOR, None, "530103")
    with pytest.raises(NotFound):
        find(SpotCheck, row.id, stranger)


def test_the_result_is_counted_station_by_station_and_shown_when_published(cast, records):
    row = drawn(cast)
    first, *others = row.samples
    said = {s.id: {"result": "true"} for s in others} | {first.id: {"result": "unknown", "note": "电话不通"}}
    record_results(row.id, said, cast.county)
    SpotCheck.move(row.id, "verify", cast.county)
    assert published_of(cast.a.id) == []
    SpotCheck.move(row.id, "publish", cast.county)
    ((of, line),) = published_of(cast.a.id)
    assert of == row and of.published_on == clock.today()
    assert line == {
        "spot_check": row.id, "station": cast.a.id, "name": Station.get_by_id(cast.a.id).name, "drawn": 3, "true": 2,
        "false": 0, "unknown": 1, "percent": 66,
    }  # fmt: skip
    assert published_of(cast.b.id) == [] and len(tally(SpotSample.spot_check == row.id)) == 1


def test_samples_without_a_finding_are_listed_for_whoever_runs_the_check(cast, records):
    def listed(by) -> set[int]:
        return {row.id for row in SpotSample.select().where(SpotSample.unfilled(by), within(SpotSample, by))}

    row, above = drawn(cast), check(cast, cast.prefecture)
    SpotCheck.move(above.id, "draw", cast.prefecture)
    first, *others = row.samples
    SpotSample.amend(first.id, cast.county, result="true")
    assert listed(cast.county) == {s.id for s in others}
    assert listed(cast.prefecture) == {s.id for s in others} | {s.id for s in above.samples}

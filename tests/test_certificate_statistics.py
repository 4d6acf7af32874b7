"""Certificates in the statistics: by place, month and purpose; each figure opens to its rows, small ones stay hidden."""

import re
from datetime import timedelta

import pytest
from test_statistics import lines

from cast import Cast, past_the_notice
from desk import Desk, queries
from models import clock
from models.certificate_counts import counted
from models.certificates import Certificate
from models.scope import Actor
from models.statistics import Period
from models.volunteers import Volunteer
from rules.statistics import suppressed, suppressed_alike, with_totals
from views.figures import HIDDEN

SHEET = "/admin/statistics/?sheet=certificates"


def issued(person: Volunteer, purpose: str, count: int, recorder: Actor, head: Actor) -> list[int]:
    """So many certificates of one person for one purpose, each of a day less."""
    keys = []
    for _ in range(count):
        n = Certificate.select().count()
        row = Certificate.enter(
            recorder, volunteer=person.id, purpose=purpose, last_day=clock.today() - timedelta(days=n),
            first_day=clock.today() - timedelta(days=300),
        )  # fmt: skip
        Certificate.move(row.id, "accept", recorder)
        keys.append(Certificate.move(row.id, "issue", head).id)
    return keys


@pytest.fixture
def register(cast) -> Cast:
    """At A 14: six of them valid and two revoked, issued months ago; six hang out. At B one that hangs out."""
    person = cast.registered()
    cast.posted(person, minutes=60, day=clock.today() - timedelta(days=100))
    earlier = issued(person, "study", 6, cast.recorder, cast.head) + issued(person, "work", 2, cast.recorder, cast.head)
    past_the_notice()
    Certificate.move_all(earlier, "confirm", cast.head)
    for key in earlier[-2:]:
        Certificate.move(key, "revoke", cast.head, reason="时长有误")
    clock.move_demo_clock(20)
    issued(person, "study", 6, cast.recorder, cast.head)
    elsewhere = cast.registered("赵六", by=cast.recorder_b)
    Volunteer.update(station=cast.a.id).where(Volunteer.id == elsewhere.id).execute()
    cast.posted(elsewhere, minutes=60, day=clock.today() - timedelta(days=1))
    key = issued(elsewhere, "work", 1, cast.recorder, cast.head)
    Certificate.update(station=cast.b.id).where(Certificate.id.in_(key)).execute()
    Certificate.enter(cast.recorder, volunteer=person.id, purpose="party")  # asked for, not issued
    return cast


def test_what_was_issued_is_counted_by_place_month_and_purpose_with_what_became_of_it(register):
    period = Period.of("", "", clock.today())
    by = register.prefecture
    assert counted("station", period, by) == {
        (register.a.id, "noticed"): 6, (register.a.id, "valid"): 6, (register.a.id, "revoked"): 2, (register.b.id, "noticed"): 1
    }
    assert counted("purpose", period, by) == {
        ("study", "valid"): 6, ("study", "noticed"): 6, ("work", "revoked"): 2, ("work", "noticed"): 1
    }
    months = counted("month", period, register.county)
    assert sum(months.values()) == 14 and len({month for month, _ in months}) == 2
    before = Period.of("2020-01", "2020-02", clock.today())
    assert counted("station", before, by) == {} and counted("station", period, register.head_b) == {(register.b.id, "noticed"): 1}


def test_the_counts_are_the_same_on_either_database(cast_on_either):
    cast = cast_on_either
    person = cast.registered()
    cast.posted(person, minutes=60, day=clock.today() - timedelta(days=3))
    issued(person, "study", 2, cast.recorder, cast.head)
    period, today = Period.of("", "", clock.today()), clock.today()
    assert counted("station", period, cast.county) == {(cast.a.id, "noticed"): 2}
    assert counted("month", period, cast.county) == {(f"{today:%Y-%m}", "noticed"): 2}
    assert counted("purpose", period, cast.county) == {("study", "noticed"): 2}


@pytest.mark.parametrize("who", ["recorder", "head", "head_b", "county", "prefecture", "province", "auditor"])
def test_every_figure_opens_to_exactly_the_rows_that_it_counts(register, desk, who):
    window = desk.signed_in_as(getattr(register, who))
    opened = 0
    for name, cells in lines(window.get(SHEET)).items():
        for address, text in cells:
            if not address:
                assert text in ("0", HIDDEN), name
                continue
            opened += 1
            assert window.get(address).says(f"共 {text} 条"), (name, address)
    assert opened >= 2


def figures(window: Desk) -> dict[str, list[str]]:
    return {name: [text for _, text in cells] for name, cells in lines(window.get(SHEET)).items()}


def test_the_station_reads_all_of_its_own_and_above_it_small_groups_are_hidden(register, desk):
    own = figures(desk.signed_in_as(register.head))
    assert own["升学"] == ["6", "6", "0", "12"] and own["就业"] == ["0", "0", "2", "2"]
    above = figures(desk.signed_in_as(register.prefecture))
    assert not [text for cells in above.values() for text in cells if text in ("1", "2", "3", "4")]
    assert (HIDDEN in above["就业"] and above["升学"][0] == "6") or HIDDEN in above["升学"]
    assert desk.signed_in_as(register.prefecture).get(SHEET).says("以免认出是谁")


def test_the_last_rows_of_the_three_tables_are_hidden_alike(register, desk):
    html = desk.signed_in_as(register.prefecture).get(SHEET).html
    ends = re.findall(r"<tfoot>(.*?)</tfoot>", html, re.S)
    said = {tuple(re.sub("<.*?>", "", one) for one in re.findall(r'<td class="number">(.*?)</td>', end)) for end in ends}
    assert len(ends) == 3 and len(said) == 1


def test_a_total_that_one_table_hides_no_other_shows():
    places, months = [[9, 3], [7, 2]], [[8, 5], [8, 0]]
    assert not any(suppressed(months, 5)[-1])  # alone it would say 16 and 5, and so what places hides
    alike = suppressed_alike([places, months], 5)
    assert alike[0][-1] == alike[1][-1]
    for cells, mask in zip([places, months], alike, strict=True):
        assert not [v for row, hide in zip(with_totals(cells), mask, strict=True) for v, h in zip(row, hide, strict=True)
                    if not h and 0 < v < 5]  # fmt: skip
    assert suppressed_alike([places, months], 1) == [suppressed(places, 1), suppressed(months, 1)]


def test_a_supervisor_counts_no_other_countys_and_the_administrator_none(register, desk):
    county = desk.signed_in_as(register.county)
    for asked in ("", "&division=530103", "&division=53"):
        assert not county.get(SHEET + asked).says("环城社区")
    assert desk.signed_in_as(register.admin).get(SHEET).status == 403
    assert not county.get("/admin/certificates/?count=certified&beneath=530103").says("赵六")


def test_the_sheet_asks_few_statements_and_leads_down_on_the_same_sheet(register, desk):
    window = desk.signed_in_as(register.province)
    assert "sheet=certificates&amp;division=5301" in window.get(SHEET).html
    with queries() as asked:
        window.get(SHEET)
    assert len(asked) <= 30

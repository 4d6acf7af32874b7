"""The demo is whole on whatever day it is loaded, not only on the day its author looked at it.

Each day here has broken it, or could: holidays move the desk's work and the end of notices, the year and the month
turn, and of later years nobody knows the holidays yet. Minutes of processor time, and so a telling few.
"""

from datetime import datetime

import pytest

import test_demo
from fixtures import demo
from models import clock
from models.base import connect, database
from models.clock import Setting
from models.fields import keyring
from models.schema import upgrade
from models.stations import Station

CLAIMS = (
    test_demo.test_every_screen_of_the_demo_station_has_rows,
    test_demo.test_the_claim_is_seen_from_both_ends,
    test_demo.test_the_hours_account_is_sound,
    test_demo.test_people_are_of_every_kind,
    test_demo.test_hours_and_stars_spread,
    test_demo.test_thanks_are_given_in_every_way,
    test_demo.test_volunteers_asked_for_things_themselves_and_hours_of_theirs_run_out_soon,
    test_demo.test_something_waits_at_every_step,
    test_demo.test_recruiting_is_in_every_state_and_moves_today,
    test_demo.test_complaints_anomalies_and_months_are_in_every_state,
    test_demo.test_a_batch_was_answered_in_part_and_the_county_received_one,
    test_demo.test_certificates_are_in_every_state_and_one_took_anothers_place,
    test_demo.test_no_notice_is_left_past_its_last_day,
    test_demo.test_its_past_is_believable,
)
DAYS = {
    "the day after nine days of 春节": "2026-02-24",
    "twelve days later: nobody was suspended before his last sheet was keyed": "2026-03-05",
    "the morning after 国庆": "2026-10-08",
    "a Wednesday, 55 days after 国庆": "2026-11-25",
    "new year's day of a year whose holidays are not known": "2027-01-01",
    "a leap day long from now": "2040-02-29",
}


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_the_demo_is_whole_as_of(day, quick_passwords):
    moment = datetime.fromisoformat(f"{day}T09:00")
    keyring.open(test_demo.KEY)
    connect("sqlite:///:memory:")
    with database.connection_context():
        upgrade()
        Setting.write("demo", True)
        Setting.write("clock_days", max(0, (moment - datetime.now()).days + 1))  # the past lies before the clock
        with clock.past(moment):
            demo.load(test_demo.GIVEN)
            station = Station.get(Station.division == "530102001001")
            wrong = {}
            for claim in CLAIMS:
                try:
                    claim(station)
                except AssertionError as no:
                    wrong[claim.__name__] = str(no).splitlines()[0]
    assert wrong == {}

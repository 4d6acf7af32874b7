"""A row of station A of each table of the stages stations and publicity."""

from walks_publicity import a_follow_up, story
from walks_stations import a_self_check, a_spot_check, an_item

from models import clock
from models.meetings import FollowUp, Meeting
from models.self_checks import SelfCheck
from models.set_up import SetUpItem
from models.spot_checks import SpotCheck, SpotSample
from models.stories import Story
from models.supports import Duty, Support


def add(cast, keys) -> None:
    today = clock.today()
    keys[SetUpItem] = an_item(cast)[1]
    keys[Duty] = Duty.enter(cast.head, name="刘珊", role="full_time", phone="13800000001", since=today).id
    keys[Support] = Support.enter(cast.head, giver="530102001", kind="funds", fen=500000, given_on=today).id
    keys[SelfCheck] = a_self_check(cast)[1]
    keys[SpotCheck] = a_spot_check(cast)[1]
    SpotCheck.move(keys[SpotCheck], "draw", cast.county)
    keys[SpotSample] = SpotSample.get().id
    keys[Story] = story(cast).id
    keys[FollowUp] = a_follow_up(cast)[1]
    keys[Meeting] = FollowUp.get_by_id(keys[FollowUp]).meeting_id

"""Walks through the lives of a story, a meeting and what follows from it."""

from datetime import timedelta

from models import clock
from models.meetings import FollowUp, Meeting
from models.stories import Story
from walks import Walk

AGREED = {"consent_by": "李明", "consent_relation": "self", "consent_way": "written"}


def story(cast, by=None, **more) -> Story:
    """A story of A's that its hero has agreed to."""
    said = {
        "category": "person", "whose": "李明", "title": "巷口的修鞋摊", "body": "每周三上午，他在巷口支起小摊。",
        "consent_on": clock.today(),
    } | AGREED | more  # fmt: skip
    return Story.enter(by or cast.recorder, **said)


def a_story(cast):
    return Story, story(cast).id


def meeting(cast, by=None, **more) -> Meeting:
    said = {
        "theme": "社区志愿服务现场会", "day": clock.today(), "place": "翠竹社区", "stations": [str(cast.a.id)],
        "summary": "各站交流了做法。", "learnt": "每周固定一天上门。",
    } | more  # fmt: skip
    return Meeting.enter(by or cast.county, **said)


def a_meeting(cast):
    return Meeting, meeting(cast).id


def a_follow_up(cast):
    due = clock.today() + timedelta(days=30)
    row = FollowUp.enter(cast.county, meeting=meeting(cast).id, station=cast.a.id, what="建立需求台账", due_on=due)
    return FollowUp, row.id


WALKS = [
    Walk("stories", a_story, "submit:recorder return:head submit:recorder approve:head publish:head take_down:head "
                             "publish:head recommend:head decline:county recommend:head honour:county withdraw:recorder"),
    Walk("stories", a_story, "submit:recorder withdraw:head revise:recorder"),
    Walk("meetings", a_meeting, "hold:county publish:county"),
    Walk("meetings", a_meeting, "cancel:county"),
    Walk("follow_ups", a_follow_up, "finish:head"),
    Walk("follow_ups", a_follow_up, "drop:county"),
]  # fmt: skip

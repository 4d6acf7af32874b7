"""典型宣传与现场会 (方案 三(4)): stories on their way to the public, meetings, and what they leave to be done."""

from typing import Any, ClassVar

from models.meetings import FollowUp, Meeting
from models.stories import Story
from models.volunteers import Volunteer
from rules.publicity import SHOWN
from views.asking import actor
from views.base import StageView
from views.below import Below
from views.forms import DeskForm
from views.named import Named
from views.spot_checks import called_here


class StoryScreen(StageView):
    model = Story
    title = "典型事迹"
    step = "主要措施"
    columns = "title category whose consent_on text_version consent_version published_on station state"
    search = "title whose"
    filter_by = "state category station published_on"
    form_groups = [
        ("事迹", "title category volunteer whose minor lead body"),
        ("同意公开", "consent_by consent_relation consent_on consent_way"),
    ]
    detail_groups = [
        ("事迹", "category volunteer whose minor state published_on honoured_by station returned_for"),
        (
            "同意公开",
            "consent_by consent_relation consent_on consent_way text_version consent_version consent_withdrawn_on",
        ),
    ]
    named: ClassVar[dict[str, Named]] = {
        "without_consent": Named("同意书缺失的事迹", Story.without_consent, "recorder head")
    }
    details_template = "desk/story.html"
    empty = "还没有事迹。写下志愿者和服务队的好故事，征得本人同意后在公开网站上宣传。"

    def more(self, row: Story) -> dict[str, Any]:
        gap = row.gap()
        return {"gap": gap if row.state not in ("withdrawn", *SHOWN) else "", "public": row.state in SHOWN}

    def pickable(self, name: str) -> list[Any]:
        return [Volunteer.state == "registered"] if name == "volunteer" else []


class MeetingScreen(StageView):
    model = Meeting
    title = "现场会"
    step = "主要措施"
    columns = "theme division host day place headcount published_on state"
    search = "theme place"
    filter_by = "state day"
    order = "-day"
    sortable = "day"
    form_groups = [
        ("现场会", "theme day place division host headcount stations participants"),
        ("纪要", "summary learnt"),
    ]
    detail_groups = [
        ("现场会", "theme division.full_name host day place headcount state published_on stations participants"),
        ("纪要", "summary learnt"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "without_minutes": Named("纪要逾期未发布", Meeting.without_minutes, "supervisor")
    }
    below: ClassVar[list[Below]] = [
        Below("会后落实", FollowUp, "meeting", "what station due_on state outcome", adds=True)
    ]
    empty = "还没有现场会。县、州市召开的交流会由督导登记；参加的工作站能看到。"

    def required(self, form: DeskForm) -> set[str]:
        """The division is the asker's own where she names none."""
        return super().required(form) - {"division"}

    def pickable(self, name: str) -> list[Any]:
        return called_here(name)


class FollowUpScreen(StageView):
    model = FollowUp
    title = "会后落实"
    step = "主要措施"
    columns = "what meeting due_on station outcome finished_on state"
    search = "what"
    filter_by = "state meeting due_on"
    order = "due_on"
    sortable = "due_on"
    form_groups = [("会后落实", "meeting what due_on station")]
    detail_groups = [("会后落实", "what meeting due_on station state finished_on outcome")]
    named: ClassVar[dict[str, Named]] = {"overdue": Named("逾期未落实", FollowUp.overdue, "recorder head supervisor")}
    empty = "没有要落实的事。在「现场会」的页面上新增。"

    def pickable(self, name: str) -> list[Any]:
        """What is added belongs to a meeting that the asker's own division called."""
        by = actor()
        return [Meeting.called_within(by.division)] if name == "meeting" and by.division else []

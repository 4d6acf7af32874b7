"""设计项目、发布信息: what a project must state before anybody is recruited for it (条例 art. 12)."""

import pytest

from cast import STATED
from models import clock
from models.projects import Project
from models.refusals import Refusal


def submitted(cast, **said) -> Project:
    """A project that waits for the head."""
    today = clock.today()
    values = {"name": "爱心陪伴", "category": "01", "starts_on": today, "ends_on": today, "headcount": 3}
    row = Project.enter(cast.recorder, **values | said)
    return Project.move(row.id, "submit", cast.recorder)


@pytest.mark.parametrize("name", STATED)
@pytest.mark.parametrize("blank", ["", " 　"])
def test_a_project_that_does_not_state_something_is_not_published_and_the_refusal_says_what(cast, name, blank):
    row = submitted(cast, **STATED | {name: blank})
    with pytest.raises(Refusal) as no:
        Project.move(row.id, "publish", cast.head)
    assert [f.where for f in no.value.findings] == [name]
    assert Project.label(name) in str(no.value)
    assert Project.get_by_id(row.id).state == "submitted"


def test_all_that_is_not_stated_is_said_at_once(cast):
    row = submitted(cast)
    with pytest.raises(Refusal) as no:
        Project.move(row.id, "publish", cast.head)
    assert {f.where for f in no.value.findings} == set(STATED)


def test_a_project_that_states_all_is_published(cast):
    assert Project.move(submitted(cast, **STATED).id, "publish", cast.head).state == "published"

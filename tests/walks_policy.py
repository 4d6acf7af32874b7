"""Walks through the life of a policy draft: the county drafts, the prefecture above releases."""

from datetime import timedelta

from models import clock
from models.policy_drafts import PolicyDraft
from walks import Walk


def a_draft(cast, by=None, **more):
    """A draft of the county's exchange from tomorrow on, that starts at five hours."""
    values = {
        "topic": "exchange", "since": clock.today() + timedelta(days=1), "source": "区文明办〔2026〕8 号",
        "values": {"floor_hours": 5},
    } | more  # fmt: skip
    return PolicyDraft, PolicyDraft.enter(by or cast.county, **values).id


WALKS = [
    Walk("policy_drafts", a_draft, "submit:county return:prefecture submit:county release:prefecture"),
    Walk("policy_drafts", a_draft, "submit:county return:county withdraw:county"),
]

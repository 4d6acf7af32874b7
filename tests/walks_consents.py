"""Walks through the lives of a consent, a request to be erased and a proposal to erase what is past its time."""

from datetime import timedelta

from models import clock, retention
from models.consents import Consent
from models.erasures import Erasure
from models.households import Household, Recipient
from models.retention import RetentionLine, RetentionProposal
from walks import Walk
from walks_main import a_volunteer


def consent(cast, volunteer=None, by=None, **more) -> Consent:
    """An adult's own signature, or what is said."""
    said = {"kind": "registration", "given_on": clock.today()} | more
    if "recipient" not in said:
        said["volunteer"] = volunteer or cast.registered().id
    return Consent.enter(by or cast.recorder, **said)


def a_consent(cast):
    return Consent, consent(cast).id


def an_erasure(cast):
    return Erasure, Erasure.enter(cast.recorder, volunteer=cast.registered().id, reason="不再参加服务").id


def household(cast, by=None, **more) -> Household:
    said = {"name": "和桂芬", "building": "翠竹巷 3 栋", "address": "翠竹巷 3 栋 201", "people": 2} | more
    return Household.enter(by or cast.recorder, **said)


def recipient(cast, of: Household | None = None, by=None, **more) -> Recipient:
    of = of or household(cast, by)
    said = {"household": of.id, "name": "和桂芬", "gender": "2", "hardship": ["01"]} | more
    return Recipient.enter(by or cast.recorder, **said)


def gone(cast, days: int = 500) -> Recipient:
    """Somebody served until so many days ago."""
    return recipient(cast, left_on=clock.today() - timedelta(days=days))


def a_proposal(cast):
    gone(cast)
    assert retention.propose_due() == 1
    return RetentionProposal, RetentionProposal.get().id


def a_spent_proposal(cast):
    """All that it names was kept back meanwhile, so that nothing is left to go."""
    model, key = a_proposal(cast)
    RetentionLine.update(held="还在办理", done_at=clock.now()).where(RetentionLine.proposal == key).execute()
    return model, key


WALKS = [
    Walk("consents", a_consent, "withdraw:recorder"),
    Walk("consents", a_consent, "void:head"),
    Walk("erasures", an_erasure, "erase:head"),
    Walk("erasures", an_erasure, "refuse:head"),
    Walk("erasures", an_erasure, "drop:recorder"),
    Walk("retention", a_proposal, "refuse:head"),
    Walk("retention", a_spent_proposal, "approve:head finish:system"),
    Walk("volunteers", a_volunteer, "approve:head suspend:head erase:system"),
]  # fmt: skip

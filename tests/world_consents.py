"""A row of station A of each table of consent, erasing and retention."""

from walks_consents import a_consent, a_proposal, an_erasure

from models.consents import Consent
from models.erasures import Erasure
from models.retention import RetentionLine, RetentionProposal


def add(cast, keys) -> None:
    keys[Consent] = a_consent(cast)[1]
    keys[Erasure] = an_erasure(cast)[1]
    keys[RetentionProposal] = a_proposal(cast)[1]
    keys[RetentionLine] = RetentionLine.get().id

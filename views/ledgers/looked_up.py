"""What a ledger's row says of many other rows (a roll with hours, what came of a pairing), found for a whole chunk at once.

Each function takes the keys of a chunk and answers by one statement, so that no row costs a query of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from peewee import fn

from models.deliveries import SATISFIED
from models.households import Household, Recipient
from models.needs import Need
from models.pairing import PairedHousehold, Pairing
from models.people import Account
from models.records import DEAD, ServiceRecord
from models.vocabulary import names
from models.volunteers import Volunteer
from rules.needs import MET


def _together(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Texts of one key with a mark between them, each once, in the order found."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for key, text in pairs:
        if text:
            found[key][text] = None
    return {key: "、".join(texts) for key, texts in found.items()}


def _standing(keys: Sequence[int], *chosen):
    return ServiceRecord.select(ServiceRecord.activity, *chosen).where(
        ServiceRecord.activity.in_(keys), ServiceRecord.state.not_in(DEAD)
    )


def roll(keys: Sequence[int]) -> dict[int, str]:
    """李明 2.00、王芳 1.50: who served in each activity and for how many hours."""
    query = _standing(keys, Volunteer.card_no, Volunteer.name, fn.SUM(ServiceRecord.minutes)).join(Volunteer)
    query = query.group_by(ServiceRecord.activity, Volunteer.id, Volunteer.card_no, Volunteer.name)
    found: dict[int, list[str]] = defaultdict(list)
    for key, _, name, minutes in query.order_by(ServiceRecord.activity, Volunteer.id).tuples():
        found[key].append(f"{name} {minutes / 60:.2f}")
    return {key: "、".join(people) for key, people in found.items()}


def qualities(keys: Sequence[int]) -> dict[int, str]:
    """优 3、良 1: how the records of each activity were rated."""
    words, count = names("quality"), fn.COUNT(ServiceRecord.id)
    query = _standing(keys, ServiceRecord.quality, count).group_by(ServiceRecord.activity, ServiceRecord.quality)
    rows = query.order_by(ServiceRecord.activity, ServiceRecord.quality).tuples()
    return _together((key, f"{words.get(code, code)} {number}" if code else "") for key, code, number in rows)


def keepers(keys: Sequence[int]) -> dict[int, str]:
    """Who entered the records of each activity."""
    query = _standing(keys, Account.name).join(Account, on=(ServiceRecord.entered_by == Account.id)).distinct()
    return _together(query.order_by(ServiceRecord.activity, Account.name).tuples())


def paired(keys: Sequence[int]) -> dict[int, str]:
    """The households of each agreement."""
    query = PairedHousehold.select(PairedHousehold.pairing, Household.name).join(Household)
    return _together(query.where(PairedHousehold.pairing.in_(keys)).order_by(PairedHousehold.id).tuples())


def hardships(keys: Sequence[int]) -> dict[int, str]:
    """The hardships of those who live in the households of each agreement."""
    words = names("recipient")
    query = (
        PairedHousehold.select(PairedHousehold.pairing, Recipient.hardship)
        .join(Recipient, on=(PairedHousehold.household == Recipient.household))
        .where(PairedHousehold.pairing.in_(keys), Recipient.left_on.is_null())
        .order_by(PairedHousehold.id, Recipient.id)
    )
    return _together((key, words.get(code, code)) for key, codes in query.tuples() for code in codes)


def effects(keys: Sequence[int]) -> dict[int, str]:
    """Needs of an agreement's households that were met while it held, and how many of those rated were to satisfaction."""
    query = (
        PairedHousehold.select(PairedHousehold.pairing, Need.satisfaction, fn.COUNT(Need.id.distinct()))
        .join_from(PairedHousehold, Pairing)
        .join_from(PairedHousehold, Need, on=(PairedHousehold.household == Need.household))
        .where(
            PairedHousehold.pairing.in_(keys), Need.state.in_(MET), Need.met_on >= Pairing.starts_on,
            Need.met_on <= fn.COALESCE(Pairing.ended_on, Pairing.ends_on),
        )
        .group_by(PairedHousehold.pairing, Need.satisfaction)
    )  # fmt: skip
    met: dict[int, int] = defaultdict(int)
    rated: dict[int, int] = defaultdict(int)
    pleased: dict[int, int] = defaultdict(int)
    for key, satisfaction, number in query.tuples():
        met[key] += number
        rated[key] += number if satisfaction else 0
        pleased[key] += number if satisfaction in SATISFIED else 0
    return {key: f"办结需求 {number} 件，评价满意 {pleased[key]}/{rated[key]}" for key, number in met.items()}

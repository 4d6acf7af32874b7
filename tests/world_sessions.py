"""A session and a second factor of A's recorder, and a header that A's tables have."""

from models import header_mappings, second_factor, sessions
from models.header_mappings import HeaderMapping
from models.people import Account
from models.second_factor import SecondFactor
from models.sessions import Session


def add(cast, keys) -> None:
    account = Account.get_by_id(cast.recorder.account_id)
    row, _ = sessions.begin(account, "192.0.2.7", "Chrome · Windows")
    second_factor.begin(account)
    header_mappings.remember("volunteers", "volunteers", {"户口本上的名字": "name"}, cast.recorder)
    keys |= {HeaderMapping: HeaderMapping.get().id, Session: row.id, SecondFactor: account.id}

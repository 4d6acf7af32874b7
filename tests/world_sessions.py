"""A session, a second factor and the wrong tries of A's recorder."""

from models import second_factor, sessions
from models.people import Account
from models.second_factor import SecondFactor
from models.sessions import Session


def add(cast, keys) -> None:
    account = Account.get_by_id(cast.recorder.account_id)
    row, _ = sessions.begin(account, "192.0.2.7", "Chrome · Windows")
    second_factor.begin(account)
    keys |= {Session: row.id, SecondFactor: account.id}

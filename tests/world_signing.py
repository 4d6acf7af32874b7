"""A row of each table of signing; they are the installation's, no station's own."""

from walks_signing import a_peer

from models.peers import Peer
from models.signing import SIGN, InstallationKey


def add(cast, keys) -> None:
    keys[Peer] = a_peer(cast)[1]
    InstallationKey.now(SIGN)

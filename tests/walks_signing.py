"""Walks through the life of a peer: another installation whose card was taken in."""

import json

from joserfc.jwk import OKPKey

from models.peers import Peer
from rules.signing import CURVES, fingerprint
from walks import Walk


def stranger(name: str = "曲靖市麒麟区志愿服务平台") -> tuple[dict[str, OKPKey], str]:
    """Another installation's key pairs, and its card."""
    pairs = {use: OKPKey.generate_key(curve) for use, curve in CURVES.items()}
    keys = [{"use": use, "jwk": public(pair)} for use, pair in pairs.items()]
    said = {"v": 1, "name": name, "division": "530302", "url": "", "keys": keys}
    return pairs, json.dumps(said | {"fingerprint": fingerprint(one["jwk"] for one in keys)}, ensure_ascii=False)


def public(pair: OKPKey) -> dict[str, str]:
    return {name: pair.as_dict(private=False)[name] for name in ("kty", "crv", "x")}


def a_peer(cast):
    return Peer, Peer.take_in(stranger()[1], cast.admin).id


SAID = {"confirm": {"compared_with": "电话向对方王站长核对"}}

WALKS = [
    Walk("peers", a_peer, "confirm:county withdraw:county", SAID),
    Walk("peers", a_peer, "withdraw:county"),
]

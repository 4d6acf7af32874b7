"""What this installation signs and reads: Ed25519 signatures that others check without a network, and X25519 sealing.

Compact JWS and JWE with one algorithm each; a header that holds anything else is refused before a key is looked up.
Private keys lie sealed by the data key (`models.keys` turns it); retired keys still verify and unseal.
"""

import json
from dataclasses import dataclass
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from peewee import BooleanField, CharField, DateTimeField

from models import clock
from models.audit import trail
from models.base import BaseModel, transaction
from models.clock import Setting
from models.fields import JSONText, SealedField
from models.moves import permit
from models.peers import Peer, by_kid
from models.refusals import refuse
from models.scope import NOTHING, SYSTEM, Actor
from models.together import asked_once
from rules.signing import (
    CARD_VERSION,
    CURVES,
    SEAL,
    SIGN,
    Unreadable,
    fingerprint,
    good_address,
    header_of,
    read_json,
    thumbprint,
)

__all__ = ["InstallationKey", "Peer", "Signed", "check", "describe", "described", "installation_address", "public_card", "renew", "seal", "sign", "unseal"]

SIGNED_BY = "Ed25519"  # RFC 9864; «EdDSA» is its deprecated name and is not taken
SEALED_BY, SEALED_WITH = "ECDH-ES+A256KW", "A256GCM"
SEALED_TYPE = "station-sealed"
LONGEST = 20_000_000  # characters of a token
LONGEST_NAME = 80
NAME, ADDRESS = "installation_name", "installation_url"  # settings: what the card says


class InstallationKey(BaseModel):
    """One key pair of this installation. Nobody's row: it is reached through the functions here alone."""

    kid = CharField(max_length=43, unique=True)
    use = CharField(max_length=4, choices=[(SIGN, "签名"), (SEAL, "加密")])
    public = JSONText()
    private = SealedField()
    current = BooleanField(default=True)
    made_at = DateTimeField(default=clock.now)
    retired_at = DateTimeField(null=True)

    @classmethod
    def scope(cls, actor: Actor):
        return NOTHING

    @classmethod
    def now(cls, use: str) -> "InstallationKey":
        """The newest key for this use that is not retired; made at the first need."""
        found = cls.select().where(cls.use == use, cls.current).order_by(cls.id.desc()).first()
        return found or cls.make(use)

    @classmethod
    def make(cls, use: str, by: Actor = SYSTEM) -> "InstallationKey":
        pair = OKPKey.generate_key(CURVES[use])
        public = {name: str(pair.as_dict(private=False)[name]) for name in ("kty", "crv", "x")}
        with transaction():
            row: InstallationKey = cls.create(
                kid=thumbprint(public), use=use, public=public, private=json.dumps(pair.as_dict(private=True))
            )
            trail(by, "make_key", "installation_key", row.id, after={"use": use, "kid": row.kid})
        return row

    def pair(self) -> OKPKey:
        return OKPKey.import_key(json.loads(self.private))


def renew(by: Actor = SYSTEM) -> list[InstallationKey]:
    """Sign and seal by new keys from now on; the old ones are retired and still read what was made by them."""
    with transaction():
        old = InstallationKey.current
        InstallationKey.update(current=False, retired_at=clock.now()).where(old).execute()
        return [InstallationKey.make(use, by) for use in CURVES]


# --- who we are ---


def installation_address() -> str:
    """Where others reach this installation, without the last stroke; empty where nobody has said."""
    return str(Setting.read(ADDRESS, "")).rstrip("/")


def described() -> dict[str, str]:
    """What was set of our name and address; empty where nothing was."""
    return {"name": Setting.read(NAME, ""), "url": installation_address()}


def describe(name: str, url: str, by: Actor) -> None:
    """Set what the public card and the printed certificates say of us. Raises ``Refusal``."""
    permit(by, "enter", "peers")
    name, url = name.strip(), url.strip().rstrip("/")
    if len(name) > LONGEST_NAME:
        raise refuse(f"单位名称最多 {LONGEST_NAME} 个字。", "name")
    if url and not good_address(url):
        raise refuse("网址应以 https:// 开头，只写到单位首页，例如 https://zyfw.example.cn。", "url")
    before, after = described(), {"name": name, "url": url}
    if before == after:
        return
    with transaction():
        Setting.write(NAME, name)
        Setting.write(ADDRESS, url)
        trail(by, "describe", "setting", NAME, before=before, after=after)


def public_card() -> dict[str, Any]:
    """What other installations take in: who we are and all our public keys, the newest first."""
    for use in CURVES:
        InstallationKey.now(use)
    rows = list(InstallationKey.select().order_by(InstallationKey.current.desc(), InstallationKey.id.desc()))
    name, division = _who()
    kept = [row for row in rows if row.use == SIGN or row.current]
    return {
        "v": CARD_VERSION, "name": name, "division": division, "url": installation_address(),
        "keys": [{"use": row.use, "jwk": row.public} for row in kept],
        "fingerprint": fingerprint(row.public for row in kept),
    }  # fmt: skip


def _who() -> tuple[str, str]:
    """The only station's name and division; of several, that of the division which holds them all."""
    from models.stations import Division, Station

    stations = list(Station.select(Station.name, Station.division).limit(500))
    said = Setting.read(NAME, "")
    if len(stations) == 1:
        return said or stations[0].name, str(stations[0].division_id)
    codes = [str(one.division_id) for one in stations]
    shared = next((n for n in (9, 6, 4, 2) if codes and len({code[:n] for code in codes}) == 1), 2)
    code = codes[0][:shared] if codes else "53"
    place = Division.get_or_none(Division.code == code)
    return said or f"{place.name if place else code}志愿服务平台", code


# --- signing ---


@dataclass(frozen=True)
class Signed:
    """What a token says and who signed it: ourselves, or a confirmed peer."""

    payload: dict[str, Any]
    kid: str
    peer: Peer | None
    ours: bool


def sign(payload: dict[str, Any], typ: str) -> str:
    """A compact JWS of this for the use ``typ``, by the newest key."""
    key = _newest(SIGN)
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    header = {"alg": SIGNED_BY, "kid": key.kid, "typ": typ}
    return jws.serialize_compact(header, text.encode(), key.pair(), registry=_signatures())


def check(token: str, typ: str) -> Signed:
    """What a token says, once its signature is found to be ours or a confirmed peer's. Raises ``Refusal``."""
    try:
        header = header_of(token, 3, {"alg": SIGNED_BY, "kid": None, "typ": None}, LONGEST, "签名的内容")
    except Unreadable as no:
        raise refuse(str(no)) from no
    if header["typ"] != typ:
        raise refuse("这份签名内容不是这个用途的，请确认选对了文件或二维码。")
    kid = str(header["kid"])
    own = _ours(kid, SIGN)
    peer = None if own else _theirs(kid)
    public = own.public if own else _trusted(peer, kid)
    try:
        read = jws.deserialize_compact(token, OKPKey.import_key(public), registry=_signatures())
    except (JoseError, ValueError) as wrong:
        raise refuse("签名核对不符：内容在签发后被改动过，或没有传完整，不能采信。") from wrong
    try:
        payload = read_json(read.payload, "签名的内容")
    except Unreadable as no:
        raise refuse(str(no)) from no
    return Signed(payload, kid, peer, own is not None)


@asked_once
def _newest(use: str) -> InstallationKey:
    return InstallationKey.now(use)


@asked_once
def _ours(kid: str, use: str) -> InstallationKey | None:
    return InstallationKey.get_or_none(InstallationKey.kid == kid, InstallationKey.use == use)


@asked_once
def _theirs(kid: str) -> Peer | None:
    return by_kid(kid)


def _trusted(peer: Peer | None, kid: str) -> dict[str, str]:
    if peer is None:
        raise refuse("签发单位不是本单位，也不在互认单位里，无法核对；请先登记并确认对方的公开名片。")
    if peer.state == "entered":
        raise refuse(f"签发单位「{peer.name}」已登记，但还没有由第二人核对指纹，暂不能采信。")
    public = peer.signing_key(kid)
    if peer.state == "withdrawn" or public is None:
        raise refuse(f"签发单位「{peer.name}」的互认已撤销，它的签名不再采信。")
    return public


def _signatures() -> jws.JWSRegistry:
    registry = jws.JWSRegistry(algorithms=[SIGNED_BY])
    registry.max_payload_length = LONGEST
    return registry


# --- sealing ---


def seal(token: str, peer: Peer) -> str:
    """A signed token sealed for a confirmed peer: a compact JWE. Raises ``Refusal`` where it is not to be written to."""
    public = peer.sealing_key()
    header = {"alg": SEALED_BY, "enc": SEALED_WITH, "kid": thumbprint(public), "typ": SEALED_TYPE}
    return jwe.encrypt_compact(header, token.encode(), OKPKey.import_key(public), registry=_seals())


def unseal(sealed: str) -> str:
    """The signed token inside. Raises ``Refusal``: not addressed to us, altered, truncated."""
    wanted = {"alg": SEALED_BY, "enc": SEALED_WITH, "kid": None, "typ": SEALED_TYPE, "epk": None}
    try:
        header = header_of(sealed, 5, wanted, 2 * LONGEST, "加密的内容")
    except Unreadable as no:
        raise refuse(str(no)) from no
    key = _ours(str(header["kid"]), SEAL)
    if key is None:
        raise refuse("这份内容不是加密给本单位的，打不开；请对方确认收件单位，并用本单位现在的公开名片重新发送。")
    try:
        plain = jwe.decrypt_compact(sealed, key.pair(), registry=_seals()).plaintext
        return (plain or b"").decode()
    except Exception as wrong:  # whatever a forged key or ciphertext brings the library to: it says the same to all
        raise refuse("加密的内容打不开：在发出后被改动过，或没有传完整。") from wrong


def _seals() -> jwe.JWERegistry:
    registry = jwe.JWERegistry(algorithms=[SEALED_BY, SEALED_WITH])
    registry.max_ciphertext_length = 2 * LONGEST
    return registry

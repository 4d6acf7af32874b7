"""What this installation signs and seals, what it accepts from others, and every way in which it refuses."""

import base64
import json

import pytest
from joserfc import jwe, jws
from joserfc.jwk import OctKey, OKPKey
from walks_signing import SAID, public, stranger

from models import clock, keys, signing
from models.base import database
from models.fields import keyring
from models.peers import Peer
from models.refusals import Refusal
from models.signing import InstallationKey, check, public_card, renew, seal, sign, unseal
from rules.signing import SEAL, SIGN, Unreadable, fingerprint, read_card, thumbprint

TYP = "station-certificate"
PAYLOAD = {"no": "5301022026Z0000001", "minutes": 1200, "name": "李*"}


def signed_by(pair, payload=PAYLOAD, **header) -> str:
    head = {"alg": "Ed25519", "kid": pair.thumbprint(), "typ": TYP} | header
    return jws.serialize_compact(head, json.dumps(payload).encode(), pair, algorithms=[head["alg"]])


def part(said) -> str:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def confirmed(cast, name="曲靖市麒麟区志愿服务平台"):
    pairs, card = stranger(name)
    row = Peer.take_in(card, cast.admin)
    return pairs, Peer.move(row.id, "confirm", cast.county, **SAID["confirm"])


def test_what_we_sign_we_read_again_on_both_databases(cast_on_either):
    read = check(sign(PAYLOAD, TYP), TYP)
    assert read.payload == PAYLOAD and read.ours and read.peer is None
    head = json.loads(base64.urlsafe_b64decode(sign(PAYLOAD, TYP).split(".")[0] + "=="))
    assert head == {"alg": "Ed25519", "typ": TYP, "kid": thumbprint(InstallationKey.now(SIGN).public)}


def test_the_name_of_a_key_is_its_thumbprint_by_rfc_7638(cast):
    for use in (SIGN, SEAL):
        row = InstallationKey.now(use)
        assert row.kid == row.pair().thumbprint()
    known = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}  # RFC 8037 A.3
    assert thumbprint(known) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_key_is_made_once_and_lies_sealed(cast):
    assert InstallationKey.now(SIGN).id == InstallationKey.now(SIGN).id
    (raw,) = database.execute_sql("SELECT private FROM installation_key WHERE use = 'sign'").fetchone()
    assert raw.startswith("2:") and '"d"' not in raw
    assert "installation_key" in {table.name for table in keys.sealed_tables()}


def test_changing_the_data_key_seals_the_private_key_anew_and_old_signatures_stand(cast):
    token = sign(PAYLOAD, TYP)
    keyring.open(b"another data key for tests, 32 b", *keyring.given)
    done = keys.rotate()
    assert not done.left and done.retired
    (raw,) = database.execute_sql("SELECT private FROM installation_key WHERE use = 'sign'").fetchone()
    assert raw.startswith(f"2:{keyring.newest.id}:")
    assert check(token, TYP).ours and check(sign(PAYLOAD, TYP), TYP).ours


def test_retired_keys_still_verify_and_unseal(cast):
    token, me = sign(PAYLOAD, TYP), Peer(state="confirmed", name="本站", keys={SEAL: [InstallationKey.now(SEAL).public]})
    sealed = seal(token, me)
    old = InstallationKey.now(SIGN).kid
    renew(cast.admin)
    assert InstallationKey.now(SIGN).kid != old and check(token, TYP).kid == old
    assert unseal(sealed) == token
    card = read_card(json.dumps(public_card()))
    assert card.kids == [InstallationKey.now(SIGN).kid, old] and len(card.keys[SEAL]) == 1


def test_a_confirmed_peers_signature_counts_and_says_whose_it_is(cast):
    pairs, peer = confirmed(cast)
    read = check(signed_by(pairs[SIGN]), TYP)
    assert read.peer == peer and not read.ours and read.payload == PAYLOAD


def test_an_unknown_an_unconfirmed_and_a_withdrawn_signer_are_each_refused_in_their_own_words(cast_on_either):
    cast = cast_on_either
    pairs, card = stranger()
    token = signed_by(pairs[SIGN])
    with pytest.raises(Refusal, match="不在互认单位里"):
        check(token, TYP)
    row = Peer.take_in(card, cast.admin)
    with pytest.raises(Refusal, match="还没有由第二人核对指纹"):
        check(token, TYP)
    Peer.move(row.id, "confirm", cast.county, **SAID["confirm"])
    assert check(token, TYP).peer == row
    Peer.move(row.id, "withdraw", cast.county, reason="对方密钥遗失")
    with pytest.raises(Refusal, match="互认已撤销"):
        check(token, TYP)


def test_what_was_altered_in_any_part_is_refused(cast):
    token = sign(PAYLOAD, TYP)
    head, body, name = token.split(".")
    forged = part(PAYLOAD | {"minutes": 120_000})
    for wrong in (f"{head}.{forged}.{name}", f"{head}.{body}.{part(bytes(64))}"):
        with pytest.raises(Refusal, match="改动过"):
            check(wrong, TYP)


@pytest.mark.parametrize("cut", [0, 1, 30, 100, -1, -2, -30])
def test_what_was_cut_off_is_refused(cast, cut):
    with pytest.raises(Refusal, match=r"完整|改动过"):
        check(sign(PAYLOAD, TYP)[:cut], TYP)


def test_a_signature_written_in_another_way_is_not_the_same_token(cast):
    """The last character holds spare bits; only its one spelling is taken."""
    token = sign(PAYLOAD, TYP)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]
    for wrong in (other, token + "=", token + "\n", " " + token, token.replace(".", "..", 1)):
        with pytest.raises(Refusal):
            check(wrong, TYP)


def test_another_use_is_refused(cast):
    with pytest.raises(Refusal, match="不是这个用途"):
        check(sign(PAYLOAD, "station-transfer"), TYP)


def test_other_algorithms_and_headers_are_refused_before_a_key_is_looked_up(cast):
    pairs, _ = confirmed(cast)
    kid = pairs[SIGN].thumbprint()
    good = {"alg": "Ed25519", "kid": kid, "typ": TYP}
    body, name = part(PAYLOAD), part(bytes(64))
    hmac = jws.serialize_compact(
        {"alg": "HS256", "kid": kid, "typ": TYP}, json.dumps(PAYLOAD).encode(), OctKey.import_key(public(pairs[SIGN])["x"])
    )
    heads = [
        good | {"alg": "none"}, good | {"alg": "HS256"}, good | {"alg": "EdDSA"}, good | {"alg": ["Ed25519"]},
        good | {"crit": ["b64"], "b64": False}, good | {"jwk": public(pairs[SIGN])}, good | {"jku": "https://a.example"},
        {"alg": "Ed25519", "typ": TYP}, {},
    ]  # fmt: skip
    for wrong in [hmac, *(f"{part(head)}.{body}.{name}" for head in heads), f"{part({'alg': 'none'})}.{body}."]:
        with pytest.raises(Refusal):
            check(wrong, TYP)
    twice = f'{{"alg":"Ed25519","alg":"Ed25519","kid":"{kid}","typ":"{TYP}"}}'.encode()
    for head in (twice, b"[]", b"{", b"\xff", b"[" * 900, json.dumps(good | {"typ": "x" * 1200}).encode()):
        with pytest.raises(Refusal):
            check(f"{part(head)}.{body}.{name}", TYP)


def test_a_payload_that_is_no_object_or_says_a_name_twice_is_refused(cast):
    pairs, _ = confirmed(cast)
    head = {"alg": "Ed25519", "kid": pairs[SIGN].thumbprint(), "typ": TYP}
    for raw in (b"[1]", b'{"a":1,"a":2}', b'{"a":NaN}', b"no"):
        with pytest.raises(Refusal, match="看不懂"):
            check(jws.serialize_compact(head, raw, pairs[SIGN], algorithms=["Ed25519"]), TYP)


def test_a_token_beyond_the_limit_is_not_looked_into(cast, monkeypatch):
    monkeypatch.setattr(signing, "LONGEST", 300)
    with pytest.raises(Refusal, match="太长：最多 300"):
        check(sign({"a": "x" * 400}, TYP), TYP)
    with pytest.raises(Refusal, match="太长"):
        unseal("a" * 601)


# --- sealing ---


def test_what_is_sealed_for_a_peer_only_that_peer_opens(cast):
    pairs, peer = confirmed(cast)
    token = sign(PAYLOAD, TYP)
    sealed = seal(token, peer)
    opened = jwe.decrypt_compact(sealed, pairs[SEAL], algorithms=["ECDH-ES+A256KW", "A256GCM"])
    assert opened.plaintext == token.encode()
    with pytest.raises(Refusal, match="不是加密给本单位的"):
        unseal(sealed)


def for_us(token: str, **header) -> str:
    key = InstallationKey.now(SEAL)
    head = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": key.kid, "typ": "station-sealed"} | header
    return jwe.encrypt_compact(head, token, key.pair(), algorithms=[head["alg"], head["enc"], "DEF"])


def test_what_is_sealed_for_us_we_open_and_anything_altered_or_cut_we_refuse(cast_on_either):
    sealed = for_us(sign(PAYLOAD, TYP))
    assert check(unseal(sealed), TYP).payload == PAYLOAD
    pieces = sealed.split(".")
    for at in range(1, 5):
        bad = bytearray(base64.urlsafe_b64decode(pieces[at] + "=" * (-len(pieces[at]) % 4)))
        bad[0] ^= 1
        with pytest.raises(Refusal, match="改动过"):
            unseal(".".join([*pieces[:at], part(bytes(bad)), *pieces[at + 1 :]]))
    for cut in (0, 40, -3, -40):
        with pytest.raises(Refusal, match=r"完整|改动过|打不开"):
            unseal(sealed[:cut])


def test_sealing_by_anything_but_the_one_way_is_refused(cast):
    token = sign(PAYLOAD, TYP)
    for header in (
        {"alg": "ECDH-ES+A128KW"}, {"enc": "A128GCM"}, {"zip": "DEF"}, {"typ": "other"}, {"cty": "JWT"}, {"kid": "none"},
    ):  # fmt: skip
        with pytest.raises(Refusal):
            unseal(for_us(token, **header))
    low = json.loads(base64.urlsafe_b64decode(for_us(token).split(".")[0] + "=="))
    low["epk"]["x"] = part(bytes(32))  # a point of small order
    with pytest.raises(Refusal):
        unseal(".".join([part(low), *for_us(token).split(".")[1:]]))


def test_a_large_package_goes_through(cast):
    token = sign({"rows": ["一行" * 50] * 5000}, TYP)
    assert len(token) > 1_000_000 and check(unseal(for_us(token)), TYP).ours


def test_nothing_is_sealed_for_whoever_is_not_confirmed_or_has_no_key(cast):
    row = Peer.take_in(stranger()[1], cast.admin)
    with pytest.raises(Refusal, match="确认互认后"):
        seal("a.b.c", row)
    _, peer = confirmed(cast, "宣威市平台")
    peer.keys = {SIGN: peer.keys[SIGN], SEAL: []}
    with pytest.raises(Refusal, match="没有加密用的公钥"):
        seal("a.b.c", peer)


# --- cards and peers ---


def test_our_card_says_who_we_are_and_holds_no_secret(cast):
    card = public_card()
    assert "昆明" in card["name"] or "志愿服务平台" in card["name"]
    assert '"d"' not in json.dumps(card) and len(card["fingerprint"].split()) == 10
    assert read_card(json.dumps(card)).fingerprint == card["fingerprint"] == public_card()["fingerprint"]


def test_a_card_is_refused_with_what_is_wrong_with_it(cast):
    pairs, card = stranger()
    good = json.loads(card)
    secret = {"use": SIGN, "jwk": pairs[SIGN].as_dict(private=True)}
    wrong = {
        "版本应是 1": good | {"v": 2}, "没有单位名称": good | {"name": " "}, "区划代码": good | {"division": "昆明"},
        "https": good | {"url": "http://a.example"}, "把公钥": good | {"keys": []}, "私钥": good | {"keys": [secret]},
        "看不懂的公钥": good | {"keys": [{"use": SIGN, "jwk": public(pairs[SEAL])}]},
        "没有验证签名": good | {"keys": good["keys"][1:]}, "指纹与公钥不符": good | {"fingerprint": "0000"},
    }  # fmt: skip
    for says, said in wrong.items():
        with pytest.raises(Refusal, match=says):
            Peer.take_in(json.dumps(said), cast.admin)
    for text in ("", "你好", "[]", "x" * 30_000):
        with pytest.raises(Refusal):
            Peer.take_in(text, cast.admin)
    with pytest.raises(Unreadable):
        read_card(card[:-20])
    assert not Peer.select().exists()


def test_our_own_card_and_one_taken_in_already_are_refused(cast):
    with pytest.raises(Refusal, match="本单位自己的名片"):
        Peer.take_in(json.dumps(public_card()), cast.admin)
    _, card = stranger()
    Peer.take_in(card, cast.admin)
    with pytest.raises(Refusal, match="已经登记"):
        Peer.take_in(card, cast.admin)


def test_somebody_elses_key_is_not_taken_under_another_name(cast):
    pairs, peer = confirmed(cast)
    more, _ = stranger()
    keys_ = [{"use": SIGN, "jwk": public(pairs[SIGN])}, {"use": SEAL, "jwk": public(more[SEAL])}]
    said = {"v": 1, "name": "冒名平台", "division": "53", "url": "", "keys": keys_}
    said["fingerprint"] = fingerprint(one["jwk"] for one in keys_)
    with pytest.raises(Refusal, match=f"已属于「{peer.name}」"):
        Peer.take_in(json.dumps(said), cast.admin)


def test_whoever_took_a_card_in_does_not_confirm_it_nor_does_the_desk(cast):
    row = Peer.take_in(stranger()[1], cast.admin)
    with pytest.raises(Refusal, match="不能指纹相符，确认互认自己录入的"):
        Peer.move(row.id, "confirm", cast.admin, **SAID["confirm"])
    for by in (cast.recorder, cast.head, cast.auditor):
        with pytest.raises(Refusal, match="职责"):
            Peer.move(row.id, "confirm", by, **SAID["confirm"])
    with pytest.raises(Refusal, match="与谁核对"):
        Peer.move(row.id, "confirm", cast.county)
    done = Peer.move(row.id, "confirm", cast.county, **SAID["confirm"])
    assert done.confirmed_by == cast.county.name and done.confirmed_on == clock.today()
    for by in (cast.recorder, cast.county):
        with pytest.raises(Refusal, match="不能办理"):
            Peer.take_in(stranger("另一个平台")[1], by)


def test_a_card_withdrawn_may_be_taken_in_again_and_confirmed_counts(cast):
    pairs, card = stranger()
    first = Peer.take_in(card, cast.admin)
    Peer.move(first.id, "withdraw", cast.county, reason="登记有误")
    again = Peer.take_in(card, cast.admin)
    Peer.move(again.id, "confirm", cast.county, **SAID["confirm"])
    assert check(signed_by(pairs[SIGN]), TYP).peer == again
    assert isinstance(pairs[SIGN], OKPKey)

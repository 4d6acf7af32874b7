"""What the rules of records that travel are called with: cards, tokens, packages, receipts and batches, whole or spoilt."""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from fuzz import texts
from hypothesis import strategies as st

from rules import signing, transfer, upwards

NOW = datetime(2026, 3, 5, 9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6,
)  # fmt: skip
# A 32-byte point as JWK says it (RFC 8037, appendix A).
JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
OTHER = JWK | {"crv": "X25519"}
CARD = {
    "v": signing.CARD_VERSION, "name": "麒麟区志愿服务平台", "division": "530302", "url": "https://q.example",
    "keys": [{"use": "sign", "jwk": JWK}, {"use": "seal", "jwk": OTHER}], "fingerprint": signing.fingerprint([JWK, OTHER]),
}  # fmt: skip
HEAD = transfer.Head(
    "0123456789abcdef", "AAAA", "麒麟社区工作站", "BBBB", "五华区志愿服务平台", NOW, NOW + timedelta(days=30), 1, "d" * 64,
    {"honour": 0},
)  # fmt: skip
PERSON: dict[str, Any] = {
    "format": transfer.FORMAT, "version": transfer.VERSION, "package": HEAD.id, "n": 1,
    "person": dict.fromkeys(transfer.BASICS, "") | {
        "name": "李明", "document_number": "110105194912310021", "birth_date": "1949-12-31", "registered_on": "2024-01-02"},
    "account": {"honour": 120, "debt": 0, "lots": [{"minutes": 60, "earned_on": "2026-01-02", "expires_on": None}]},
    **{name: [] for name in transfer.LISTS}, "records": [{"uid": "r1", "minutes": 120}],
}  # fmt: skip
PERSON["sums"] = transfer.sums_of(PERSON)
ANSWER = transfer.answer_payload(transfer.Answer(HEAD.id, HEAD.digest, "AAAA", NOW, frozenset({1}), {2: "已在本站"}))
SERVICE = {"volunteer": "x"}
BATCH = {
    "format": upwards.FORMAT, "version": upwards.VERSION, "batch": "530102-1", "target": "provincial",
    "records": [{"station": "530102001001-1", "type": "service", "id": "1", "digest": upwards.digest(SERVICE), "data": SERVICE}],
}  # fmt: skip


@st.composite
def spoilt(draw: Any, whole: Any) -> Any:
    """Mostly as it should be; else something anywhere in it is gone or is something else."""
    said = deepcopy(whole)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        at, path = said, []
        while isinstance(at, dict | list) and at and (not path or draw(st.booleans())):
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            key = draw(st.sampled_from(keys))
            path.append((at, key))
            at = at[key]
        holder, key = path[-1]
        if isinstance(holder, dict) and draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = draw(JSON)
    return said


def _cards() -> st.SearchStrategy:
    keys = spoilt({"sign": [JWK], "seal": [OTHER]}).filter(
        lambda said: all(isinstance(one, list) and all(isinstance(k, dict) for k in one) for one in said.values()))  # fmt: skip
    return keys.map(lambda said: signing.Card("平台", "53", "", said))


def _of_card() -> st.SearchStrategy:
    return st.fixed_dictionaries({"self": _cards()})


def _tokens() -> st.SearchStrategy:
    header = spoilt({"alg": "Ed25519", "kid": "k", "typ": "t"})

    def token(said: Any) -> str:
        head = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
        return f"{head}.aGk.aGk"

    return st.fixed_dictionaries({
        "token": st.one_of(header.map(token), header.map(token), texts), "parts": st.sampled_from([3, 3, 3, 5]),
        "wanted": st.just({"alg": "Ed25519", "kid": None, "typ": None}), "longest": st.sampled_from([10_000, 10_000, 10_000, 5]),
        "what": st.just("签名的内容"),
    })  # fmt: skip


def _heads() -> st.SearchStrategy:
    return st.builds(
        lambda made, days, receiver: transfer.Head(
            HEAD.id, HEAD.sender, HEAD.sender_name, receiver, HEAD.receiver_name, NOW + timedelta(hours=made),
            NOW + timedelta(hours=made, days=days), 1, HEAD.digest, HEAD.sums),
        st.integers(-2000, 100), st.integers(1, 40), st.sampled_from(["", "BBBB", "CCCC"]),
    )  # fmt: skip


def _one(**drawn: st.SearchStrategy) -> Callable[[], st.SearchStrategy]:
    return lambda: st.fixed_dictionaries(drawn)


record = spoilt(BATCH["records"][0]).filter(
    lambda one: all(isinstance(one.get(key), str) for key in ("type", "digest")) and isinstance(one.get("data"), dict))  # fmt: skip
contents = st.sampled_from(sorted(upwards.KINDS)).flatmap(
    lambda name: st.fixed_dictionaries({
        "kind": st.just(name), "today": st.just(NOW.date()), "now": st.just(NOW),
        "data": st.dictionaries(st.sampled_from([item.key for item in upwards.KINDS[name].items]) | texts, JSON, max_size=8),
    })
)  # fmt: skip

TRAVEL: dict[tuple[str, str], Callable[[], st.SearchStrategy]] = {
    ("signing", "Card.kids"): _of_card,
    ("signing", "Card.fingerprint"): _of_card,
    ("signing", "thumbprint"): _one(jwk=spoilt(JWK)),
    ("signing", "fingerprint"): _one(jwks=st.lists(spoilt(JWK), max_size=3)),
    ("signing", "read_card"): _one(text=spoilt(CARD).map(json.dumps) | texts),
    ("signing", "read_json"): _one(text=spoilt(CARD).map(json.dumps) | texts | st.binary(max_size=40), what=st.just("公开名片")),
    ("signing", "header_of"): _tokens,
    ("transfer", "read_head"): _one(payload=spoilt(transfer.head_payload(HEAD))),
    ("transfer", "check_time"): _one(head=_heads(), now=st.just(NOW)),
    ("transfer", "check_address"): _one(
        head=_heads(), us=st.sampled_from(["BBBB", "DDDD"]), names=st.sampled_from([(), (HEAD.receiver_name,)])),
    ("transfer", "sums_of"): _one(person=spoilt(PERSON)),
    ("transfer", "check_person"): _one(person=spoilt(PERSON), head=st.just(HEAD), n=st.sampled_from([1, 1, 2])),
    ("transfer", "check_total"): _one(
        head=st.just(HEAD), total=st.sampled_from([{"honour": 0}, {}]), people=st.sampled_from([0, 1, 2]),
        digest=st.sampled_from([HEAD.digest, "x"])),
    ("transfer", "canonical"): _one(value=JSON),
    ("transfer", "read_answer"): _one(payload=spoilt(ANSWER)),
    ("upwards", "canonical"): _one(data=JSON),
    ("upwards", "digest"): _one(data=JSON),
    ("upwards", "Kind.item"): lambda: st.sampled_from(list(upwards.KINDS.values())).flatmap(
        lambda kind: st.fixed_dictionaries({"self": st.just(kind), "key": st.sampled_from([item.key for item in kind.items])})),
    ("upwards", "unnamed"): lambda: st.sampled_from(sorted(upwards.KINDS)).flatmap(
        lambda kind: st.fixed_dictionaries({
            "kind": st.just(kind),
            "data": st.dictionaries(st.sampled_from([item.key for item in upwards.KINDS[kind].items]) | texts, JSON, max_size=8),
        })),
    ("upwards_checks", "read_batch"): _one(said=st.one_of(st.just(BATCH), spoilt(BATCH))),
    ("upwards_checks", "check_record"): _one(one=record, today=st.just(NOW.date()), now=st.just(NOW)),
    ("upwards_checks", "check_data"): lambda: contents,
}  # fmt: skip

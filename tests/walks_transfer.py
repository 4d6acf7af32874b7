"""Walks through the lives of a departure for another installation and an arrival from one.

The other installation is played by its keys alone: what it signs is made here as its program would.
"""

import uuid
from datetime import datetime, timedelta

from joserfc import jwe, jws
from joserfc.jwk import OKPKey
from walks_signing import SAID, stranger

from cast import person
from models import clock, signing
from models.consents import Consent
from models.dissolving import Dissolution
from models.peers import Peer
from models.transfer import Arrival, Departure, receive, take_receipt
from models.volunteers import Volunteer
from rules import transfer as rules
from walks import Walk


class Other:
    """Another installation, known and confirmed here."""

    def __init__(self, cast, name: str = "曲靖市麒麟区志愿服务平台") -> None:
        self.pairs, card = stranger(name)
        row = Peer.take_in(card, cast.admin)
        self.peer = Peer.move(row.id, "confirm", cast.county, **SAID["confirm"])

    def sign(self, payload, typ: str) -> str:
        pair: OKPKey = self.pairs["sign"]
        header = {"alg": "Ed25519", "kid": pair.thumbprint(), "typ": typ}
        return jws.serialize_compact(header, rules.canonical(payload).encode(), pair, algorithms=["Ed25519"])

    def seal(self, token: str) -> str:
        """Sealed for us, by our card."""
        ours = next(key["jwk"] for key in signing.public_card()["keys"] if key["use"] == "seal")
        key = OKPKey.import_key(ours)
        header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": key.thumbprint(), "typ": "station-sealed"}
        return jwe.encrypt_compact(header, token.encode(), key, algorithms=["ECDH-ES+A256KW", "A256GCM"])

    def package(self, people: int = 1, sealed: bool = True, persons=None, tokens=None, **head) -> str:
        """A package for us with so many people, each with two hours; ``head`` is what its head says otherwise."""
        number = head.get("id", uuid.uuid4().hex)
        said = persons or [a_person(number, n) for n in range(1, people + 1)]
        lines = tokens or [self.sign(one, rules.PERSON) for one in said]
        digest, sums = rules.Digest(), {}
        for one, line in zip(said, lines, strict=False):
            digest.add(line)
            rules.add(sums, one["sums"])
        now = clock.now().replace(microsecond=0)
        card = signing.public_card()
        payload = rules.head_payload(rules.Head(
            number, self.peer.fingerprint, "麒麟社区工作站", card["fingerprint"] if sealed else "", card["name"], now,
            now + timedelta(days=30), len(said), digest.value(), sums,
        )) | head  # fmt: skip
        return "\n".join([self.sign(payload, rules.HEAD), *(self.seal(line) if sealed else line for line in lines)])

    def answer(self, row: Departure, taken=None, **more) -> str:
        """Its receipt for what we sent: everybody was taken, or these alone."""
        taken = range(1, row.people + 1) if taken is None else taken
        said = rules.Answer(row.package_no, row.digest, "x", clock.now(), frozenset(taken), {}, more.pop("reason", ""))
        return self.sign(rules.answer_payload(said) | more, rules.RECEIPT)


def a_person(package: str, n: int, minutes: int = 120, **more) -> dict:
    """What a package says of one synthetic person."""
    told = person(f"李{'一二三四五六七八九十'[n % 10]}")
    basics = dict.fromkeys(rules.BASICS) | told | {"gender": "1", "birth_date": "1980-05-06", "registered_on": "2024-01-02"}
    said = {
        "format": rules.FORMAT, "version": rules.VERSION, "package": package, "n": n, "person": basics,
        "state": "registered", "card_no": "x",
        "account": {"honour": minutes, "debt": 0, "lots": [{
            "origin": "desk", "earned_on": "2026-03-05", "expires_on": None, "minutes": minutes, "donation_only": False,
        }]},
        **{name: [] for name in rules.LISTS},
        "records": [{
            "uid": f"other:records:{package[:8]}{n}", "station": "麒麟社区工作站", "title": "助餐", "day": "2026-03-05",
            "started_at": "2026-03-05T09:00:00", "ended_at": "2026-03-05T11:00:00", "travel_minutes": 0,
            "minutes": minutes, "content": "送餐", "quality": "1", "remark": "", "origin": "desk",
        }],
    } | more  # fmt: skip
    said["sums"] = rules.sums_of(said)
    return said


def agreed(cast, volunteer: Volunteer) -> Volunteer:
    """She agrees that her data goes to another body."""
    Consent.enter(cast.recorder, volunteer=volunteer.id, kind="sharing", given_on=clock.today())
    return volunteer


def departure(cast, other: Other | None = None, volunteers=None) -> Departure:
    """Asked by A's recorder."""
    other = other or Other(cast)
    people = volunteers or [agreed(cast, cast.registered())]
    return Departure.ask([one.id for one in people], cast.recorder, peer=other.peer.id, reason="搬到麒麟社区")


def a_departure(cast):
    return Departure, departure(cast).id


def flying(cast, other: Other | None = None, volunteers=None) -> Departure:
    return Departure.move(departure(cast, other, volunteers).id, "pack", cast.head)


def shifted(row: Departure, days: int = 16) -> None:
    """So long past its term is this package; the receiver's word is waited for as long as policy says."""
    ends = clock.now() - timedelta(days=days)
    grace = row.free_at - row.expires_at
    Departure.update(expires_at=ends, free_at=ends + grace).where(Departure.id == row.id).execute()


def an_expired_departure(cast):
    row = flying(cast)
    shifted(row)
    return Departure, row.id


def a_contested_departure(cast):
    other = Other(cast)
    row = flying(cast, other)
    shifted(row)
    Departure.move(row.id, "reopen", cast.county, "对方说没有收到")
    return Departure, take_receipt(other.answer(row), cast.recorder).id


def a_departure_taken(cast):
    return Departure, flying(cast).id


def an_arrival(cast):
    return Arrival, receive(Other(cast).package(), cast.recorder).id


def a_reopened_departure(cast):
    model, key = an_expired_departure(cast)
    Departure.move(key, "reopen", cast.county, "对方说没有收到")
    return model, key


def leaving(cast):
    flying(cast)
    return Volunteer, Volunteer.get(Volunteer.state == "leaving").id


def a_volunteer(cast):
    return Volunteer, cast.registered().id


def a_dissolution(cast, successor=None):
    said = {"station": cast.a.id, "successor": (successor or cast.b).id, "reason": "社区合并"}
    return Dissolution, Dissolution.enter(cast.prefecture if successor is None else cast.province, **said).id


MOMENT = datetime(2026, 1, 1)
ALL = {"close": {"answer": rules.Answer("x" * 8, "", "", MOMENT, frozenset([1]), {})},
       "decline": {"answer": rules.Answer("x" * 8, "", "", MOMENT, frozenset(), {}, "没有收到")}}  # fmt: skip

WALKS = [
    Walk("departures", a_departure, "pack:head close:system", {"close": ALL["close"]}),
    Walk("departures", a_departure, "pack:head decline:system", {"decline": ALL["decline"]}),
    Walk("departures", a_departure, "cancel:recorder"),
    Walk("departures", an_expired_departure, "reopen:county"),
    Walk("departures", a_reopened_departure, "contest:system"),
    Walk("departures", a_contested_departure, "concede:county"),
    Walk("departures", a_contested_departure, "settle:system"),
    Walk("departures", a_departure, "pack:head close:system regain:system", {"close": ALL["close"]}),
    Walk("dissolutions", a_dissolution, "start:province finish:system"),
    Walk("dissolutions", a_dissolution, "cancel:prefecture"),
    Walk("arrivals", an_arrival, "take:head let_go:system"),
    Walk("arrivals", an_arrival, "refuse:head"),
    Walk("volunteers", a_volunteer, "depart:system go:system come:system"),
    Walk("volunteers", a_volunteer, "depart:system stay:system"),
]

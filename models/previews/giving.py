"""转赠与捐赠试算: the quarter's gifts, donations and grants made again, and which of them would have been refused.

Whoever gave had the minutes, and whoever received was registered, or it would not have been done: both are taken as
they were then. Nothing is carried on from one to the next.
"""

import json
from collections.abc import Mapping, Sequence

from models.gifts import Gift
from models.households import hardships_of
from models.pool import Grant
from models.previews.ground import Ground, batches, chunks, count, day_of
from models.previews.outcome import Figure, Outcome
from models.previews.sums import sum_before, summed
from models.vocabulary import names
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.giving import RELATIONS, Offered, check_donation, check_gift, qualifies
from rules.policy import Version
from rules.previews import Pair, newly_fails

REFUSED = Figure(
    "refused", "会被拒绝的转赠和捐赠", "笔", "近一季度已经办理的转赠和捐赠，按草案会被拒绝。",
    (("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("办理日期", "text"), ("办理内容", "text"), ("关系", "text"),
     ("转出工时", "minutes"), ("原因", "text")), "gifts", True, "不能转出",
)  # fmt: skip
UNSERVED = Figure(
    # Counted alone: drafts with other hardships, one after the other, would tell who has which by who drops out.
    "unserved", "会不能给予的受助", "张", "近一季度的受助单，按草案服务对象不在捐赠工时的服务范围内。只计数，不列出是谁。",
    (), "", True, "不能用于受助",
)  # fmt: skip
NOTES = [
    "已经办理的转赠、捐赠和受助照旧，不会因这份草案收回；已撤销和已取消的不在内。",
    "每一笔都单独重新判断，不连环推算。转赠和捐赠当时办成，可用工时是够的，受赠人已注册，这两样按当时算，不再判断；今年已转赠的，按此前没有撤销的算。",
    "受助按受助当天的年龄和现在登记的困难类别判断：当时的困难类别没有另外留存。",
]


def preview(ground: Ground, out: Outcome) -> None:
    """Judge the quarter's gifts and donations again, then the grants where the draft serves others."""
    out.offer(REFUSED, UNSERVED)
    out.notes += NOTES
    if not ground.pairs:
        return
    _judge_gifts(ground, out)
    _judge_grants(ground, out)


# --- gifts and donations ---


def _judge_gifts(ground: Ground, out: Outcome) -> None:
    query = (
        Gift.select(
            Gift.id, Gift.giver, Gift.receiver, Gift.station, Gift.given_on, Gift.relation, Gift.minutes, Volunteer.name,
            Volunteer.card_no,
        )
        .join(Volunteer, on=Gift.giver == Volunteer.id)
        .where(
            Gift.given_on >= ground.since, Gift.given_on <= ground.today, Gift.state == "given", ground.own(Gift.station)
        )
    )  # fmt: skip
    capped = any(v.rule.gift_yearly_hours for pair in ground.distinct() for v in (pair.before, pair.after))
    out.expect("gifts", count(query))
    for rows in chunks(query, Gift.id):
        earlier = _earlier(sorted({row[1] for row in rows if row[2]}), ground) if capped else {}
        for row in rows:
            if (pair := ground.pairs.get(row[3])) is not None:
                _judge_gift(row, pair, earlier, ground, out)
        out.advance(len(rows))


def _judge_gift(row: tuple, pair: Pair, earlier: Mapping, ground: Ground, out: Outcome) -> None:
    key, giver, receiver, station, on, relation, minutes, name, card = row
    day = day_of(on)
    offered = Offered(minutes, minutes, sum_before(earlier.get((giver, day.year)), key))

    def found(version: Version) -> list[Finding]:
        if receiver is None:
            return check_donation(offered, version)
        return check_gift(offered, relation, to_herself=False, registered=True, version=version)

    if why := newly_fails(found(pair.after), lambda: found(pair.before)):
        what = "捐赠" if receiver is None else "转赠"
        cells = (name, card or "", ground.stations[station], day.isoformat(), what, RELATIONS.get(relation, ""), minutes)
        out.take("refused", key, *cells, why, minutes=minutes)


def _earlier(givers: Sequence[int], ground: Ground) -> dict[tuple[int, int], tuple[list, list[int]]]:
    """(giver, year) -> gifts in order with their minutes, at any station: the year's limit is one."""
    found: dict[tuple[int, int], list[tuple]] = {}
    for keys in batches(givers):
        some = Gift.select(Gift.giver, Gift.given_on, Gift.id, Gift.minutes).where(
            Gift.giver.in_(keys), Gift.receiver.is_null(False), Gift.state == "given",
            Gift.given_on >= ground.since.replace(month=1, day=1),
        )  # fmt: skip
        for giver, on, key, minutes in some.tuples():
            found.setdefault((giver, on.year), []).append((key, minutes))
    return {key: summed(given) for key, given in found.items()}


# --- grants out of the pool ---


def _judge_grants(ground: Ground, out: Outcome) -> None:
    """Of hardship only what the policies ask is asked, of the keyed index; no seal is opened and nobody named."""
    pairs = {key: pair for key, pair in ground.pairs.items() if pair.before.rule.served != pair.after.rule.served}
    if not pairs:
        return
    query = (
        Grant.select(
            Grant.id, Grant.recipient, Grant.station, Grant.minutes, Grant.judged,
        ).where(
            Grant.granted_on >= ground.since, Grant.granted_on <= ground.today, Grant.state != "cancelled",
            ground.own(Grant.station),
        )
    )  # fmt: skip
    asked = {
        code for pair in pairs.values() for v in (pair.before, pair.after) for row in v.rule.served for code in row.hardships
    }
    called = names("recipient")
    out.expect("grants", count(query))
    for rows in chunks(query, Grant.id):
        theirs: dict[int, set[str]] = {}
        for keys in batches(sorted({row[1] for row in rows})):
            theirs |= hardships_of(keys, asked)
        for row in rows:
            if (pair := pairs.get(row[2])) is not None:
                _judge_grant(row, pair, theirs.get(row[1], set()), called, out)
        out.advance(len(rows))


def _judge_grant(
    row: tuple, pair: Pair, hardships: set[str], called: Mapping[str, str], out: Outcome
) -> None:
    key, _, _, minutes, judged = row
    age = json.loads(judged).get("age")
    age = age if isinstance(age, int) else None  # blank where the birth date was not known
    was, now = (qualifies(age, hardships, version, called) for version in (pair.before, pair.after))
    if was.value and not now.value:
        out.take("unserved", key, minutes=minutes)

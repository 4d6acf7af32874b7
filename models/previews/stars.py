"""星级试算: who would reach another star on the day the draft begins, and which cases would be decided by others."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from peewee import Expression

from models.hours import Balance
from models.previews.ground import Ground, batches, chunks, count, day_of
from models.previews.outcome import Figure, Outcome
from models.stars import DIVISION_LABELS, StarGrant
from models.volunteers import Volunteer
from rules.previews import Pair, honour_ranges, moved_levels, star_change
from rules.stars import ON_THE_WAY, level_of, stars_label

_WHO = (("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("累计服务", "minutes"), ("现在达到", "text"))
MORE = Figure(
    "more", "会达到更高星级", "人", "按草案生效那天的累计工时；生效后第一次入账时列为候选。",
    (*_WHO, ("草案下达到", "text")), "volunteers",
)  # fmt: skip
FEWER = Figure(
    "fewer", "会达不到现在的星级", "人", "已认定的星级照旧保留；还没有认定的，生效后第一次入账时转为「不再符合」。",
    (*_WHO, ("草案下达到", "text"), ("已认定的", "text"), ("办理中的", "text")), "volunteers", bad=True,
)  # fmt: skip
LAPSE = Figure(
    "lapse", "办理中的星级会不再符合", "例", "候选、已申报、拟认定或公示中，还没有认定的。",
    (("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("星级", "text"), ("现在", "text")), "stars", bad=True,
)  # fmt: skip
MOVED = Figure(
    "moved", "办理中的星级改变认定办法", "例", "改由别的一级认定，或改为评选产生。",
    (("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("星级", "text"), ("现在由", "text"), ("草案由", "text")),
    "stars",
)  # fmt: skip
NOTES = [
    "已认定的星级按认定时的规定保留，不会因为这份草案撤销；工时以后被冲正的，也按认定它的那一版复核。",
    "停用的志愿者不在内，恢复后按那时的规定办。",
]


def preview(ground: Ground, out: Outcome) -> None:
    """Judge everybody whose star can be another, then the cases under way whose recogniser would be."""
    out.offer(MORE, FEWER, LAPSE, MOVED)
    out.notes += NOTES
    _judge_people(ground, out)
    _judge_cases(ground, out)


def _judge_people(ground: Ground, out: Outcome) -> None:
    registered = Volunteer.select().where(Volunteer.state == "registered", ground.own(Volunteer.station))
    out.looked["volunteers"] = count(registered)
    spans = [span for pair in ground.distinct() for span in honour_ranges(pair.before.rule, pair.after.rule)]
    if not spans:
        return
    query = (
        Balance.select(
            Balance.volunteer, Balance.honour, Volunteer.registered_on, Volunteer.station, Volunteer.name, Volunteer.card_no
        )
        .join(Volunteer)
        .where(
            Volunteer.state == "registered", Volunteer.registered_on.is_null(False), ground.own(Volunteer.station),
            reduce(or_, (_within(span) for span in set(spans))),
        )
    )  # fmt: skip
    out.expect("between", count(query))
    for rows in chunks(query, Balance.volunteer, same=Volunteer.id):
        _judge_chunk(rows, ground, out)
        out.advance(len(rows))


def _within(span: tuple[int, int | None]) -> Expression:
    low, high = span
    return (Balance.honour >= low) & (Balance.honour < high) if high is not None else Balance.honour >= low


def _judge_chunk(rows: Sequence[tuple], ground: Ground, out: Outcome) -> None:
    pairs, day, lost = ground.pairs, ground.day, {}
    for row in rows:
        key, honour, registered, station, name, card = row
        if (pair := pairs.get(station)) is None:
            continue
        was, now = star_change(honour, day_of(registered), day, pair)
        if was == now:
            continue
        out.crossed[was, now] = out.crossed.get((was, now), 0) + 1
        if now < was:
            lost[key] = row, was, now
        else:
            out.take("more", key, name, card or "", ground.stations[station], honour, _star(was), _star(now))
    if lost:
        _say_lost(lost, ground, out)


def _say_lost(lost: dict[int, tuple[tuple, int, int]], ground: Ground, out: Outcome) -> None:
    held = _grants(lost)
    for key, (row, was, now) in lost.items():
        _, honour, _, station, name, card = row
        above = [(star, state, case) for star, state, case in held.get(key, ()) if star > now]
        kept = [_star(star) for star, state, _ in above if state == "recognised"]
        under_way = [(star, state, case) for star, state, case in above if state in ON_THE_WAY]
        whose = (name, card or "", ground.stations[station])
        out.take(
            "fewer", key, *whose, honour, _star(was), _star(now), "、".join(kept),
            "、".join(_star(star) for star, _, _ in under_way),
        )  # fmt: skip
        for star, state, case in under_way:
            out.take("lapse", case, *whose, _star(star), StarGrant.life.state(state).label)


def _grants(people: Iterable[int]) -> dict[int, list[tuple[int, str, int]]]:
    """volunteer -> (star, state, case) of each, a statement for a few thousand people."""
    found: dict[int, list[tuple[int, str, int]]] = {}
    for keys in batches(sorted(people)):
        rows = StarGrant.select(StarGrant.volunteer, StarGrant.star, StarGrant.state, StarGrant.id)
        for volunteer, star, state, case in rows.where(StarGrant.volunteer.in_(keys)).order_by(StarGrant.star).tuples():
            found.setdefault(volunteer, []).append((star, state, case))
    return found


def _judge_cases(ground: Ground, out: Outcome) -> None:
    moved = {id(pair): moved_levels(pair.before.rule, pair.after.rule) for pair in ground.distinct()}
    stars = set().union(*moved.values()) if moved else set()
    if not stars:
        return
    query = (
        StarGrant.select(StarGrant.id, StarGrant.star, StarGrant.station, Volunteer.name, Volunteer.card_no)
        .join(Volunteer)
        .where(StarGrant.star.in_(stars), StarGrant.state.in_(ON_THE_WAY), ground.own(StarGrant.station))
    )
    out.expect("cases", count(query))
    for rows in chunks(query, StarGrant.id):
        for key, star, station, name, card in rows:
            pair = ground.pairs.get(station)
            if pair is not None and star in moved[id(pair)]:
                whose = (name, card or "", ground.stations[station], _star(star))
                out.take("moved", key, *whose, *_recognisers(star, pair))
        out.advance(len(rows))


def _recognisers(star: int, pair: Pair) -> list[str]:
    levels = [level_of(star, version) for version in (pair.before, pair.after)]
    return [DIVISION_LABELS[one.recognised_by] + ("评选" if one.selection else "认定") for one in levels]


def _star(star: int) -> str:
    return stars_label(star) if star else "未达星级"

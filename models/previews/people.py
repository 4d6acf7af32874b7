"""注册条件试算: those who registered in the last quarter, held against other ages."""

from peewee import Case

from models.previews.ground import Ground, chunks, count, day_of
from models.previews.outcome import Figure, Outcome
from models.volunteers import Volunteer
from rules.eligibility import check_age
from rules.identity import age_on
from rules.previews import newly_fails

REFUSED = Figure(
    "refused", "不能注册的人", "人", "近一季度注册的志愿者，按草案当时不能注册。",
    (("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("注册日期", "text"), ("当时年龄", "count"), ("原因", "text")),
    "volunteers", bad=True,
)  # fmt: skip
NOTES = ["已经注册的志愿者不会因这份草案失去资格；这里说的是假如近一季度就按草案，哪些人不能注册。"]


def preview(ground: Ground, out: Outcome) -> None:
    """Judge the quarter's registrations again, each at the age of that day."""
    out.offer(REFUSED)
    out.notes += NOTES
    if not ground.pairs:
        return
    guarded = Case(
        None, [((Volunteer.guardian_name != "") & Volunteer.guardian_phone.is_null(False) & (Volunteer.guardian_phone != ""), 1)], 0
    )  # fmt: skip
    query = Volunteer.select(
        Volunteer.id, Volunteer.registered_on, Volunteer.birth_date, guarded, Volunteer.station, Volunteer.name,
        Volunteer.card_no,
    ).where(
        Volunteer.registered_on.between(ground.since, ground.today), Volunteer.state == "registered",
        ground.own(Volunteer.station),
    )  # fmt: skip
    out.expect("registrations", count(query))
    for rows in chunks(query, Volunteer.id):
        for key, registered, born, has_guardian, station, name, card in rows:
            if (pair := ground.pairs.get(station)) is None:
                continue
            years = age_on(day_of(born), day_of(registered))
            was, now = (check_age(years, bool(has_guardian), v.rule) for v in (pair.before, pair.after))
            if why := newly_fails(now, lambda was=was: was):  # type: ignore[misc]
                day = day_of(registered).isoformat()
                out.take("refused", key, name, card or "", ground.stations[station], day, years, why)
        out.advance(len(rows))

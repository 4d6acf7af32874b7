"""网上报名 (方案 二(2)；三(1)): a resident registers herself from the site, asks where it stands, and corrects it.

What she sends becomes a volunteer in the state «网上报名» at once. Until the desk has held her document against it
(`Volunteer.do_identify`) her row is provisional: it stands beside whatever there is under the same document, and **whether
there is anything is not even looked up here**. So a stranger who types somebody's number gets the same page after the
same work as everybody, nobody's registration can be blocked by an application in her name, and it is the desk that sees
«以前已登记» and leads whoever stands there with the document to the earlier registration.

Number and code follow from a secret of the applicant's browser (`views.sign_up_draft`), so that the same application
sent twice is one and answers alike. Kept of the code is a digest by a key of the row's own, which is sealed.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import CharField, DateTimeField, Expression, ForeignKeyField, IntegerField, fn

from models import clock
from models.applications import Application
from models.base import BaseModel
from models.consents import Consent, text_key
from models.fields import SealedField
from models.moves import whole
from models.policy import in_force
from models.projects import Post, Project
from models.refusals import Refusal, refuse, refuse_if
from models.scope import ROOT, Actor
from models.stations import Division, Station
from models.volunteers import Volunteer
from rules.access import Role
from rules.consents import ADULT, CHILD, NOT_OF_A_CHILD, base_kind
from rules.divisions import lineage, subtree
from rules.findings import Finding, errors
from rules.sign_ups import Standing, code_of, number_of, plain, standing

# What an applicant says of herself: the plan's fields (方案 二(2)), and what the law calls 个人基本信息 beside them.
FIELDS = ["name", "document_type", "document_number", "gender", "birth_date", "ethnicity", "politics", "education", "occupation", "phone", "residence", "address", "guardian_name", "guardian_phone", "categories", "skills", "languages", "speciality", "service_times"]
FIXED = ("name", "document_type", "document_number", "gender", "birth_date")  # once the document was seen
WHO = "本人网上报名"
RELATION = 20  # characters
LONGEST = {"address": 100}  # characters that an applicant may type into a column without a limit of its own
MOST = 20  # stations offered at once; more are asked for by division


class SignUp(BaseModel):
    """The receipt of an application from the site: by its number and code the applicant asks where it stands."""

    resource = "sign_ups"
    station_path = "volunteer.station"

    volunteer = ForeignKeyField(Volunteer, unique=True, backref="sign_up", verbose_name="志愿者")
    number = CharField(max_length=10, unique=True, verbose_name="申请编号")
    code_key = SealedField()
    code = CharField(max_length=64)  # a digest by that key
    post = ForeignKeyField(Post, null=True, verbose_name="想参加的岗位")
    wish = CharField(max_length=200, default="", verbose_name="代为报名")
    relation = CharField(max_length=RELATION, default="", verbose_name="监护人与本人关系")
    read = CharField(max_length=60, default="", verbose_name="读过的文本版次")
    sent_at = DateTimeField(default=clock.now, verbose_name="送出时间")
    times = IntegerField(default=1, verbose_name="送出次数")

    def __str__(self) -> str:
        return self.number


@dataclass(frozen=True)
class Receipt:
    """What the applicant keeps. The code is shown on one page and kept by nobody else."""

    number: str
    code: str


@dataclass(frozen=True)
class Said:
    """One application as it was typed. ``values`` are `FIELDS`; ``agreed`` the release whose words were read and ticked,
    blank where it was not; ``guardian_agreed`` that of a minor's guardian."""

    values: Mapping[str, Any]
    agreed: str = ""
    guardian_agreed: str = ""
    relation: str = ""
    post: int | None = None


def herself(station: Station) -> Actor:
    """Whoever applies at a station: nobody who has an account."""
    return Actor(None, WHO, Role.SYSTEM, station.id)


def open_stations() -> Expression:
    """The stations where anyone may apply: in use, and not being dissolved."""
    from models.dissolving import Dissolution  # which rests on the room that forgets people, and so on this one

    ended = Dissolution.select(Dissolution.station).where(Dissolution.state.in_(("moving", "done")))
    return Station.active & Station.id.not_in(ended)


def offered(code: str = ROOT) -> tuple[list[Division], list[Station]]:
    """Where one may apply within a division: the stations where they are few, else the divisions below to choose from.

    Raises ``ValueError`` for what is no code.
    """
    low, high = subtree(code)
    here = open_stations() & (Station.division >= low) & (Station.division < high)
    rows = list(Station.select().where(here).order_by(Station.division, Station.id).limit(MOST + 1))
    if len(rows) <= MOST or len(code) == len(lineage(str(rows[0].division_id))[-1]):
        return [], rows[:MOST]
    steps = [len(step) for step in lineage(str(rows[0].division_id))]
    next_step = next(length for length in steps if length > len(code))
    codes = Station.select(fn.SUBSTR(Station.division, 1, next_step)).where(here).distinct()
    return list(Division.select().where(Division.code.in_(codes)).order_by(Division.code)), []


def station_for(key: int) -> Station | None:
    """The station where one applies; None where it takes nobody in."""
    return Station.get_or_none(Station.id == key, open_stations())


def posts_of(project: int) -> list[Post]:
    """The posts of a project that anyone may apply for today, with the project; none where it does not recruit."""
    wanted = Post.select(Post, Project).join(Project).where(
        Project.id == project, Project.recruits(), Project.recruiting == "open", Post.open
    )  # fmt: skip
    return list(wanted.order_by(Post.id))


def look(said: Said, station: Station, of: "SignUp | None" = None) -> tuple[Volunteer, list[Finding]]:
    """The registration as it would stand, and all that is wrong with it; nothing is written and nobody looked for."""
    if of is None:
        row = Volunteer(station=station.id, state="online", origin="online", provisional="?")
    else:
        row = of.volunteer
        row.was = dict(row.__data__)
    for name, value in said.values.items():
        if name not in FIELDS:
            raise TypeError(f"an applicant says no {name}")
        setattr(row, name, value)
    found = row.faults(herself(station))
    found += [
        Finding(name, f"「{row.label(name)}」最多 {most} 个字，现在是 {len(said.values[name])} 个字。")
        for name, most in LONGEST.items() if len(said.values.get(name) or "") > most
    ]  # fmt: skip
    if isinstance(row.birth_date, date) and row.birth_date <= clock.today():
        found += _of_a_minor(said, station, row) if is_minor(row, station) else []
        found += _agreed(said, station, row)
    return row, found


def is_minor(row: Volunteer, station: Station) -> bool:
    """Whether a guardian has to agree, by the policy of today (民法典第十九条)."""
    return row.age() < in_force("eligibility", station, clock.today()).rule.guardian_below


def texts_of(row: Volunteer, station: Station) -> dict[str, str]:
    """The kinds of text that have to be read and ticked for somebody of this age, each with its present release: a
    child's guardian reads the guardian's alone (个人信息保护法第三十一条), whoever is older reads her own."""
    minor = is_minor(row, station)
    kinds = [kind for kind in ("registration",) if row.age() >= CHILD or not minor]
    kinds += [base_kind(row.age())] if minor else []
    return {kind: text_key(station, kind, clock.today()) for kind in dict.fromkeys(kinds)}


def _of_a_minor(said: Said, station: Station, row: Volunteer) -> list[Finding]:
    found = []
    if not said.relation.strip():
        found.append(Finding("relation", "请填写监护人与本人的关系，例如：母亲。"))
    elif len(said.relation) > RELATION:
        found.append(Finding("relation", f"「与本人关系」最多 {RELATION} 个字，现在是 {len(said.relation)} 个字。"))
    if row.phone and row.guardian_phone and row.phone == row.guardian_phone and row.age() >= CHILD:
        found.append(Finding("guardian_phone", "监护人电话和本人电话一样；本人没有电话的，请填监护人以外能找到本人的电话。", True))
    return found


def _agreed(said: Said, station: Station, row: Volunteer) -> list[Finding]:
    texts = texts_of(row, station)
    found = []
    for kind, box, given in (
        ("registration", "agreed", said.agreed), (base_kind(row.age()), "guardian_agreed", said.guardian_agreed),
    ):  # fmt: skip
        if kind not in texts or (box == "guardian_agreed" and kind == "registration"):
            continue
        if not given:
            who = "监护人" if box == "guardian_agreed" else "您"
            found.append(Finding(box, f"还没有勾选同意。{who}看过上面的内容、同意以后才能报名；不同意就不能注册。"))
        elif given != (texts[kind] or UNDATED):
            found.append(Finding(box, "同意书的文字刚刚更新过，请再看一遍，重新勾选。"))
    return found


UNDATED = "-"  # stands for words that no release holds


def send(said: Said, station: Station, draft: bytes) -> Receipt:
    """Take an application in. The same ``draft`` again (two presses, «back», sent anew) is the same application.

    Raises ``Refusal`` with every finding, or where the station takes nobody in.
    """
    receipt = receipt_of(draft)
    by = herself(station)
    try:
        with whole():
            if SignUp.select().where(SignUp.number == receipt.number).exists():
                return receipt
            if not Station.select().where(Station.id == station.id, open_stations()).exists():
                raise refuse("这个工作站现在不接受报名，请另选一个工作站。", "station")
            row, found = look(said, station)
            refuse_if(found)
            row.provisional = receipt.number
            row.store_new(by)
            _keep_consent(row, by)
            key = secrets.token_hex(16)
            SignUp.create(
                volunteer=row.id, number=receipt.number, code_key=key, code=_digest(key, receipt.code),
                post=_wished(said.post, station), relation=said.relation if is_minor(row, station) else "",
                read=" ".join(filter(None, (said.agreed, said.guardian_agreed)))[:60],
            )  # fmt: skip
    except Refusal:
        if not SignUp.select().where(SignUp.number == receipt.number).exists():  # else its twin was a moment faster
            raise
    return receipt


def correct(key: int, said: Said) -> SignUp:
    """Put right what was sent back, and send it again. Sent already, it changes nothing.

    Raises ``Refusal`` with every finding, and where it is not hers to change any more.
    """
    with whole():
        row = SignUp.get_by_id(key)
        person = row.volunteer
        if person.state in ("online", "applied"):
            return row
        if person.state != "returned":
            raise refuse(f"这份申请现在是「{person.state_label}」，不能在网上修改，请与工作站联系。")
        by = herself(person.station)
        values = {n: v for n, v in said.values.items() if person.provisional or n not in FIXED}
        _, found = look(Said(values, said.agreed, said.guardian_agreed, said.relation), person.station, row)
        refuse_if(found)
        row = SignUp.get_by_id(key)
        Volunteer.amend(row.volunteer_id, by, **values)
        Volunteer.move(row.volunteer_id, "resend" if person.provisional else "resubmit", by)
        fresh = Volunteer.get_by_id(row.volunteer_id)
        if not Consent.select().where(Consent.volunteer == fresh.id, Consent.state == "given").exists():
            _keep_consent(fresh, by)
        row.relation = said.relation if is_minor(fresh, person.station) else ""
        row.sent_at, row.times = clock.now(), row.times + 1
        row.save()
    return row


def asked(number: str, code: str) -> SignUp | None:
    """The application with this number and code; None where one of the two is wrong, after the same work."""
    row = SignUp.get_or_none(SignUp.number == plain(number)[:12])
    key, kept = (row.code_key, row.code) if row else (_NOBODY, "")
    right = hmac.compare_digest(_digest(key, plain(code)[:40]), kept or _digest(_NOBODY, "?"))
    return row if right and row is not None and row.volunteer.state != "erased" else None


_NOBODY = secrets.token_hex(16)


def where_it_stands(row: SignUp) -> Standing:
    """What the applicant is told of it."""
    return standing(row.volunteer.state)


def receipt_of(draft: bytes) -> Receipt:
    """Number and code of the application that a browser's secret of at least 16 bytes stands for.

    Raises ``ValueError`` for a shorter secret.
    """
    if len(draft) < 16:
        raise ValueError("a secret of at least 16 bytes is needed")
    number, code = (hmac.digest(draft, use, hashlib.sha256) for use in (b"number", b"code"))
    return Receipt(number_of(number), code_of(code))


def _digest(key: str, code: str) -> str:
    return hmac.new(key.encode(), code.encode(), hashlib.sha256).hexdigest()


def guardian_said(person: Volunteer) -> dict[str, str]:
    """What an application from the site says of a minor's guardian, by the columns of her consent (民法典第十九条); nothing
    where she is no minor, or did not apply there."""
    row = of(person)
    if row is None or not row.relation or person.age() >= ADULT:
        return {}
    return {
        "kind": base_kind(person.age()), "given_by": "guardian", "giver": person.guardian_name, "relation": row.relation,
    }  # fmt: skip


def _keep_consent(row: Volunteer, by: Actor) -> None:
    """What she ticked is her own consent. A guardian's is signed at the station: a tick proves nobody (民法典第十九条)."""
    if row.age() < CHILD:
        return
    consent = Consent(volunteer=row.id, kind="registration", given_by="self", way="online", given_on=clock.today())
    refuse_if(consent.faults(by))
    consent.store_new(by)


def _wished(post: int | None, station: Station) -> int | None:
    """The post that she has in mind, where it is one of this station's that is open."""
    mine = Post.select(Post.id).join(Project).where(
        Post.id == post, Post.station == station.id, Post.open, Project.recruiting == "open", Project.recruits()
    )  # fmt: skip
    return mine.scalar() if post is not None else None


def carry_wish(person: Volunteer, by: Actor) -> None:
    """Apply in the name of whoever was just registered for the post that she named; where that cannot be, say why beside
    the wish. Inside the approving transaction; made already, it changes nothing."""
    row = SignUp.get_or_none(SignUp.volunteer == person.id)
    if row is None or row.post_id is None or row.wish:
        return
    acting = herself(person.station)
    wanted = Application(post=row.post_id, volunteer=person.id, note="网上报名时选的岗位")
    found = errors(wanted.faults(acting))
    if not found:
        wanted.store_new(acting)
    row.wish = ("没有报上：" + "；".join(f.says for f in found))[:200] if found else "已代为报名，等站长审核。"
    row.save(only=[SignUp.wish])


def of(person: Volunteer) -> SignUp | None:
    """The receipt of whoever came by the site."""
    return SignUp.get_or_none(SignUp.volunteer == person.id) if person.origin == "online" else None


def without_a_childs(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what is not kept of a child (个人信息保护法第三十一条)."""
    return {name: value for name, value in values.items() if name not in NOT_OF_A_CHILD}

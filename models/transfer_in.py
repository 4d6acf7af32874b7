"""异地转移, arriving (方案 二(5)): a package read and verified, shown, and taken once or refused; the signed answer to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from peewee import (
    SQL,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
    fn,
)

from models import clock, policy, signing, stars
from models.base import BaseModel
from models.fields import JSONText, SealedField
from models.hours import Balance, Chain, Writer
from models.moves import Staged, permit, whole
from models.refusals import Refusal, refuse
from models.scope import Actor, within
from models.signing import Peer
from models.stations import Station, station_field
from models.together import together
from models.transfer_packing import AT_ONCE
from models.transfer_taking import Taking, why_not
from models.volunteers import Volunteer, earlier_registrations
from rules import transfer as rules
from rules.identity import mask_name

Progress = Callable[[int, int], None]
STATUSES = [("shown", "待接收"), ("taken", "已接收"), ("declined", "未接收"), ("returned", "已退回")]


class Arrival(Staged):
    """One package that came in; ``sender`` and ``package_no`` are taken once, ever."""

    resource = "arrivals"
    station_path = "station"
    life = rules.ARRIVAL

    station = station_field(backref="arrivals")
    package_no = CharField(max_length=40, verbose_name="包裹编号")
    sender = CharField(max_length=80, verbose_name="来源指纹")
    sender_name = CharField(max_length=80, default="", verbose_name="原工作站")
    peer = ForeignKeyField(Peer, null=True, backref="arrivals", verbose_name="发送单位")
    made_at = DateTimeField(null=True, verbose_name="打包时间")
    expires_at = DateTimeField(null=True, verbose_name="有效期至")
    digest = CharField(max_length=64, default="", verbose_name="校验码")
    people = IntegerField(default=0, verbose_name="人数")
    sums = JSONText(null=True, verbose_name="合计")
    decided_at = DateTimeField(null=True, verbose_name="办理时间")
    answer = TextField(default="", verbose_name="回执")
    outcome = TextField(default="", verbose_name="结果")

    class Meta:
        indexes = ((("package_no", "sender"), True), (("station", "state", "id"), False))

    def __str__(self) -> str:
        return f"转入单 {self.id}"

    def hold(self, name: str) -> None:
        if name == "take":
            Chain.lock(self.station_id)
            rows = Arriver.select(Arriver.joins).where(Arriver.arrival == self.id, Arriver.joins.is_null(False))
            Balance.hold(key for (key,) in rows.tuples())

    def chunks(self) -> "Iterator[list[Arriver]]":
        last = 0
        mine = Arriver.select().where(Arriver.arrival == self.id)
        while some := list(mine.where(Arriver.n > last).order_by(Arriver.n).limit(AT_ONCE)):
            yield some
            last = some[-1].n

    def may_take(self, by: Actor, progress: Progress | None = None) -> list[Any]:
        try:
            rules.check_time(self._head(), clock.now())
        except rules.Unfit as no:
            raise refuse(str(no), "state") from None
        if self.peer is None or self.peer.state != "confirmed":
            raise refuse("发送单位的互认已撤回，不能接收；可以拒收。", "state")
        return []

    def _head(self) -> rules.Head:
        return rules.Head(
            self.package_no, self.sender, self.sender_name, "", "", self.made_at, self.expires_at, self.people,
            self.digest, self.sums or {},
        )  # fmt: skip

    def do_take(self, by: Actor, progress: Progress | None = None) -> None:
        """Every person who can be taken is; of another it is said why not, and her station unlocks her.

        ``progress`` is told after each hundred people, and may raise `models.jobs.Cancelled`: then nobody is taken.
        """
        taken, declined, book = set(), {}, policy.book(topic="stars")
        taking = Taking(self, Writer.open(self.station_id), by)
        for lines in self.chunks():
            if progress:
                progress(lines[0].n - 1, self.people)
            people = taking.take(lines)
            for line in lines:
                if line.status == "taken":
                    taken.add(line.n)
                else:
                    declined[line.n] = line.says
                line.payload = None
            columns = [Arriver.status, Arriver.says, Arriver.payload, Arriver.volunteer]
            Arriver.bulk_update(lines, columns, batch_size=100)
            stars.review(people, book)
        self._answer(frozenset(taken), declined, "")
        self.outcome = f"接收 {len(taken)} 人" + (f"，未接收 {len(declined)} 人。" if declined else "。")

    def do_refuse(self, by: Actor) -> None:
        Arriver.update(status="declined", says=self.reason_given[:200], payload=None).where(
            Arriver.arrival == self.id
        ).execute()
        self._answer(frozenset(), {}, self.reason_given[:200])
        self.outcome = self.reason_given

    def _answer(self, taken: frozenset[int], declined: dict[int, str], reason: str) -> None:
        self.decided_at = clock.now()
        answer = rules.Answer(self.package_no, self.digest, self.sender, self.decided_at, taken, declined, reason)
        self.answer = signing.sign(rules.answer_payload(answer), rules.RECEIPT)


class Arriver(BaseModel):
    """One person of a package that came in: sealed until it is decided, then only her figures and what became of her."""

    resource = "arrivals"
    station_path = "arrival.station"

    arrival = ForeignKeyField(Arrival, backref="lines", verbose_name="转入单")
    n = IntegerField(verbose_name="序号")
    name = CharField(max_length=50, default="", verbose_name="姓名")  # masked
    joins = ForeignKeyField(Volunteer, null=True, backref="joined_by", verbose_name="并入")
    volunteer = ForeignKeyField(Volunteer, null=True, backref="arrivings", verbose_name="志愿者")
    status = CharField(max_length=10, choices=STATUSES, default="shown", verbose_name="状态")
    honour = IntegerField(default=0, verbose_name="荣誉工时")
    exchangeable = IntegerField(default=0, verbose_name="可兑换工时")
    debt = IntegerField(default=0, verbose_name="欠账")
    records = IntegerField(default=0, verbose_name="服务记录")
    backbone = CharField(max_length=80, default="", constraints=[SQL("DEFAULT ''")], verbose_name="骨干")  # her work as one
    payload = SealedField(null=True)
    says = CharField(max_length=200, default="", verbose_name="说明")

    class Meta:
        indexes = ((("arrival", "n"), True), (("volunteer", "status"), False))

    def __str__(self) -> str:
        return f"{self.arrival_id}-{self.n}"

    @property
    def status_label(self) -> str:
        return dict(STATUSES)[self.status]


def read(package: str, by: Actor, progress: Progress | None = None) -> Arrival:
    """Look at a package and keep it to be taken or refused: nothing of it is in the ledgers yet.

    ``progress`` is told after each hundred people, and may raise `models.jobs.Cancelled`: then nothing is kept.
    Raises ``Refusal`` with the one reason why it cannot be taken. Read a second time it is the same arrival.
    """
    lines = _lines(package, by)
    with whole(), _unfit_is_refused():
        head, peer, known = _opened(lines, by)
        return known or _read(lines, head, peer, by, progress)


def glance(package: str, by: Actor) -> tuple[Arrival | None, int]:
    """What the head of a package says, before its people are read: the arrival that it is already, if it was read
    before, and how many people there seem to be. Nothing is written.

    Raises ``Refusal`` as `read` does, for whatever the head alone shows: whose it is and for whom, its version and term.
    """
    lines = _lines(package, by)
    with _unfit_is_refused():
        return _opened(lines, by)[2], len(lines) - 1


def _lines(package: str, by: Actor) -> list[str]:
    permit(by, "read", "arrivals")
    if len(package) > rules.LARGEST_PACKAGE:
        raise refuse(f"文件太大，转移包最多 {rules.LARGEST_PACKAGE // 1024 // 1024} MB，请原单位分几次转出。", "file")
    lines = [line.strip() for line in package.splitlines() if line.strip()]
    if not lines:
        raise refuse("文件是空的。", "file")
    return lines


@contextmanager
def _unfit_is_refused() -> Iterator[None]:
    try:
        yield
    except rules.Unfit as no:
        raise refuse(str(no), "file") from None


def _opened(lines: list[str], by: Actor) -> tuple[rules.Head, Peer, Arrival | None]:
    """The head, whose it is, and the arrival that it is already, if it was here before."""
    station = Station.get_by_id(by.station_id)
    signed = signing.check(lines[0], rules.HEAD)
    head = rules.read_head(signed.payload)
    if signed.ours:
        raise refuse("这是本单位自己发出的转移包，不能由本单位接收；同一系统里的工作站请用「认领」。", "file")
    if signed.peer is None or not _is_of(head.sender, signed.peer):
        raise refuse("转移包写明的发送单位与签名的不是同一个单位。", "file")
    if not _opens(head, lines):
        rules.check_address(head, signing.public_card()["fingerprint"], (station.name, station.division.name))
    known = Arrival.get_or_none(Arrival.package_no == head.id, Arrival.sender == head.sender)
    if known is not None:
        return head, signed.peer, _known(known, head, by)
    rules.check_time(head, clock.now())
    return head, signed.peer, None


def _read(lines: list[str], head: rules.Head, peer: Peer, by: Actor, progress: Progress | None) -> Arrival:
    row = Arrival(
        station=by.station_id, package_no=head.id, sender=head.sender, sender_name=head.sender_name, peer=peer.id,
        made_at=head.made_at, expires_at=head.expires_at, digest=head.digest, people=head.people, sums=head.sums,
        entered_by=by.account_id,
    )  # fmt: skip
    row.save(force_insert=True)
    total: dict[str, int] = {}
    digest, n = rules.Digest(), 0
    for at in range(1, len(lines), AT_ONCE):
        if progress:
            progress(n, head.people)
        some = []
        with together():  # a hundred of one signer: whose key it is, is asked once
            for line in lines[at : at + AT_ONCE]:
                n += 1
                some.append(_person(line, head, n, peer, digest, total))
        _keep(row, some, at)
    rules.check_total(head, total, n, digest.value())
    row.trace(by, "read", after={"package": head.id, "sender": head.sender_name, "people": head.people})
    return row


def _is_of(fingerprint: str, peer: Peer) -> bool:
    """Whether a fingerprint is this peer's, by any of its cards: keys are renewed while a package is on its way."""
    return Peer.select().where(Peer.fingerprint == fingerprint, Peer.name == peer.name).exists()


def _opens(head: rules.Head, lines: list[str]) -> bool:
    """Whether a sealed package opens here though it bears another fingerprint: one of ours from before a renewal."""
    if not head.receiver or len(lines) < 2 or head.receiver == signing.public_card()["fingerprint"]:
        return False
    try:
        return bool(signing.unseal(lines[1]))
    except Refusal:
        return False


def _known(row: Arrival, head: rules.Head, by: Actor) -> Arrival:
    """A package that was here before: shown again while it waits; decided, it is said when."""
    if not Arrival.select().where(Arrival.id == row.id, within(Arrival, by)).exists():
        raise refuse("这个转移包已由别的工作站读入，不能再接收。", "file")
    if row.digest and row.digest != head.digest:
        raise refuse("编号相同而内容不同的转移包已经读入过，这一份不能接收，请向原单位核实。", "file")
    if row.state == "taken":
        raise refuse(f"这个转移包已于 {row.decided_at:%Y-%m-%d %H:%M} 接收过（转入单 {row.id}），不能重复接收。", "file")
    if row.state == "returned":
        raise refuse(f"这个转移包接收以后已经退回（转入单 {row.id}），请原单位重新打包。", "file")
    if row.state == "refused":
        raise refuse(f"这个转移包已于 {row.decided_at:%Y-%m-%d %H:%M} 拒收，请原单位解锁后重新打包。", "file")
    return row


def _person(
    line: str, head: rules.Head, n: int, peer: Peer, digest: rules.Digest, total: dict[str, int]
) -> dict[str, Any]:
    if len(line) > rules.LARGEST_LINE:
        raise rules.Unfit(f"转移包第 {n} 人的内容太大，不能接收。")
    try:
        token = signing.unseal(line) if line.count(".") == 4 else line  # JWE has five parts, JWS three
        signed = signing.check(token, rules.PERSON)
    except Refusal as no:
        raise refuse(f"转移包第 {n} 人：{no}", "file") from None
    if signed.peer is None or signed.peer.id != peer.id:
        raise rules.Unfit(f"转移包第 {n} 人不是同一个单位签名的，文件被拼接过。")
    if head.receiver and token is line:
        raise rules.Unfit(f"转移包第 {n} 人没有加密，文件被改动过。")
    digest.add(token)
    rules.add(total, rules.check_person(signed.payload, head, n))
    return signed.payload


def _keep(row: Arrival, people: list[dict[str, Any]], first: int) -> None:
    documents = [(one["person"]["document_type"], one["person"]["document_number"]) for one in people]
    known = earlier_registrations(documents)
    why = why_not(list(known.values()), row)
    Arriver.insert_many([
        {
            "arrival": row.id, "n": n, "name": mask_name(one["person"]["name"][:50]),
            "joins": found.id if (found := known.get(document)) else None, "payload": rules.canonical(one),
            "says": (why.get(found.id) or _joined(found))[:200] if found else "",
            "honour": one["sums"]["honour"], "exchangeable": one["sums"]["exchangeable"], "debt": one["sums"]["debt"],
            "records": one["sums"]["records"], "backbone": _leads(one),
        }
        for n, (one, document) in enumerate(zip(people, documents, strict=True), first)
    ]).execute()  # fmt: skip


def _leads(said: dict[str, Any]) -> str:
    """What she does as a 骨干 there now; blank for whoever is none."""
    return next((str(one["duty"])[:80] for one in said.get("backbones", ()) if one.get("state") == "confirmed"), "")


def _joined(found: Volunteer) -> str:
    return f"证件已在本站登记（{found.state_label}），并入 {found.card_no or mask_name(found.name)}"


def disclaim(package_no: str, sender: str, reason: str, by: Actor) -> Arrival:
    """A signed word that a package, of which only the number is known, was not taken and never will be: the sender asks
    for it where the file was lost or came too late.

    Raises ``Refusal`` where it was taken.
    """
    permit(by, "disclaim", "arrivals")
    package_no, sender = package_no.strip(), sender.strip()
    with whole():
        row = Arrival.get_or_none(Arrival.package_no == package_no, Arrival.sender == sender)
        if row is not None and row.state in ("taken", "returned"):
            raise refuse(f"这个转移包已于 {row.decided_at:%Y-%m-%d %H:%M} 接收，请把回执发给原单位。", "package_no")
        if row is not None:
            return row if row.state == "refused" else Arrival.move(row.id, "refuse", by, reason)
        peer = Peer.get_or_none(Peer.fingerprint == sender)
        if peer is None or not 8 <= len(package_no) <= 40:
            raise refuse("请写对方的包裹编号，并选择已互认的发送单位。", "package_no")
        if len(reason.strip()) < 2:
            raise refuse("请写明没有接收的原因，例如「文件没有收到」。", "reason")
        row = Arrival(station=by.station_id, package_no=package_no, sender=sender, sender_name=peer.name, peer=peer.id,
                      state="refused", outcome=reason.strip(), entered_by=by.account_id)  # fmt: skip
        row._answer(frozenset(), {}, reason.strip()[:200])
        row.save(force_insert=True)
        row.trace(by, "disclaim", reason.strip())
        return row


def taken_in(people: Any) -> dict[int, int]:
    """volunteer -> minutes that came out of `transfer` for her by packages taken here."""
    net = fn.SUM(Arriver.honour + Arriver.exchangeable - Arriver.debt)
    rows = Arriver.select(Arriver.volunteer, net).where(Arriver.volunteer.in_(people), Arriver.status == "taken")
    return {key: int(minutes) for key, minutes in rows.group_by(Arriver.volunteer).tuples()}

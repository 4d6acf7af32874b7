"""互认单位: other installations whose signatures count here. One person takes a card in, another compares the fingerprint."""

from typing import Self

from peewee import CharField, DateField, Expression, TextField

from models import clock
from models.audit import trail
from models.fields import CodesField, JSONText
from models.moves import Staged
from models.refusals import refuse
from models.scope import EVERYTHING, NOTHING, Actor
from rules.access import DIVISION_ROLES, STATION_ROLES, Role
from rules.findings import Finding
from rules.signing import PEER, SEAL, SIGN, Unreadable, read_card, thumbprint

STANDING = ("confirmed", "entered", "withdrawn")  # whose word about a key counts first


class Peer(Staged):
    """Another installation: who it says it is, its public keys, and who compared its fingerprint with whom."""

    resource = "peers"
    life = PEER
    editable = "card"

    card = TextField(verbose_name="公开名片", help_text="把对方导出的公开名片全文粘贴在这里")
    name = CharField(max_length=80, default="", verbose_name="单位名称")
    division = CharField(max_length=12, default="", index=True, verbose_name="区划代码")
    url = CharField(max_length=200, default="", verbose_name="网址")
    keys = JSONText(default=dict, verbose_name="公钥")
    kids = CodesField(verbose_name="签名公钥编号")
    fingerprint = CharField(max_length=60, default="", index=True, verbose_name="指纹")
    compared_with = CharField(max_length=80, default="", verbose_name="与谁核对", help_text="例如：电话向对方站长核对")
    confirmed_by = CharField(max_length=60, default="", verbose_name="确认人")
    confirmed_on = DateField(null=True, verbose_name="确认日期")
    outcome = TextField(default="", verbose_name="撤销理由")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The installation's, no station's: whoever works in the back office may read whose signatures count."""
        known = actor.role in STATION_ROLES | DIVISION_ROLES | {Role.ADMIN}
        return EVERYTHING if known else NOTHING

    @classmethod
    def take_in(cls, card: str, by: Actor) -> Self:
        """Enter another installation's card. Raises ``Refusal`` for one that cannot be read, is our own or known."""
        return cls.enter(by, card=card)

    def prepare(self, by: Actor) -> None:
        try:
            said = read_card(self.card or "")
        except Unreadable:
            return
        self.name, self.division, self.url = said.name, said.division, said.url
        self.keys = {use: list(keys) for use, keys in said.keys.items()}
        self.kids, self.fingerprint = said.kids, said.fingerprint

    def check(self, by: Actor) -> list[Finding]:
        from models.signing import InstallationKey

        try:
            said = read_card(self.card or "")
        except Unreadable as no:
            return [Finding("card", str(no))]
        if InstallationKey.select().where(InstallationKey.kid.in_(said.kids)).exists():
            return [Finding("card", "这是本单位自己的名片，请粘贴对方的。")]
        twin = Peer.select().where(
            Peer.fingerprint == self.fingerprint, Peer.state != "withdrawn", Peer.id != (self.id or 0)
        )
        if found := twin.first():
            return [Finding("card", f"「{found.name}」的这张名片已经登记，现在是「{found.state_label}」。")]
        for kid in said.kids:
            other = by_kid(kid)
            if other is not None and other.state == "confirmed" and other.name != self.name:
                return [Finding("card", f"这把公钥已属于「{other.name}」，不能再登记给「{self.name}」。")]
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("state", "名片登记后不能修改；对方换了密钥的，请登记新的名片。")]

    def do_confirm(self, by: Actor) -> None:
        self.confirmed_by, self.confirmed_on = by.name, clock.today()

    def do_withdraw(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def sealing_key(self) -> dict[str, str]:
        """The key to seal for it. Raises ``Refusal`` where it is not confirmed or has none."""
        if self.state != "confirmed":
            raise refuse(f"「{self.name}」现在是「{self.state_label}」，核对指纹并确认互认后才能向它发送。")
        keys = (self.keys or {}).get(SEAL) or []
        if not keys:
            raise refuse(f"「{self.name}」的名片里没有加密用的公钥，请向对方要新的名片。")
        return dict(keys[0])

    def signing_key(self, kid: str) -> dict[str, str] | None:
        """Its public key of this name."""
        return next((one for one in (self.keys or {}).get(SIGN) or [] if thumbprint(one) == kid), None)

    def trace(self, by: Actor, action: str, reason: str = "", before=None, after=None) -> None:
        """It is no station's: the trace stands with the house's own."""
        trail(by, action, self._meta.table_name, self.id, reason=reason, before=before, after=after)


def by_kid(kid: str) -> Peer | None:
    """Whose key this is: the confirmed one's before one that waits or was withdrawn; the newest of each."""
    found = list(Peer.select().where(Peer.kids.has(kid)).order_by(Peer.id.desc()))
    return min(found, key=lambda one: STANDING.index(one.state), default=None)

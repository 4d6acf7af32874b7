"""The previews that were made of a draft: what whoever releases it sees, and what stays beside it when it is released."""

import hashlib
import json

from peewee import BigIntegerField, CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, fn

from models import clock
from models.base import BaseModel, transaction
from models.fields import JSONText
from models.moves import permit
from models.policy import PolicyVersion
from models.policy_drafts import PolicyDraft
from models.previews.ground import Ground
from models.previews.outcome import Outcome
from models.scope import Actor


class PolicyPreview(BaseModel):
    """One preview of a whole draft, as it was worked out on one day. Never changed: a later one stands beside it."""

    resource = "policy_drafts"

    draft = ForeignKeyField(PolicyDraft, backref="previews", verbose_name="政策草案")
    revision = IntegerField(verbose_name="草案版次")
    basis = CharField(max_length=64)  # a digest of what the draft said, and of how many versions there were
    made_at = DateTimeField(verbose_name="试算时间")
    made_by = BigIntegerField(null=True)
    who = CharField(max_length=60, verbose_name="试算人")
    day = DateField(verbose_name="判定日")
    since = DateField(verbose_name="近一季度起")
    stations = IntegerField(verbose_name="工作站数")
    job = BigIntegerField(null=True)  # whose file holds every row; none where it was worked out at once
    outcome = JSONText(verbose_name="试算结果")

    @classmethod
    def scope(cls, actor: Actor):
        """Whoever may know of the draft: its own division's, and those above."""
        return cls.draft.in_(PolicyDraft.select(PolicyDraft.id).where(PolicyDraft.scope(actor)))

    @classmethod
    def keep(cls, draft: PolicyDraft, basis: str, ground: Ground, out: Outcome, by: Actor, job: int | None = None) -> "PolicyPreview":
        """Put what was found beside the draft. ``basis`` is what the draft rested on when the preview began."""
        permit(by, "enter", "policy_drafts")
        with transaction():
            made: PolicyPreview = cls.create(
                draft=draft.id, revision=draft.revision, basis=basis, made_at=clock.now(), made_by=by.account_id,
                who=by.name, day=ground.day, since=ground.since, stations=len(ground.stations), job=job,
                outcome=out.plain(),
            )  # fmt: skip
        return made

    @classmethod
    def latest(cls, draft: PolicyDraft) -> "PolicyPreview | None":
        """The last that was made of it; of a released draft all were made before its release."""
        found: PolicyPreview | None = cls.select().where(cls.draft == draft.id).order_by(cls.id.desc()).first()
        return found

    def stale(self, draft: PolicyDraft) -> bool:
        """Whether the draft says something else since, or others released a version of its topic meanwhile."""
        return self.basis != basis_of(draft)


def basis_of(draft: PolicyDraft) -> str:
    """A digest of all that a preview of this draft rests on beside the data: its parameters, and the versions there
    are. Its own release is none of them, and neither are its moves."""
    others = PolicyVersion.select(fn.MAX(PolicyVersion.id)).where(PolicyVersion.topic == draft.topic)
    if draft.released_id is not None:
        others = others.where(PolicyVersion.id < draft.released_id)
    said = [draft.topic, draft.division, str(draft.since), draft.values, draft.bounds, others.scalar()]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

"""Vocabularies (类别、技能、民族……): editable terms with the national code where one is known."""

from collections.abc import Collection

from peewee import BooleanField, CharField, IntegerField

from models.fields import CodeField, CodesField, SealedCodesField
from models.moves import Entered
from models.scope import EVERYTHING, Actor
from models.together import asked_once, is_together
from rules.findings import Finding
from rules.stations import ASPECTS

KINDS = [
    ("category", "服务类别"),
    ("recipient", "服务对象"),
    ("skill", "服务技能"),
    ("politics", "政治面貌"),
    ("education", "学历"),
    ("ethnicity", "民族"),
    ("occupation", "从业情况"),
    ("quality", "服务质量"),
    ("language", "语言"),
    ("training_topic", "培训主题"),
    ("qualification", "资质"),
    ("setup_item", "建站清单"),
]


class Term(Entered):
    """One entry of one vocabulary. ``code`` is what rows keep; names may be reworded."""

    resource = "vocabulary"
    editable = "kind code name national_code position sensitive active"

    kind = CharField(max_length=16, choices=KINDS, verbose_name="词表")
    code = CharField(max_length=8, verbose_name="代码")
    name = CharField(max_length=40, verbose_name="名称")
    national_code = CharField(max_length=40, default="", verbose_name="国家平台对应")
    position = IntegerField(default=0, verbose_name="次序")
    sensitive = BooleanField(default=False, verbose_name="不公开")
    active = BooleanField(default=True, verbose_name="启用")

    class Meta:
        indexes = ((("kind", "code"), True), (("kind", "position"), False))

    @classmethod
    def scope(cls, actor: Actor):
        return EVERYTHING  # shared by all stations

    def __str__(self) -> str:
        return self.name

    def check(self, by: Actor) -> list[Finding]:
        twin = Term.get_or_none(Term.kind == self.kind, Term.code == self.code)
        if twin is not None and twin.id != self.id:
            return [Finding("code", f"这个词表里已有代码 {self.code}（{twin.name}）。")]
        if self.kind == "setup_item" and self.code[:1] not in ASPECTS:
            said = "、".join(f"{figure} {name}" for figure, name in ASPECTS.items())
            return [Finding("code", f"建站清单的代码首位表示方面：{said}。")]
        return []


@asked_once
def choices(kind: str, *, active_only: bool = True) -> list[tuple[str, str]]:
    """(code, name) of one vocabulary in its order. Raises ``KeyError`` for an unknown kind."""
    if kind not in dict(KINDS):
        raise KeyError(kind)
    query = Term.select(Term.code, Term.name).where(Term.kind == kind)
    if active_only:
        query = query.where(Term.active)
    return list(query.order_by(Term.position, Term.code).tuples())


def names(kind: str) -> dict[str, str]:
    """code -> name, retired terms included, for showing what old rows say."""
    return dict(choices(kind, active_only=False))


@asked_once
def all_codes() -> set[tuple[str, str]]:
    """(kind, code) of every term, retired ones too."""
    return set(Term.select(Term.kind, Term.code).tuples())


def unknown_codes(row: Entered, known: Collection[tuple[str, str]] | None = None) -> list[Finding]:
    """A finding for each column of codes that holds one its vocabulary does not have. Retired terms still count:
    an old row may keep them. ``known`` are `all_codes` where many rows are asked about."""
    said: dict[str, list[str]] = {}
    for name, column in row._meta.fields.items():
        kind, value = getattr(column, "kind", ""), row.__data__.get(name)
        if kind and value and isinstance(column, SealedCodesField):
            said[name] = list(value)
        elif kind and value and isinstance(column, CodeField | CodesField):
            said[name] = [value] if isinstance(column, CodeField) else column.python_value(column.db_value(value))
    if not said:
        return []
    if known is None and is_together():
        known = all_codes()
    elif known is None:
        kinds = {row._meta.fields[name].kind for name in said}
        known = set(Term.select(Term.kind, Term.code).where(Term.kind.in_(kinds)).tuples())
    return [
        Finding(name, f"「{row.label(name)}」没有「{code}」这个代码，请从列表中选择。")
        for name, codes in said.items()
        for code in codes
        if (row._meta.fields[name].kind, code) not in known
    ]

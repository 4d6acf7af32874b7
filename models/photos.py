"""照片 of a paper sheet (方案 二(5)): what was signed, beside what was keyed from it; sealed, so that a backup holds it and
whoever has the database alone cannot look at it."""

import base64
from collections.abc import Iterable
from datetime import datetime

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, ModelSelect, fn

from models import clock, policy
from models.activities import Activity, SignInSheet
from models.fields import SealedField
from models.moves import Entered, permit, whole
from models.refusals import refuse, refuse_if
from models.scope import Actor, find, within
from models.stations import station_field
from rules.reading import clean
from rules.reasons import check_reason
from rules.topics import PolicyError

MOST = 6  # photographs of one sheet: both sides, and again where one was blurred
LARGEST = 1024 * 1024  # bytes of one, as it is kept
LOOKUP = 400  # sheets looked up in one query


class Photo(Entered):
    """One photograph of one sheet: a JPEG without anything that the camera wrote beside the picture."""

    resource = "photos"
    station_path = "station"
    sealed_at_once = 4  # rows that `models.keys` seals anew in one go: each holds a megabyte

    station = station_field(backref="photos")
    sheet = ForeignKeyField(SignInSheet, backref="photos", verbose_name="签到表")
    number = IntegerField(verbose_name="第几张照片")
    name = CharField(max_length=80, verbose_name="文件名")
    width = IntegerField(verbose_name="宽")
    height = IntegerField(verbose_name="高")
    size = IntegerField(verbose_name="大小")
    content = SealedField(default="", verbose_name="照片")  # base64; blank once it was taken down or erased
    cleared_at = DateTimeField(null=True, verbose_name="撤下时间")

    class Meta:
        indexes = ((("sheet", "number"), True), (("station", "entered_at"), False))

    def __str__(self) -> str:
        return f"{self.sheet} 照片 {self.number}"

    @property
    def jpeg(self) -> bytes:
        """The picture itself; empty once it is gone."""
        return base64.b64decode(self.content or "")


def attach(sheet: int, jpeg: bytes, size: tuple[int, int], name: str, by: Actor) -> Photo:
    """Put a photograph beside a sheet. Raises ``Refusal`` past `MOST` or `LARGEST`, ``NotFound`` for a stranger's sheet."""
    permit(by, "enter", "photos")
    if len(jpeg) > LARGEST:
        raise refuse("照片太大，请拍得小一些再上传。")
    with whole():
        paper = find(SignInSheet, sheet, by, lock=True)
        last, standing = Photo.select(fn.MAX(Photo.number), fn.COUNT(Photo.id)).where(Photo.sheet == paper.id).scalar(as_tuple=True)
        standing -= Photo.select().where(Photo.sheet == paper.id, Photo.cleared_at.is_null(False)).count()
        if standing >= MOST:
            raise refuse(f"一张签到表最多 {MOST} 张照片，请先撤下不要的。")
        row = Photo(
            station=paper.station_id, sheet=paper.id, number=(last or 0) + 1, name=clean(name)[:80], width=size[0],
            height=size[1], size=len(jpeg), content=base64.b64encode(jpeg).decode(),
        )  # fmt: skip
        row.store_new(by)
    return row


def of_sheet(sheet: int, by: Actor) -> list[Photo]:
    """The photographs beside a sheet, without the pictures themselves; none for whoever may not look at them."""
    few = Photo.select(Photo.id, Photo.number, Photo.name, Photo.entered_at, Photo.sheet)
    return list(few.where(Photo.sheet == sheet, Photo.cleared_at.is_null(), within(Photo, by)).order_by(Photo.number))


def with_photo() -> ModelSelect:
    """The sheets that have a photograph beside them, as a sub-select."""
    return Photo.select(Photo.sheet).where(Photo.cleared_at.is_null())


def wanted_for(activity: Activity) -> bool:
    """Whether policy wants a photograph beside the sheets of this activity, be it of long service alone."""
    try:
        return "photo" in policy.in_force("record_format", activity.station, activity.day).rule.evidence
    except PolicyError:  # said when lines are keyed
        return False


def photographed(sheets: Iterable[int | None]) -> set[int]:
    """Which of these sheets have a photograph beside them that was not taken down; the pictures stay sealed."""
    keys, found = sorted({key for key in sheets if key}), set()
    for at in range(0, len(keys), LOOKUP):
        rows = with_photo().where(Photo.sheet.in_(keys[at : at + LOOKUP]))
        found |= {key for (key,) in rows.distinct().tuples()}
    return found


def read(photo: int, by: Actor) -> Photo:
    """A photograph to be looked at; leaves a trace. Raises ``NotFound`` for a stranger's, ``Refusal`` once it is gone."""
    permit(by, "read", "photos")
    with whole():
        row = find(Photo, photo, by)
        if not row.content:
            raise refuse("这张照片已撤下或到期清除。")
        row.trace(by, "read")
    return row


def take_down(photo: int, reason: str, by: Actor) -> Photo:
    """Take a photograph away for good: of another sheet, say, or with somebody on it. Taken away already, it stays so."""
    permit(by, "strike", "photos")
    said = clean(reason)
    refuse_if(check_reason(said))
    with whole():
        row = find(Photo, photo, by, lock=True)
        if row.cleared_at is None:
            clear(row.id, by, said)
    return row


def clear(key: int, by: Actor, reason: str) -> None:
    """Empty a photograph, inside the caller's transaction; that there was one stays."""
    now: datetime = clock.now()
    row = Photo.get_by_id(key)
    Photo.update(content="", cleared_at=now).where(Photo.id == key).execute()
    row.trace(by, "strike", reason, after={"cleared_at": now})

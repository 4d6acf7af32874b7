"""Photographs of a sheet: made anew, sealed, the own desk's alone, every look traced, erased in time."""

import io
import re
import zlib

import pytest
from PIL import Image

from desk import Desk
from models import photos, policy
from models.activities import SignInSheet
from models.audit import Trail
from models.base import database
from models.photos import Photo
from models.refusals import NotFound, Refusal
from models.retention import WAYS
from views import pictures

PLACE = b"GPS 25.0389N 102.7183E"


def photograph(size=(1200, 900), kind="JPEG", colour="white", **more) -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif[0x0112] = 6  # lies on its side
    Image.new("RGB", size, colour).save(made, kind, **({"exif": exif} if kind == "JPEG" else {}) | more)
    return made.getvalue()


@pytest.fixture
def sheet(cast):
    return SignInSheet.enter(cast.recorder, activity=cast.activity().id)


def sent(window, sheet, data, name="签到表.jpg", **more):
    window.get(f"/admin/sheets/key/?sheet={sheet.id}")
    return window.post("/admin/sheets/attach/", sheet=sheet.id, file=(io.BytesIO(data), name), **more)


def test_a_photograph_is_kept_anew_without_what_the_camera_wrote(cast, desk, sheet):
    data = photograph((5000, 3000))
    assert PLACE in data
    page = sent(desk.signed_in_as(cast.recorder), sheet, data)
    assert page.says("照片已加密保存")
    row = Photo.get()
    made = Image.open(io.BytesIO(row.jpeg))
    assert (row.sheet_id, row.station_id, row.number) == (sheet.id, cast.a.id, 1)
    assert made.format == "JPEG" and max(made.size) <= 2000 and made.size == (row.width, row.height)
    assert made.height > made.width  # stands upright now
    assert not made.getexif() and PLACE not in row.jpeg and len(row.jpeg) == row.size <= photos.LARGEST
    (stored,) = database.execute_sql("SELECT content FROM photo").fetchone()
    assert stored.startswith("2:") and "/9j/" not in stored[:80]


def test_a_noisy_photograph_is_made_small_enough():
    noise = Image.effect_noise((3000, 3000), 90).convert("RGB")
    made = io.BytesIO()
    noise.save(made, "JPEG", quality=95)
    assert len(pictures.reencoded(made.getvalue()).jpeg) <= photos.LARGEST


def test_a_transparent_png_comes_on_white():
    made = io.BytesIO()
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(made, "PNG")
    assert Image.open(io.BytesIO(pictures.reencoded(made.getvalue()).jpeg)).getpixel((5, 5)) == (255, 255, 255)


def bomb(side=60_000) -> bytes:
    """A PNG whose header promises so many pixels a side."""
    data = bytearray(photograph((10, 10), "PNG"))
    data[16:24] = side.to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (lambda: b"no picture at all", "a.jpg", "不是能打开的照片"),
        (lambda: photograph()[:2000], "a.jpg", "不是能打开的照片"),
        (lambda: photograph((10, 10), "PNG"), "a.jpg", "文件名与内容不符"),
        (lambda: photograph((10, 10), "GIF"), "a.png", "不是能打开的照片"),
        (lambda: photograph((10, 10), "GIF"), "a.gif", "不是可以导入的文件"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "不是能打开的照片"),
        (bomb, "a.png", "万像素，太大"),
        (lambda: bomb(6_000), "a.png", "照片有 3600 万像素，太大"),
        (lambda: b"\xff\xd8" + b"0" * (15 * 1024 * 1024 + 1), "a.jpg", "文件太大"),
    ],
    ids=["text", "cut", "misnamed", "gif", "gif-named", "svg", "bomb", "small bomb", "large"],
)
def test_what_is_no_photograph_is_refused(cast, desk, sheet, data, name, says):
    assert sent(desk.signed_in_as(cast.recorder), sheet, data(), name).says(says)
    assert not Photo.select().exists()


def test_it_is_shown_beside_the_grid_and_every_look_leaves_a_trace(cast, desk, sheet):
    window = desk.signed_in_as(cast.recorder)
    page = sent(window, sheet, photograph())
    (address,) = set(re.findall(r'src="(/admin/sheets/photo/\d+)"', page.html))
    before = Trail.select().count()
    window.get(address)
    assert window.headers["Content-Type"] == "image/jpeg" and "no-store" in window.headers["Cache-Control"]
    trace = Trail.select().order_by(Trail.id.desc()).first()
    assert Trail.select().count() == before + 1 and (trace.action, trace.table) == ("read", "photo")
    assert desk.signed_in_as(cast.head).get(address).status == 200


@pytest.mark.parametrize("who", ["head_b", "county", "auditor", "admin"])
def test_nobody_else_looks_at_it(cast, desk, sheet, who):
    row = photos.attach(sheet.id, photograph((40, 30)), (40, 30), "a.jpg", cast.recorder)
    assert desk.signed_in_as(getattr(cast, who)).get(f"/admin/sheets/photo/{row.id}").status in (403, 404)
    page = desk.signed_in_as(cast.county).get("/admin/sheets/details/", id=sheet.id)
    assert page.status == 200 and "/photo/" not in page.html
    with pytest.raises((NotFound, Refusal)):
        photos.attach(sheet.id, photograph((40, 30)), (40, 30), "a.jpg", getattr(cast, who))
    assert Desk(desk.app).get(f"/admin/sheets/photo/{row.id}").path.startswith("/login")


def test_the_photograph_may_come_before_the_first_line(cast, desk):
    activity = cast.activity()
    window = desk.signed_in_as(cast.recorder)
    window.get(f"/admin/sheets/key/?activity={activity.id}")
    page = window.post("/admin/sheets/attach/", activity=activity.id, file=(io.BytesIO(photograph()), "a.jpg"))
    assert page.says("照片已加密保存") and f"sheet={SignInSheet.get().id}" in page.path
    assert SignInSheet.get().activity_id == activity.id


def test_a_refused_photograph_makes_no_sheet(cast, desk):
    activity = cast.activity()
    window = desk.signed_in_as(cast.recorder)
    window.get(f"/admin/sheets/key/?activity={activity.id}")
    window.post("/admin/sheets/attach/", activity=activity.id, file=(io.BytesIO(b"x"), "a.jpg"))
    assert not SignInSheet.select().exists()


def test_one_taken_down_is_gone_and_a_reason_is_asked_for(cast, desk, sheet):
    row = photos.attach(sheet.id, photograph((40, 30)), (40, 30), "a.jpg", cast.recorder)
    window = desk.signed_in_as(cast.recorder)
    window.get(f"/admin/sheets/key/?sheet={sheet.id}")
    window.post("/admin/sheets/photo/strike/", id=row.id, reason="1")
    assert Photo.get().content
    assert window.post("/admin/sheets/photo/strike/", id=row.id, reason="拍的是另一张签到表").says("照片已撤下")
    assert not Photo.get().content and Photo.get().cleared_at
    assert window.get(f"/admin/sheets/photo/{row.id}").status == 410
    assert desk.signed_in_as(cast.head_b).post("/admin/sheets/photo/strike/", id=row.id, reason="拍的是另一张").status == 404


def test_a_sheet_has_six_at_most(cast, sheet):
    for _ in range(photos.MOST):
        photos.attach(sheet.id, b"x", (1, 1), "a.jpg", cast.recorder)
    with pytest.raises(Refusal, match="最多 6 张"):
        photos.attach(sheet.id, b"x", (1, 1), "a.jpg", cast.recorder)


def test_a_photograph_past_its_time_is_erased_and_the_sheet_stays(cast, sheet):
    row = photos.attach(sheet.id, b"x", (1, 1), "a.jpg", cast.recorder)
    rule = policy.in_force("retention", cast.a, row.entered_at.date()).rule
    assert any(one.what == "photo" for one in rule.schedules)
    way = WAYS["photo"]
    assert list(Photo.select(Photo.id).where(way.over(row.entered_at.date())).tuples()) == [(row.id,)]
    way.clear(row.id, cast.head, "到期")
    assert not Photo.get().content and SignInSheet.get().id == sheet.id
    assert not Photo.select().where(way.over(row.entered_at.date())).exists()

"""Photographs that come in: looked at by Pillow, never trusted, and kept as a new JPEG of our own making.

What a camera wrote beside the picture (place, time, its number) is gone with it; a picture whose header promises more
pixels than a photograph has is refused before anything is unpacked.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from models.photos import LARGEST
from models.refusals import Refusal, refuse
from views.uploads import Kind

MIB = 1024 * 1024
SIDE = 2000  # pixels: fine enough to read a signature
MOST_PIXELS = 50_000_000  # of a JPEG, which is unpacked smaller …
MOST_PIXELS_PNG = 25_000_000  # … and of a PNG, which is not
QUALITIES = (85, 75, 65, 50, 35)
FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG"}
NO_PICTURE = "这不是能打开的照片，或者文件不完整，请选择 .jpg 或 .png 照片。"


@dataclass(frozen=True)
class Picture:
    """A photograph as it is kept."""

    jpeg: bytes
    size: tuple[int, int]


def look(data: bytes, name: str) -> None:
    """Refuse what is no JPEG or PNG, is named as another, or would unpack to too much. Nothing is unpacked yet."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            kind, pixels = picture.format, picture.width * picture.height
    except Image.DecompressionBombError:  # so large that Pillow says so itself
        raise refuse("照片超过 17000 万像素，太大，请缩小后再上传。") from None
    except Exception:  # Pillow answers a broken header with many kinds of error
        raise refuse(NO_PICTURE) from None
    if kind != FORMATS.get(name.rpartition(".")[2].lower()):
        raise refuse(f"文件名与内容不符：内容是 {kind}。请用相机或手机重新拍照，或另存后再上传。")
    if pixels > (MOST_PIXELS if kind == "JPEG" else MOST_PIXELS_PNG):
        raise refuse(f"照片有 {pixels // 10_000} 万像素，太大，请缩小后再上传。")


def reencoded(data: bytes) -> Picture:
    """The picture upright, at most `SIDE` pixels a side and `LARGEST` bytes, with nothing else in the file.

    Raises ``Refusal`` with one Chinese sentence where it cannot be read to its end.
    """
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
            opened.draft("RGB", (SIDE, SIDE))
            opened.load()
            picture = ImageOps.exif_transpose(opened)
            picture.thumbnail((SIDE, SIDE))
            return _kept(_on_white(picture))
    except Refusal:
        raise
    except Exception:
        raise refuse(NO_PICTURE) from None


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        white = Image.new("RGB", picture.size, "white")
        through = picture.convert("RGBA")
        white.paste(through, mask=through.getchannel("A"))
        return white
    return picture.convert("RGB")


def _kept(picture: Image.Image) -> Picture:
    bare = Image.new("RGB", picture.size)  # a new one: nothing that came with the old is written out
    bare.paste(picture)
    for quality in QUALITIES:
        made = io.BytesIO()
        bare.save(made, "JPEG", quality=quality, optimize=True)
        if made.tell() <= LARGEST:
            return Picture(made.getvalue(), bare.size)
    raise refuse("照片细节太多，缩小后仍超过 1 MB，请拍得小一些再上传。")


PHOTO = Kind(("jpg", "jpeg", "png"), 15 * MIB, look)

"""What a file really is, and whether it is safe to unpack: asked before any reader opens it.

A reader of spreadsheets fills the rectangle from the first cell to the last, so one stray cell at the far corner of
a small file would take all memory. These checks look at the packed XML as text and refuse such files.
"""

import io
import re
import zipfile
from collections.abc import Iterator

from models.refusals import Refusal, refuse

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 500 * 1024 * 1024
MAX_RATIO = 20  # unpacked to packed …
RATIO_FLOOR = 100 * 1024 * 1024  # … asked only from this size on: a sheet of blank rows packs well and harms nobody
MAX_ROWS = 200_000
MAX_COLUMN = "CZ"  # the last column that may hold anything (104 columns)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BLOCK = 4 * 1024 * 1024
_OVERLAP = 512  # bytes of a block read again with the next, so that no tag is cut in two
# Quick signs that a block deserves a closer look; most blocks show none, and a search for plain text costs little.
_SIGN_FAR = re.compile(rb'r="(?:[A-Z]{3}|[D-Z][A-Z]|[A-Z]{1,2}(?:[2-9]\d{5}|\d{7}))')
_SIGN_NO_PLACE = re.compile(rb'c(?:>| (?!r="))')
# A cell that holds something (neither closed in its own tag nor empty before its end tag) far down or far right.
_FAR_ROW = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="[A-Z]{1,3}(?:[2-9]\d{5}|\d{7})"(?:[^>]*[^/>])?>(?!</)[\s\S]{2}')
_FAR_COLUMN = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="(?:[A-Z]{3}|[D-Z][A-Z])\d{1,7}"(?:[^>]*[^/>])?>(?!</)[\s\S]{2}')
_NO_PLACE = re.compile(rb'<(?:\w+:)?c(?:>|\s(?![^>]*\br=")[^>]*>)')
_ODS_PART = re.compile(
    rb'<table:table\s|<table:table-row\b(?:[^>]*?table:number-rows-repeated="(\d+)")?|'
    rb'<table:table-cell\b(?=[^>]*\boffice:value-type)(?=[^>]*table:number-columns-repeated="(\d+)")|(office:value-type=)'
)

RESAVE = "请用 WPS 或 Excel 打开后另存为 .xlsx 再导入。"
LABELS = {"xlsx": "新版 Excel 工作簿", "xls": "旧版 Excel 工作簿", "ods": "开放文档表格", "csv": "文本"}
SUFFIXES = {"xlsx": ("xlsx", "xlsm"), "xls": ("xls",), "ods": ("ods",), "csv": ("csv", "txt", "tsv")}


def kind_of(data: bytes, name: str = "") -> str:
    """``xlsx``, ``xls``, ``ods`` or ``csv`` by content. ``name`` is the file's, whose ending must agree.

    Raises ``Refusal`` for a file that is empty, too large, locked, broken, unsafe, not a table or named as another.
    """
    if not data.strip():
        raise refuse("文件是空的，请选择填好的表格。")
    if len(data) > MAX_BYTES:
        raise refuse(
            f"文件有 {len(data) / 1024 / 1024:.0f} MB，最大 {MAX_BYTES // 1024 // 1024} MB，请分成几份导入。"
        )
    if data.startswith(_OLE):
        kind = _ole(data)
    elif data.startswith(b"PK"):
        kind = _packed(data)
    else:
        kind = _text(data)
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix and suffix not in SUFFIXES[kind]:
        raise refuse(f"文件名以 .{suffix} 结尾，内容却是{LABELS[kind]}（.{kind}），{RESAVE}")
    return kind


def _ole(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise refuse(f"表格加了打开密码，读不出来，请去掉密码；{RESAVE}")
    if not any(stream.encode("utf-16-le") in data for stream in ("Workbook", "Book")):
        raise refuse(f"这不是表格文件，或者文件不完整，{RESAVE}")
    return "xls"


def _text(data: bytes) -> str:
    head = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta")):
        raise refuse(f"这个文件其实是网页，不是表格，{RESAVE}")
    if head.startswith((b"%pdf", b"{\\rtf", b"\x89png", b"\xff\xd8\xff", b"rar!", b"7z\xbc")):
        raise refuse("这不是表格文件，请选择 .xlsx、.xls、.ods 或 .csv 文件。")
    return "csv"


def _packed(data: bytes) -> str:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
        _check_size(parts, len(data))
        names = {part.filename for part in parts}
        if "xl/workbook.xml" in names:
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _check_cells(_blocks(archive, part))
            return "xlsx"
        if "content.xml" in names and b"spreadsheet" in archive.read("mimetype"):
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise refuse(f"表格加了打开密码，读不出来，请去掉密码；{RESAVE}")
            _check_ods(archive.read("content.xml"))
            return "ods"
    except Refusal:
        raise
    except Exception:  # zipfile answers a broken archive with a dozen kinds of error
        raise refuse(f"文件不完整或已损坏，读不出来，请重新取得文件，或{RESAVE}") from None
    raise refuse(f"这不是表格文件，{RESAVE}")


def _check_size(parts: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FLOOR and unpacked > MAX_RATIO * packed):
        raise refuse(
            f"文件展开后有 {unpacked / 1024 / 1024:.0f} MB，大得不寻常，没有打开；请只留要导入的行，另存后再试。"
        )


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            yield tail + block
            tail = block[-_OVERLAP:]


def _check_cells(blocks: Iterator[bytes]) -> None:
    for block in blocks:
        if _SIGN_FAR.search(block):
            if _FAR_ROW.search(block):
                raise _too_many_rows()
            if _FAR_COLUMN.search(block):
                raise _too_wide()
        if _SIGN_NO_PLACE.search(block) and _NO_PLACE.search(block):
            raise refuse(f"表格不是由常用软件保存的，单元格没有写位置，{RESAVE}")


def _check_ods(content: bytes) -> None:
    row, repeated = 0, 1
    for found in _ODS_PART.finditer(content):
        if found[0] == b"<table:table ":
            row, repeated = 0, 1
        elif found[0].startswith(b"<table:table-row"):
            row, repeated = row + repeated, int(found[1] or 1)
        elif row + repeated > MAX_ROWS:
            raise _too_many_rows()
        elif found[2] and int(found[2]) > _number(MAX_COLUMN):
            raise _too_wide()


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _too_many_rows() -> Refusal:
    return refuse(f"表格超过 {MAX_ROWS} 行，请分成几份导入；若下方有零散的内容，请删去后另存。")


def _too_wide() -> Refusal:
    return refuse(f"表格在 {MAX_COLUMN} 列以后还有内容，请删去右边零散的内容后另存。")

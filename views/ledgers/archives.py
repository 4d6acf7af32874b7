"""What a file really is, and whether it is safe to unpack: asked before any reader opens it.

A workbook is an archive of XML. Sizes that an archive states of itself may lie, so each part is unpacked here once, in
pieces that are thrown away, and counted. What only an attack (or a broken program) puts into a workbook is refused in
words: entities, another archive inside, names that lead out of the folder, macros.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain

from models.refusals import Refusal, refuse

MIB = 1024 * 1024
MAX_BYTES = 20 * MIB  # of a file; 200,000 records of a year pack to half of it
MAX_UNPACKED = 300 * MIB  # of all parts together; 200,000 rows of 13 columns unpack to 110 MiB
MAX_RATIO = 20  # unpacked to packed …
RATIO_FLOOR = 100 * MIB  # … asked only from this size on: a sheet of blank rows packs well and harms nobody
MAX_PARTS = 2_000  # of an archive; a workbook has a dozen and one more a sheet
MAX_ROWS = 200_000
ABOVE = 30  # more rows that a title, a header and a line of totals may take
MAX_COLUMN = "CZ"  # the last column that may hold anything …
MAX_COLUMNS = 104  # … and its number

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BLOCK = 4 * MIB
_OVERLAP = 512  # bytes of a block read again with the next, so that no tag is cut in two
# Quick signs that a block deserves a closer look; most blocks show none, and a search for plain text costs little.
_SIGN_FAR = re.compile(rb'r="(?:[A-Z]{3}|[D-Z][A-Z]|[A-Z]{1,2}(?:[2-9]\d{5}|\d{7}))')
_SIGN_NO_PLACE = re.compile(rb'c(?:>| (?!r="))')
# A cell that holds something (neither closed in its own tag nor empty before its end tag) far down or far right.
_FAR_ROW = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="[A-Z]{1,3}(?!2000[0-2]\d")(?:[2-9]\d{5}|\d{7})"(?:[^>]*[^/>])?>(?!</)[\s\S]{2}')
_FAR_COLUMN = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="(?:[A-Z]{3}|[D-Z][A-Z])\d{1,7}"(?:[^>]*[^/>])?>(?!</)[\s\S]{2}')
_NO_PLACE = re.compile(rb'<(?:\w+:)?c(?:>|\s(?![^>]*\br=")[^>]*>)')
_ODS_PART = re.compile(
    rb'<table:table\s|<table:table-row\b(?:[^>]*?table:number-rows-repeated="(\d+)")?|'
    rb'<table:table-cell\b(?=[^>]*\boffice:value-type)(?=[^>]*table:number-columns-repeated="(\d+)")|(office:value-type=)'
)
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_INNER = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")  # archives by their first bytes

RESAVE = "请用 WPS 或 Excel 打开后另存为 .xlsx 再导入。"
LABELS = {"xlsx": "新版 Excel 工作簿", "xls": "旧版 Excel 工作簿", "ods": "开放文档表格", "csv": "文本"}
SUFFIXES = {"xlsx": ("xlsx", "xlsm"), "xls": ("xls",), "ods": ("ods",), "csv": ("csv", "txt", "tsv")}
BROKEN = f"文件不完整或已损坏，读不出来，请重新取得文件，或{RESAVE}"
LOCKED = f"表格有密码保护（加了打开密码），读不出来，请去掉密码；{RESAVE}"
MACROS = "表格里带有宏，没有打开；请用 WPS 或 Excel 打开后另存为不带宏的 .xlsx 再导入。"
NO_TABLE = "这不是表格文件，请选择 .xlsx、.xls、.ods 或 .csv 文件。"
TOO_WIDE = f"表格在 {MAX_COLUMN} 列以后还有内容，请删去右边零散的内容后另存。"
TOO_LONG = f"表格超过 {MAX_ROWS} 行，请分成几份导入；若下方有零散的内容，请删去后另存。"


def kind_of(data: bytes, name: str = "") -> str:
    """``xlsx``, ``xls``, ``ods`` or ``csv`` by content. ``name`` is the file's, whose ending must agree.

    Raises ``Refusal`` for a file that is empty, too large, locked, broken, unsafe, not a table or named as another.
    """
    if not data.strip():
        raise refuse("文件是空的，请选择填好的表格。")
    if len(data) > MAX_BYTES:
        raise refuse(f"文件有 {len(data) / MIB:.0f} MB，最大 {MAX_BYTES // MIB} MB，请分成几份导入。")
    if data.startswith(_OLE):
        kind = _ole(data)
    elif data.startswith(b"PK"):
        kind = _packed(data)
    else:
        kind = _text(data)
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix and suffix not in SUFFIXES[kind]:
        raise refuse(f"文件名以 .{suffix[:10]} 结尾，内容却是{LABELS[kind]}（.{kind}），{RESAVE}")
    return kind


def _ole(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise refuse(LOCKED)
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise refuse(MACROS)
    if not any(stream.encode("utf-16-le") in data for stream in ("Workbook", "Book")):
        raise refuse(f"这不是表格文件，或者文件不完整，{RESAVE}")
    return "xls"


def _text(data: bytes) -> str:
    head = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta")):
        raise refuse(f"这个文件其实是网页，不是表格，{RESAVE}")
    if head.startswith((b"%pdf", b"{\\rtf", b"\x89png", b"gif8", b"\xff\xd8\xff", b"mz", b"\x7felf")) or data.startswith(_INNER):
        raise refuse(NO_TABLE)
    return "csv"


def _packed(data: bytes) -> str:
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
        _check_parts(parts, len(data))
        names = {part.filename for part in parts}
        if not any(name in names for name in ("xl/workbook.xml", "content.xml")):
            raise refuse(f"这不是表格文件，{RESAVE}")
        kind, budget = "xlsx" if "xl/workbook.xml" in names else "ods", [_limit(len(data))]
        if kind == "ods":
            _check_ods(data)
        for part in parts:
            _check_part(part.filename, kind, _blocks(data, part, budget))
        return kind
    except Refusal:
        raise
    except Exception:  # zipfile answers a broken archive with a dozen kinds of error
        raise refuse(BROKEN) from None


def _check_parts(parts: list[zipfile.ZipInfo], packed: int) -> None:
    """What the archive's own list says of it."""
    if sum(part.file_size for part in parts) > _limit(packed):
        raise _too_much(sum(part.file_size for part in parts))
    if len(parts) > MAX_PARTS:
        raise refuse(f"文件里有 {len(parts)} 个部分，多得不寻常，没有打开；{RESAVE}")
    if any(part.flag_bits & 1 for part in parts):
        raise refuse(LOCKED)
    names = [part.orig_filename for part in parts]
    unsafe = any("\\" in n or n.startswith("/") or ".." in n.split("/") or "\0" in n or n[1:2] == ":" for n in names)
    # Parts that share their bytes are how a small archive holds the same bomb many times.
    if unsafe or len({n.lower() for n in names}) < len(names) or sum(p.compress_size for p in parts) > packed:
        raise refuse(f"文件的内部结构不寻常，可能被改动过，没有打开；{RESAVE}")
    if any("vbaproject" in n.lower() or n.startswith(("xl/macrosheets/", "Basic/", "Scripts/")) for n in names):
        raise refuse(MACROS)


def _limit(packed: int) -> int:
    """Bytes to which a file of so many may unpack."""
    return min(MAX_UNPACKED, max(RATIO_FLOOR, MAX_RATIO * packed))


def _too_much(unpacked: int) -> Refusal:
    return refuse(f"文件展开后有 {unpacked / MIB:.0f} MB，大得不寻常，没有打开；请只留要导入的行，另存后再试。")


def _blocks(data: bytes, part: zipfile.ZipInfo, budget: list[int]) -> Iterator[bytes]:
    """A part unpacked piece by piece; what it really comes to is taken off ``budget``, whatever the archive says."""
    at = part.header_offset
    name, extra = struct.unpack("<26x2H", data[at : at + 30])
    start = at + 30 + name + extra
    packed = data[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        pieces = iter([packed])
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        pieces = _inflated(packed)
    else:
        raise refuse(f"文件的压缩方式不常见，{RESAVE}")
    tail, size = b"", 0
    for piece in pieces:
        size += len(piece)
        budget[0] -= len(piece)
        if budget[0] < 0:
            raise _too_much(MAX_UNPACKED)
        yield tail + piece
        tail = piece[-_OVERLAP:]
    if size != part.file_size:
        raise refuse(BROKEN)


def _inflated(packed: bytes) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    while not stream.eof:
        piece = stream.decompress(packed, _BLOCK)
        packed = stream.unconsumed_tail
        if not piece and not packed and not stream.eof:
            raise refuse(BROKEN)  # cut off
        yield piece


def _check_part(name: str, kind: str, blocks: Iterator[bytes]) -> None:
    """One part, read to its end: no archive in it, no entities, and no cells where no table has any."""
    first = next(blocks, b"")
    if first.startswith(_INNER):
        raise refuse(f"文件里还嵌着另一个压缩包或工作簿，没有打开；请删去嵌入的对象，{RESAVE}")
    xml = name.endswith((".xml", ".rels", ".vml")) or first.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    if xml:
        _check_encoding(first)
    sheet = xml and kind == "xlsx" and b"worksheet" in first[:4096]
    rows = _OdsRows() if kind == "ods" and name == "content.xml" else None
    for block in chain([first], blocks):
        if xml and _DECLARES.search(block):
            raise refuse(f"文件里夹有外部引用的声明（XML 实体），可能不安全，没有打开；{RESAVE}")
        if sheet:
            _check_cells(block)
        if rows:
            rows.check(block)


def _check_encoding(head: bytes) -> None:
    """UTF-8, as every spreadsheet program writes: in another encoding the checks above would look past the text."""
    said = _ENCODING.search(head.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in head[:64] or (said and said[1].upper() not in (b"UTF-8", b"UTF8", b"US-ASCII")):
        raise refuse(f"表格内部的文字编码不常见，{RESAVE}")


def _check_cells(block: bytes) -> None:
    """A reader fills the rectangle from the first cell to the last, so one stray cell at the far corner is refused."""
    if _SIGN_FAR.search(block):
        if _FAR_ROW.search(block):
            raise refuse(TOO_LONG)
        if _FAR_COLUMN.search(block):
            raise refuse(TOO_WIDE)
    if _SIGN_NO_PLACE.search(block) and _NO_PLACE.search(block):
        raise refuse(f"表格不是由常用软件保存的，单元格没有写位置，{RESAVE}")


class _OdsRows:
    """Rows of an open document, which says «the same again so many times»."""

    def __init__(self) -> None:
        self.row, self.repeated = 0, 1

    def check(self, block: bytes) -> None:
        for found in _ODS_PART.finditer(block):
            if found[0] == b"<table:table ":
                self.row, self.repeated = 0, 1
            elif found[0].startswith(b"<table:table-row"):
                self.row, self.repeated = self.row + self.repeated, int(found[1] or 1)
            elif self.row + self.repeated > MAX_ROWS + ABOVE:
                raise refuse(TOO_LONG)
            elif found[2] and int(found[2]) > MAX_COLUMNS:
                raise refuse(TOO_WIDE)


def _check_ods(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        kind, manifest = (archive.open(name).read(MIB) for name in ("mimetype", "META-INF/manifest.xml"))
    if b"spreadsheet" not in kind:
        raise refuse(f"这不是表格文件，{RESAVE}")
    if b"encryption-data" in manifest:
        raise refuse(LOCKED)

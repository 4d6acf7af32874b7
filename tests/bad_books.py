"""Files that nobody should send, and odd ones that people do: bombs, locked, cut off, mislabelled, forged. All made here."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any

import books
import xlsxwriter
import xlwt

from rules.identity import make_resident_id

HEAD = ["姓名", "身份证号", "联系电话"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_turns = count(1)


def people(howmany: int = 1) -> list[list[str]]:
    """Good lines of people nobody else is."""
    made = []
    for _ in range(howmany):
        n = next(_turns)
        made.append(["陶思源", make_resident_id("530103", date(1975, 1, 1) + timedelta(days=n), n % 999), f"137{n:08d}"])
    return made


def one_row(heads: list[str], cells: list[Any]) -> bytes:
    """A workbook of one line, numbers and days as such."""

    def fill(book, sheet):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        clock = book.add_format({"num_format": "h:mm"})
        for at, (head, cell) in enumerate(zip(heads, cells, strict=True)):
            sheet.write_string(0, at, head)
            if isinstance(cell, str):
                sheet.write_string(1, at, cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(1, at, cell)
            elif isinstance(cell, int | float):
                sheet.write_number(1, at, cell)
            else:
                sheet.write_datetime(1, at, cell, day if isinstance(cell, date) else clock)

    return books.xlsx_of(fill)


def good() -> bytes:
    return books.xlsx([HEAD, *people()])


def changed(data: bytes, **parts: bytes | Callable[[bytes], bytes] | None) -> bytes:
    """The archive with parts replaced, edited, taken out or added; ``sheet``, ``book`` and ``strings`` are short for theirs."""
    short = {"sheet": "xl/worksheets/sheet1.xml", "book": "xl/workbook.xml", "strings": "xl/sharedStrings.xml"}
    wanted = {short.get(name, name): what for name, what in parts.items()}
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in wanted if name not in old.namelist())]:
            content = old.read(name) if name in old.namelist() else b""
            what = wanted.get(name, content)
            if what is not None:
                new.writestr(name, what(content) if callable(what) else what)
    return kept.getvalue()


def written(*rows: list) -> bytes:
    """By XlsxWriter, which keeps texts in a part of their own."""
    return books.xlsx_of(lambda book, sheet: [sheet.write_row(at, 0, row) for at, row in enumerate(rows)])


# --- bombs ---


def bomb_of_blanks() -> bytes:
    return changed(good(), **{"xl/worksheets/sheet2.xml": b" " * 150_000_000})


def bomb_that_lies() -> bytes:
    """The archive says of one part that it is small; it is not."""
    data = bytearray(bomb_of_blanks())
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.find(mark)
        while place >= 0:
            if struct.unpack("<I", data[place + at : place + at + 4])[0] == 150_000_000:
                data[place + at : place + at + 4] = struct.pack("<I", 1000)
                data[place + at - 8 : place + at - 4] = struct.pack("<I", zlib.crc32(b" " * 1000))
            place = data.find(mark, place + 4)
    return bytes(data)


def bomb_of_many_parts() -> bytes:
    return changed(good(), **{f"xl/media/{n}.xml": b"<a/>" for n in range(3_000)})


def bomb_nested() -> bytes:
    inner = good()
    for _ in range(5):
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("0.zip", inner)
            archive.writestr("1.zip", inner)
        inner = kept.getvalue()
    return changed(good(), **{"xl/embeddings/oleObject1.bin": inner})


def bomb_that_overlaps() -> bytes:
    """Every entry of the list points at the same bytes, as the archives that hold themselves do."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/media/0.xml", b"<a>" + b"x" * 100_000 + b"</a>", zipfile.ZIP_STORED)
        first = new.infolist()[-1]
        for n in range(1, 50):
            twin = zipfile.ZipInfo(f"xl/media/{n}.xml")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(twin, name, getattr(first, name))
            new.filelist.append(twin)
    return kept.getvalue()


def bomb_of_one_text() -> bytes:
    """One text of a million letters that ten thousand cells repeat: 57 KB on the disk, 10 GB in the reader."""
    strings = f'<sst xmlns="{MAIN}"><si><t>{"a" * 1_000_000}</t></si></sst>'.encode()
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 10_001))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode()
    return changed(written(HEAD, *people()), strings=strings, sheet=sheet)


def bomb_of_repeated_ods() -> bytes:
    cell = f'<table:table-cell table:number-columns-repeated="100" office:value-type="string"><text:p>{"a" * 1000}</text:p></table:table-cell>'
    return books.ods([], f'<table:table-row table:number-rows-repeated="190000">{cell}</table:table-row>')


# --- locked, cut off, mislabelled ---


def _ole(*streams: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"".join(name.encode("utf-16-le") for name in streams)


def locked() -> bytes:
    return _ole("EncryptionInfo", "EncryptedPackage")


def locked_ods() -> bytes:
    return books.ods([HEAD, *people()], manifest="<encryption-data/>")


def locked_entries() -> bytes:
    data = bytearray(good())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


def cut() -> bytes:
    return good()[:-900]


def cut_within() -> bytes:
    whole = good()
    return whole[:1500] + b"\0" * 700 + whole[2200:]


def cut_xls() -> bytes:
    return books.xls([HEAD, *people()])[:3000]


def web_page() -> bytes:
    return "<html><body><table><tr><td>姓名</td></tr></table></body></html>".encode()


def xml_2003() -> bytes:
    return b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


def csv_text() -> bytes:
    return books.text([HEAD, *people()])


def csv_gbk() -> bytes:
    return books.text([HEAD, *people()], "gbk")


def tsv_utf16() -> bytes:
    return books.text([HEAD, *people()], "utf-16", "\t")


def csv_big5_noise() -> bytes:
    return "姓名".encode("gbk") + b"\xff\xff\x80"


def csv_nul() -> bytes:
    return "姓名,身份证号,联系电话\n李\0明,1,2\n".encode()


def csv_quote() -> bytes:
    return '姓名,身份证号,联系电话\n"李明,1,2\n'.encode()


def csv_wide() -> bytes:
    return ("姓名,身份证号,联系电话" + "," * 500 + "x\n").encode()


def picture() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\0" * 100


def pdf() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\n"


def program() -> bytes:
    return b"MZ\x90\x00" + b"\0" * 200


def nothing() -> bytes:
    return b""


def blanks() -> bytes:
    return b" \r\n\t \r\n"


def letter() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return kept.getvalue()


def xls_good() -> bytes:
    return books.xls([HEAD, *people()])


def ods_good() -> bytes:
    return books.ods([HEAD, *people()])


def ods_cut() -> bytes:
    return books.ods([], "<table:table-row><table:table-cell")


def too_large() -> bytes:
    return b"PK\x03\x04" + bytes(21 * 1024 * 1024)


def past_the_request() -> bytes:
    return bytes(33 * 1024 * 1024)


# --- what hides in a workbook ---


def macros() -> bytes:
    return changed(good(), **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"})


def macros_xls() -> bytes:
    return _ole("Workbook", "_VBA_PROJECT_CUR", "_VBA_PROJECT")


_XXE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
    ) + b"]>"
)  # fmt: skip


def _declaring(what: bytes, part: str, data: bytes) -> bytes:
    def put(xml: bytes) -> bytes:
        head, mark, rest = xml.rpartition(b"?>")
        return head + mark + what + rest

    return changed(data, **{part: put})


def entity_in_sheet() -> bytes:
    return _declaring(_XXE, "sheet", good())


def entity_in_strings() -> bytes:
    return _declaring(_XXE, "strings", written(HEAD, *people()))


def laughs() -> bytes:
    return _declaring(_LAUGHS, "sheet", good())


def entity_in_rels() -> bytes:
    return _declaring(_XXE, "xl/_rels/workbook.xml.rels", good())


def entity_in_ods() -> bytes:
    return _declaring(_XXE, "content.xml", ods_good())


def entity_in_utf16() -> bytes:
    return changed(good(), sheet=lambda xml: ('<?xml version="1.0" encoding="UTF-16"?>' + _XXE.decode()).encode("utf-16"))


def outside_links() -> bytes:
    link = f'<externalLink xmlns="{MAIN}"><externalBook/></externalLink>'.encode()
    return changed(good(), **{"xl/externalLinks/externalLink1.xml": link})


def climbing() -> bytes:
    return changed(good(), **{"../../../etc/cron.d/x": b"* * * * * root"})


def rooted() -> bytes:
    return changed(good(), **{"/etc/x": b"x"})


def twice() -> bytes:
    return changed(good(), **{"XL/Worksheets/sheet1.xml": b"<worksheet/>"})


def odd_packing() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_LZMA) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return kept.getvalue()


# --- shapes ---


def million_blank_rows() -> bytes:
    def fill(book, sheet):
        grey = book.add_format({"bg_color": "#CCCCCC"})
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, people()[0])
        for row in range(2, 1_000_000, 9):
            sheet.write_blank(row, 0, None, grey)

    return books.xlsx_of(fill)


def _far(row: int, column: int) -> bytes:
    def fill(book, sheet):
        sheet.write_row(0, 0, HEAD)
        sheet.write_string(row, column, "x")

    return books.xlsx_of(fill)


far_row, far_column, far_corner = partial(_far, 1_000_000, 0), partial(_far, 3, 16_000), partial(_far, 1_048_575, 16_383)


def lying_size() -> bytes:
    """The sheet says that it fills a million rows and all columns; it has two rows."""
    return changed(good(), sheet=lambda xml: xml.replace(b'<dimension ref="A1:C2"', b'<dimension ref="A1:XFD1048576"'))


def no_places() -> bytes:
    row = f'<row><c t="inlineStr"><is><t>{HEAD[0]}</t></is></c></row>'
    return changed(good(), sheet=f'<worksheet xmlns="{MAIN}"><sheetData>{row}</sheetData></worksheet>'.encode())


def formulas() -> bytes:
    """Numbers worked out by a formula that no program has worked out yet."""
    (one,) = people()

    def fill(book, sheet):
        sheet.write_row(0, 0, HEAD)
        sheet.write_string(1, 0, one[0])
        sheet.write_formula(1, 1, f'="{one[1][:6]}"&"{one[1][6:]}"', None, "")
        sheet.write_string(1, 2, one[2])

    return books.xlsx_of(fill)


def formulas_worked_out() -> bytes:
    (one,) = people()

    def fill(book, sheet):
        sheet.write_row(0, 0, HEAD)
        for at, cell in enumerate(one):
            sheet.write_formula(1, at, f'="{cell}"', None, cell)

    return books.xlsx_of(fill)


def merged() -> bytes:
    return books.xlsx([["花名册"], HEAD, *people()], merge="A1:C1")


def hidden_sheet() -> bytes:
    def fill(book, sheet):
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, people()[0])
        other = book.add_worksheet("藏着")
        other.write_row(0, 0, HEAD)
        other.write_row(1, 0, ["坏人2", "1", "2"])
        other.hide()

    return books.xlsx_of(fill)


def hidden_row() -> bytes:
    def fill(book, sheet):
        sheet.write_row(0, 0, HEAD)
        for at, one in enumerate(people(2), 1):
            sheet.write_row(at, 0, one)
        sheet.set_row(2, None, None, {"hidden": True})

    return books.xlsx_of(fill)


def heads_twice() -> bytes:
    (one,) = people()
    return books.xlsx([[*HEAD, "姓名"], [*one, "别的名字"]])


def heads_missing() -> bytes:
    return books.xlsx([HEAD[:2], people()[0][:2]])


def heads_turned() -> bytes:
    return books.xlsx([HEAD[::-1], people()[0][::-1]])


def heads_spaced() -> bytes:
    return books.xlsx([[f" {head[:1]} {head[1:]}　" for head in HEAD], *people()])


def heads_hidden_marks() -> bytes:
    return books.xlsx([[f"\u200b{head}\ufeff" for head in HEAD], *people()])


def no_rows() -> bytes:
    return books.xlsx([HEAD])


def no_sheets_shown() -> bytes:
    return changed(good(), book=lambda xml: xml.replace(b'state="visible"', b'state="hidden"'))


def same_person_twice() -> bytes:
    (one,) = people()
    return books.xlsx([HEAD, one, one])


def one_bad_of_many() -> bytes:
    rows = people(20)
    rows[12][2] = "1381234"
    return books.xlsx([HEAD, *rows])


def scientific() -> bytes:
    return books.xlsx([HEAD, ["陶思源", "5.30102E+17", "13700000000"]])


def number_for_card() -> bytes:
    return books.xlsx([HEAD, ["陶思源", 530102199003071094.0, "13700000000"]])


def apostrophes() -> bytes:
    (one,) = people()
    return books.xlsx([HEAD, [one[0], f"'{one[1]}", one[2]]])


def phone_as_number() -> bytes:
    (one,) = people()
    return books.xlsx([HEAD, [one[0], one[1], int(one[2])]])


def days_mixed() -> bytes:
    """Birth dates as text, as a day and as a number of the spreadsheet, of people whose cards say the same."""
    rows = people(3)
    born = [date(int(r[1][6:10]), int(r[1][10:12]), int(r[1][12:14])) for r in rows]
    said = [f"{born[0].year}年{born[0].month}月{born[0].day}日", born[1], (born[2] - date(1899, 12, 30)).days]
    return books.xlsx([[*HEAD, "出生日期"], *([*row, day] for row, day in zip(rows, said, strict=True))])


def epoch_1904() -> bytes:
    """A workbook of an old Mac, whose days count from 1904: read by its own count."""
    (one,) = people()
    born = date(int(one[1][6:10]), int(one[1][10:12]), int(one[1][12:14]))
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEAD, "出生日期"])
        sheet.write_row(1, 0, one)
        sheet.write_datetime(1, 3, born, book.add_format({"num_format": "yyyy-mm-dd"}))
    return kept.getvalue()


def errors() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for at, head in enumerate(HEAD):
        sheet.write(0, at, head)
    for at in range(3):
        sheet.write(1, at, xlwt.Formula("1/0"))
    return books._saved(book.save)


# --- divisions ---


def divisions_good() -> bytes:
    return "code,name\n530102009,新街道\n".encode()


def divisions_orphan() -> bytes:
    return "code,name\n530199009001,无主社区\n".encode()


def divisions_bad_code() -> bytes:
    return "code,name\n53010x,某街道\n".encode()


def divisions_control() -> bytes:
    return "code,name\n530102010,某\x07街道\n".encode()


def divisions_long() -> bytes:
    return ("code,name\n530102011," + "长" * 500 + "\n").encode()


# --- policy ---


def policy_too_large() -> bytes:
    return b"# " + b"x" * 70_000


def policy_named_wrong() -> bytes:
    return b'topic = "exchange"\n'

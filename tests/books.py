"""Real files for the import tests: the same rows as .xlsx, .xls, .ods and .csv."""

import csv
import io
import zipfile
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
import xlwt

_ODS = "urn:oasis:names:tc:opendocument:xmlns:"


def xlsx(rows, merge: str = "") -> bytes:
    """Written by openpyxl; ``merge`` is a range such as A1:F1."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if merge:
        book.active.merge_cells(merge)
    return _saved(book.save)


def xlsx_of(fill) -> bytes:
    """Written by XlsxWriter; ``fill(book, sheet)`` puts the cells."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        fill(book, book.add_worksheet())
    return kept.getvalue()


def xls(rows) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    return _saved(book.save)


def ods(rows, body: str = "", manifest: str = "") -> bytes:
    """The least that LibreOffice and calamine take for a spreadsheet; ``body`` replaces the rows' XML."""
    lines = (
        "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
            for cell in row
        )
        for row in rows
    )
    body = body or "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    spaces = " ".join(f'xmlns:{name}="{_ODS}{name}:1.0"' for name in ("office", "table", "text"))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest xmlns="{_ODS}manifest:1.0">{manifest}</manifest>')
        archive.writestr(
            "content.xml",
            f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="表">{body}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return kept.getvalue()


def text(rows, encoding: str = "utf-8-sig", mark: str = ",") -> bytes:
    kept = io.StringIO(newline="")
    csv.writer(kept, delimiter=mark).writerows(rows)
    return kept.getvalue().encode(encoding)


def _saved(save) -> bytes:
    kept = io.BytesIO()
    save(kept)
    return kept.getvalue()

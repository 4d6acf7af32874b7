"""Paper as real Chromium prints it: pages measured in millimetres, their words, and whether anything is cut off.

``print_of(page)`` prints what a window shows; the PDF stays in ``PRINTED`` where that is set, to be looked at.
"""

import io
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page
from pypdf import PdfReader

A4, A4_WIDE, A5, CARD = (210.0, 297.0), (297.0, 210.0), (148.0, 210.0), (85.6, 54.0)
_POINT = 25.4 / 72  # mm

# Every box and every line of text of a sheet lies within it, and text within its cell; else it says which, and by how much.
_CUT = r"""() => {
  const mm = px => px * 25.4 / 96, wrong = [], near = 0.25;
  const out = (inner, outer) => Math.max(outer.left - inner.left, inner.right - outer.right, outer.top - inner.top, inner.bottom - outer.bottom);
  const say = (what, by) => { if (mm(by) > near) wrong.push(`${what} by ${mm(by).toFixed(2)} mm`); };
  for (const sheet of document.querySelectorAll(".sheet, .flow")) {
    const page = sheet.getBoundingClientRect();
    for (const one of sheet.querySelectorAll("*")) {
      if (one.closest("svg") && one.tagName !== "svg") continue;
      const box = one.getBoundingClientRect();
      if (box.width && !one.closest(".fit")) say(`<${one.tagName.toLowerCase()} class="${one.className}"> ${one.textContent.trim().slice(0, 30)}`, out(box, page));
    }
    const walk = document.createTreeWalker(sheet, NodeFilter.SHOW_TEXT);
    for (let text; (text = walk.nextNode());) {
      if (!text.data.trim() || text.parentElement.closest(".fit")) continue;
      const range = document.createRange(); range.selectNodeContents(text);
      const cell = text.parentElement.closest("td, th, dd, .cell");
      for (const line of range.getClientRects()) say(`text «${text.data.trim().slice(0, 30)}»`, Math.max(out(line, page), cell ? out(line, cell.getBoundingClientRect()) - 2 : 0));
    }
    for (const one of sheet.querySelectorAll(".fit")) {
      const line = parseFloat(getComputedStyle(one).lineHeight) || one.clientHeight;
      if (one.scrollHeight > one.clientHeight + line / 2) wrong.push(`«${one.textContent.trim().slice(-20)}» does not fit its cell, and no word says where the rest is`);
    }
    for (const one of sheet.querySelectorAll(".sheet > *, .fit")) if (!one.classList.contains("fit")) say("a block", out(one.getBoundingClientRect(), page));
  }
  return wrong;
}"""
_SHEETS = """() => [...document.querySelectorAll(".sheet")].map(one => one.getBoundingClientRect())
  .map(box => [box.width * 25.4 / 96, box.height * 25.4 / 96])"""
_ROUNDED = 0.17  # mm: Chromium rounds a page to steps of 1/75 inch; what it prints on it is exact


@dataclass(frozen=True)
class Printed:
    """What came out of the printer."""

    sizes: list[tuple[float, float]]  # mm, a page each
    texts: list[str]  # without white space, for a PDF breaks words where it likes
    cut_off: list[str]
    sheets: list[tuple[float, float]]  # mm, as laid out for print; none where the pages flow

    @property
    def pages(self) -> int:
        return len(self.sizes)

    def says(self, *words: str) -> bool:
        """Whether all these words stand somewhere on the pages."""
        whole = "".join(self.texts)
        return all(_bare(word) in whole for word in words)

    def all_are(self, size: tuple[float, float]) -> bool:
        """Whether every sheet is of this size to a tenth of a millimetre, and every page of the PDF as near as it can be."""
        return all(abs(a - b) <= 0.1 for one in self.sheets for a, b in zip(one, size, strict=True)) and all(
            abs(a - b) <= _ROUNDED for one in self.sizes for a, b in zip(one, size, strict=True)
        )


def print_of(page: Page, name: str = "") -> Printed:
    """Print what the window shows, in the sizes that the page itself asks for."""
    page.emulate_media(media="print")
    cut_off, sheets = page.evaluate(_CUT), [tuple(one) for one in page.evaluate(_SHEETS)]
    page.emulate_media(media="null")
    made = page.pdf(prefer_css_page_size=True, print_background=True)
    if (folder := os.environ.get("PRINTED")) and name:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.pdf").write_bytes(made)
    pages = PdfReader(io.BytesIO(made)).pages
    sizes = [(float(one.mediabox.width) * _POINT, float(one.mediabox.height) * _POINT) for one in pages]
    return Printed(sizes, [_bare(one.extract_text()) for one in pages], cut_off, sheets)


# Radicals that a PDF's font map gives for the ideograph and that Unicode does not fold into it.
_RADICALS = str.maketrans("⻓⻚⻔⻢⻋⻅⻛⻜⻝⻥⻦⻨⻩⻬⻰⺟⻘⻄⻆⻁⺠⻮⻉⻳⻣⻤⻙⺫⺝", "长页门马车见风飞食鱼鸟麦黄齐龙母青西角虎民齿贝龟骨鬼韦目月")


def _bare(text: str) -> str:
    """Without white space, which a PDF puts where it likes, and with ideographs for the radicals that it may give."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(_RADICALS)

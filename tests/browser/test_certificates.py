"""The certificate of service from a real Chromium: one whole A4 sheet; and the open page as anybody sees it."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from printed import A4, print_of
from test_screen_certificates import valid
from walks_certificates import asked
from walks_signing import SAID

from cast import past_the_notice
from models.certificates import Certificate
from models.peers import Peer
from models.signing import InstallationKey, describe, public_card
from views.certificates import found_in

pytestmark = pytest.mark.browser
LONG = "阿卜杜热合曼·买买提依明·吐尔逊江·艾则孜"


@pytest.mark.parametrize(("name", "days"), [("李明", 1), (LONG, 14)])
def test_a_certificate_of_service_fills_one_sheet_and_is_verified(cast, browser, name, days):
    person = cast.registered(name)
    cast.posted(person, minutes=480 * days)
    row = asked(cast, person, purpose="other", purpose_note="申请社会实践学分，交学校团委")
    Certificate.move(row.id, "accept", cast.recorder)
    Certificate.move(row.id, "issue", cast.head)
    past_the_notice()
    row = Certificate.move(row.id, "confirm", cast.head)
    page = browser.signed_in_as(cast.recorder)
    assert page.goto(f"/admin/certificates/certificate/?id={row.id}").status == 200
    paper = print_of(page, f"service-{days}")
    assert paper.all_are(A4) and paper.pages == 1 and not paper.cut_off
    assert paper.says(row.number, "志愿者编号", "服务时间", "负责人", "经办人", "盖章处", f"{row.hours}小时")
    assert not paper.says(person.document_number)
    assert page.goto(f"/verify/{row.code}").status == 200
    assert "现在有效" in page.content() and name not in page.content()
    if kept := os.environ.get("PRINTED"):
        page.set_viewport_size({"width": 1366, "height": 768})
        page.screenshot(path=Path(kept) / f"verify-{days}.png")
        page.goto(f"/admin/certificates/details/?id={row.id}")
        page.screenshot(path=Path(kept) / f"details-{days}.png")


def scanned(page, tmp_path) -> str:
    """What a scanner reads off the paper: printed to PDF, drawn at 200 dots an inch, decoded."""
    page.emulate_media(media="print")
    page.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True, print_background=True)
    drawn = pypdfium2.PdfDocument(tmp_path / "paper.pdf")[0].render(scale=200 / 72).to_pil()
    (code,) = zxingcpp.read_barcodes(drawn.convert("L"))
    return code.text


def test_the_printed_code_leads_to_the_open_page_and_is_checked_by_another_installation(cast, browser, tmp_path):
    describe("", "https://zyfw.example.cn", cast.admin)
    row = valid(cast)
    page = browser.signed_in_as(cast.recorder)
    page.goto(f"/admin/certificates/certificate/?id={row.id}")
    text = scanned(page, tmp_path)
    link = urlsplit(text)
    assert (link.scheme, link.netloc) == ("https", "zyfw.example.cn") and "." in link.fragment
    assert page.goto(link.path).status == 200 and "现在有效" in page.content()
    card = json.dumps(public_card())
    InstallationKey.delete().execute()  # from here on somebody else's: it holds other keys, and knows ours by the card
    assert "不在互认单位" in found_in(text).wrong
    peer = Peer.take_in(card, cast.admin)
    Peer.move(peer.id, "confirm", cast.county, **SAID["confirm"])
    found = found_in(text)
    assert found.signed.peer == peer and not found.signed.ours and found.signed.payload["no"] == row.number
    assert found_in(text[:-8] + "AAAAAAAA").wrong


def test_without_an_address_the_printed_code_is_the_signed_part_alone(cast, browser, tmp_path):
    row = valid(cast)
    page = browser.signed_in_as(cast.recorder)
    page.goto(f"/admin/certificates/certificate/?id={row.id}")
    assert found_in(scanned(page, tmp_path)).own == row

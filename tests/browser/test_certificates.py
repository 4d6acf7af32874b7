"""The certificate of service from a real Chromium: one whole A4 sheet; and the open page as anybody sees it."""

import os
from pathlib import Path

import pytest
from printed import A4, print_of
from walks_certificates import asked

from cast import past_the_notice
from models.certificates import Certificate

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

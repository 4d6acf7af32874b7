"""The screens of certificates and peers, the open page, the offline check, and the ledger."""

import io
import json
import re

import pytest
from test_signing import signed_by
from walks_certificates import asked
from walks_signing import SAID, stranger

from cast import past_the_notice
from desk import Desk
from models import failures
from models.audit import Trail
from models.certificates import Certificate
from models.peers import Peer
from models.refusals import Refusal
from models.signing import describe, described, public_card
from rules.certificates import TYPE, signed_part
from rules.identity import mask_name
from rules.signing import SIGN
from views.certificates import found_in
from views.ledgers import out


def valid(cast) -> Certificate:
    row = asked(cast)
    Certificate.move(row.id, "accept", cast.recorder)
    Certificate.move(row.id, "issue", cast.head)
    past_the_notice()
    return Certificate.move(row.id, "confirm", cast.head)


def test_an_application_is_entered_accepted_and_issued_at_the_desk(cast, desk):
    person = cast.registered()
    cast.posted(person, minutes=120)
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/certificates/new/")
    assert window.status == 200
    window.post("/admin/certificates/new/", {"volunteer": str(person.id), "purpose": "study"})
    row = Certificate.get()
    assert row.state == "asked" and "将证明 2.00 小时" in window.get(f"/admin/certificates/details/?id={row.id}").html


def test_the_printed_certificate_has_its_four_blocks_and_no_whole_number(cast, desk):
    row = valid(cast)
    page = desk.signed_in_as(cast.recorder).get(f"/admin/certificates/certificate/?id={row.id}")
    assert page.status == 200
    for says in ("一、志愿者", "二、服务时间和内容", "三、出具单位", "四、其他事项", row.number, "盖章处", row.handler, row.in_charge):
        assert says in page.html
    assert row.volunteer.document_number not in page.html
    assert Trail.select().where(Trail.action == "print", Trail.table == "certificate").count() == 1


def test_the_open_page_says_how_it_stands_and_no_more(cast, desk):
    row = valid(cast)
    page = Desk(desk.app).get(f"/verify/{row.code}")
    assert page.status == 200 and "现在有效" in page.html and row.number in page.html and "4.00" in page.html
    for secret in (row.volunteer.name, row.volunteer.document_number, row.volunteer.card_no, row.handler):
        assert secret not in page.html
    Certificate.move(row.id, "revoke", cast.head, reason="冒领的理由不公开")
    page = Desk(desk.app).get(f"/verify/{row.code}")
    assert "已撤销" in page.html and "冒领" not in page.html


def test_unknown_codes_are_all_answered_alike_and_too_many_make_the_address_wait(cast, desk):
    row = asked(cast)
    nobody, said = Desk(desk.app), set()
    for code in ("x", str(row.id), "A" * 32, "%E4%BD%A0", "a" * 400):
        page = nobody.get(f"/verify/{code}")
        said.add((page.status, re.sub(r'name="(token|back)" value="[^"]*"', "", page.html)))
    assert len(said) == 1 and {status for status, _ in said} == {404}
    for _ in range(failures.FREE["address"]):
        failures.did("looking", "127.0.0.1")
    page = nobody.get("/verify/x")
    assert page.status == 429 and "分钟后再试" in page.html
    failures.must_wait("recorder", "127.0.0.1")  # signing in from there is not held up


def test_a_certificate_of_ours_is_checked_offline_and_its_state_is_shown(cast, desk):
    row = valid(cast)
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/certificates/check/")
    page = window.post("/admin/certificates/check/", {"said": f"https://a.example/verify/{row.code}#{row.token()}"})
    assert page.status == 200 and "签名有效" in page.html and row.number in page.html and "本单位登记的状态" in page.html


@pytest.mark.parametrize("said", ["", "你好", "a.b.c", "https://a.example/verify/x"])
def test_what_is_no_certificate_is_not_relied_on(cast, said):
    assert found_in(said).wrong


def test_a_peers_certificate_is_good_once_its_card_is_confirmed_and_altered_it_is_not(cast, desk):
    pairs, card = stranger()
    today = cast.a.entered_at.date()
    says = signed_part("5303022026Z0000001", "张三丰", 600, today, today, "麒麟区工作站", today)
    token = signed_by(pairs[SIGN], says)
    assert "不在互认单位" in found_in(token).wrong
    row = Peer.take_in(card, cast.admin)
    Peer.move(row.id, "confirm", cast.county, **SAID["confirm"])
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/certificates/check/")
    page = window.post("/admin/certificates/check/", {"said": token})
    assert row.name in page.html and mask_name("张三丰") in page.html and "是否已被撤销，签名看不出来" in page.html
    head, _, name = token.split(".")
    forged = signed_by(pairs[SIGN], says | {"minutes": 99999}).split(".")[1]
    assert "改动过" in found_in(f"{head}.{forged}.{name}").wrong


def test_another_use_of_our_signature_is_no_certificate(cast):
    from models.signing import sign

    assert "不是这个用途" in found_in(sign({"v": 1}, "station-transfer")).wrong and TYPE != "station-transfer"


def test_a_card_is_pasted_by_an_administrator_and_our_own_is_handed_out(cast, desk):
    window = desk.signed_in_as(cast.admin)
    window.get("/admin/peers/new/")
    window.post("/admin/peers/new/", {"card": stranger()[1]})
    row = Peer.get()
    assert row.state == "entered" and row.fingerprint in window.get(f"/admin/peers/details/?id={row.id}").html
    assert json.loads(window.get("/admin/peers/card/?file=1").html) == public_card()
    assert public_card()["fingerprint"] in window.get("/admin/peers/card/").html


def test_the_ledger_lists_what_was_certified(cast, tmp_path):
    row = valid(cast)
    assert out.write("certificates", tmp_path / "c.xlsx", cast.county).rows == 1
    assert out.write("certificates", tmp_path / "b.xlsx", cast.head_b).rows == 0
    assert row.minutes == 240


def test_without_an_address_the_paper_carries_the_signed_part_alone_and_says_so(cast, desk):
    row = valid(cast)
    address = f"/admin/certificates/certificate/?id={row.id}"
    page = desk.signed_in_as(cast.recorder).get(address)
    assert "是否已撤销，请向出具单位询问" in page.html and found_in(row.token()).own == row
    describe("翠竹社区工作站", "https://zyfw.example.cn/", cast.admin)
    page = desk.signed_in_as(cast.recorder).get(address)
    assert "扫码看本证明现在是否有效" in page.html and public_card()["url"] == "https://zyfw.example.cn"


@pytest.mark.parametrize("url", ["http://a.example", "https://u:p@a.example", "https://a.example/?x=1", "a.example", "https://"])
def test_an_administrator_sets_name_and_address_and_a_bad_one_is_refused(cast, desk, url):
    window = desk.signed_in_as(cast.admin)
    window.get("/admin/peers/own/")
    window.post("/admin/peers/own/", {"name": "新名称", "url": url})
    assert described() == {"name": "", "url": ""}
    window.get("/admin/peers/own/")
    window.post("/admin/peers/own/", {"name": "新名称", "url": "https://zyfw.example.cn"})
    assert public_card()["name"] == "新名称" and Trail.select().where(Trail.action == "describe").count() == 1
    with pytest.raises(Refusal):
        describe("别的", "", cast.head)


def test_a_card_is_taken_in_as_the_file_that_was_handed_out_and_no_other_file_is(cast, desk):
    window = desk.signed_in_as(cast.admin)
    for name, data in (("public-card.exe", stranger()[1].encode()), ("public-card.json", b"\xff\xfe"), ("a.json", b"{}")):
        window.get("/admin/peers/file/")
        window.post("/admin/peers/file/", {"file": (io.BytesIO(data), name)})
        assert Peer.select().count() == 0
    window.get("/admin/peers/file/")
    window.post("/admin/peers/file/", {"file": (io.BytesIO(stranger()[1].encode()), "public-card.json")})
    assert Peer.get().state == "entered"


def test_after_signing_keys_are_renewed_by_command_old_certificates_still_verify(cast, desk):
    token, before = valid(cast).token(), public_card()["fingerprint"]
    said = desk.app.test_cli_runner().invoke(args=["keys", "renew-signing"])
    assert said.exit_code == 0 and public_card()["fingerprint"] in said.output and public_card()["fingerprint"] != before
    assert found_in(token).own

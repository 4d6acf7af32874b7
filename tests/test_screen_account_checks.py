"""工时账核对 on the first page and on its list: quiet where the account fits, red where it does not."""

import pytest

from models.account_checks import AccountCheck, check_due
from models.clock import now
from models.hours import Balance

DO = "请先停止入账和兑换"


@pytest.fixture
def broken(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=60)
    Balance.update(honour=1).where(Balance.volunteer == volunteer.id).execute()
    (found,) = check_due()
    return found


def test_where_the_account_fits_the_first_page_says_so_quietly(cast, desk):
    cast.posted(cast.registered(), minutes=60)
    page = desk.signed_in_as(cast.head)
    assert not page.get("/admin/").says("核对相符")  # nobody has read it yet
    check_due()
    page.get("/admin/")
    assert page.says("核对相符，共 2 笔。") and page.says("工时账 今天") and not page.says(DO)
    assert desk.signed_in_as(cast.county).get("/admin/").says("1 个工作站的工时账核对相符。")
    assert desk.signed_in_as(cast.prefecture).get("/admin/").says("2 个工作站的工时账核对相符。")


def test_where_it_does_not_fit_the_head_reads_which_entry_and_what_to_do(cast, desk, broken):
    page = desk.signed_in_as(cast.head).get("/admin/")
    assert page.says(broken.first_fault) and page.says(DO) and not page.says("核对相符")
    assert page.says("工时账核对") and page.says("去看看")  # in the inbox, too
    shown = page.get("/admin/account_checks/details/", id=broken.id)
    assert shown.status == 200 and shown.says("余额与分录合计不符。")
    assert page.get("/admin/account_checks/", list="wrong").says(broken.first_fault)


def test_supervisors_see_which_of_their_stations_do_not_fit_and_a_stranger_sees_nothing(cast, desk, broken):
    county = desk.signed_in_as(cast.county).get("/admin/")
    assert county.says(cast.a.short_name) and county.says(broken.first_fault) and county.says(DO)
    both = desk.signed_in_as(cast.prefecture).get("/admin/")
    assert both.says(broken.first_fault) and both.says("1 个工作站的工时账核对相符。")
    stranger = desk.signed_in_as(cast.head_b)
    assert not stranger.get("/admin/").says(broken.first_fault)
    assert stranger.get("/admin/account_checks/details/", id=broken.id).status == 404
    assert not stranger.get("/admin/account_checks/").says(broken.first_fault)


def test_an_administrator_who_sees_no_accounts_has_no_line(cast, desk, broken):
    page = desk.signed_in_as(cast.admin).get("/admin/")
    assert page.status == 200 and not page.says("核对")


def test_many_stations_that_do_not_fit_are_counted(cast, desk, broken, monkeypatch):
    monkeypatch.setattr("views.account_checks.NAMED", 1)
    AccountCheck.update(ok=False, faults="工作站 2 第 9 笔：内容与校验码不符。", wrong_since=now()).where(AccountCheck.ok).execute()
    page = desk.signed_in_as(cast.prefecture).get("/admin/")
    assert page.says(broken.first_fault) and not page.says("第 9 笔")
    assert page.says("还有 1 个工作站核对不符")

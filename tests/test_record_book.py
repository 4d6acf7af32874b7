"""记录本: what is new goes below what is printed, a cancelled print moves nothing, a lost page is printed as it was."""

import pytest

from models.audit import Trail
from models.corrections import Correction
from models.record_book import LINES, BookLine, book_of, confirm
from models.refusals import NotFound, Refusal


@pytest.fixture
def person(cast):
    return cast.registered("李明")


def new(person, part="service"):
    return [line.row for one in book_of(person.id) if one.name == part for line in one.new]


def test_lines_are_in_the_order_of_the_account_and_add_up(cast, person):
    cast.posted(person, minutes=600)
    (service, *_) = book_of(person.id)
    assert [line.minutes for line in service.new] and service.new[-1].total == 600
    assert [line.number for line in service.new] == [1, 2] and not service.old
    assert service.new[0].cells[1] == "上门陪伴" and service.new[0].cells[2] == "陪伴老人"


def test_the_next_print_goes_on_below_the_last_that_was_confirmed(cast, person):
    cast.posted(person, minutes=600)
    assert confirm(person.id, {"service": new(person)}, cast.recorder) == 2
    assert new(person) == []
    cast.posted(person, minutes=120)
    (service, *_) = book_of(person.id)
    assert [line.number for line in service.old] == [1, 2] and [line.number for line in service.new] == [3]
    assert service.new[0].total == 720 and service.next_page == 1


def test_a_print_that_was_not_confirmed_moves_nothing(cast, desk, person):
    cast.posted(person, minutes=600)
    window = desk.signed_in_as(cast.recorder)
    for _ in range(2):
        page = window.get("/admin/volunteers/book/", id=person.id)
        assert page.says("已打印好") and page.says("上门陪伴")
    assert not BookLine.select().exists()


def test_confirming_leaves_a_trace_and_twice_changes_nothing(cast, desk, person):
    cast.posted(person, minutes=600)
    rows = " ".join(new(person))
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/volunteers/book/", id=person.id)
    assert window.post("/admin/volunteers/book/printed/", id=person.id, service=rows).says("新增 2 行")
    assert confirm(person.id, {"service": rows.split()}, cast.head) == 0
    traces = list(Trail.select().where(Trail.action == "book"))
    assert [one.after for one in traces] == [{"part": "service", "from": 1, "until": 2}]
    assert traces[0].account == cast.recorder.account_id


def test_what_came_in_between_print_and_press_is_left_for_the_next(cast, person):
    cast.posted(person, minutes=120)
    in_hand = new(person)
    cast.posted(person, minutes=120)
    assert confirm(person.id, {"service": in_hand}, cast.recorder) == 1
    assert len(new(person)) == 1


def test_lines_out_of_their_order_or_not_hers_are_refused(cast, person):
    cast.posted(person, minutes=600)
    rows = new(person)
    for wrong in (rows[::-1], ["999999"], [rows[1]]):
        with pytest.raises(Refusal, match="又有变动"):
            confirm(person.id, {"service": wrong}, cast.recorder)
    assert not BookLine.select().exists()


def test_a_correction_is_a_line_of_its_own(cast, person):
    (record,) = cast.posted(person, minutes=120)
    confirm(person.id, {"service": new(person)}, cast.recorder)
    made = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(made.id, "approve", cast.head)
    (service, *_) = book_of(person.id)
    assert [line.minutes for line in service.old] == [120]
    assert [(line.minutes, line.total) for line in service.new] == [(-120, 0)]
    assert service.new[0].cells[1].startswith("更正")


def test_a_full_page_is_followed_by_the_next_and_a_lost_one_printed_again(cast, desk, person):
    cast.posted(person, minutes=480 * (LINES + 2))
    confirm(person.id, {"service": new(person)}, cast.recorder)
    (service, *_) = book_of(person.id)
    assert [number for number, _ in service.pages(1)] == [1, 2] and service.next_page == 2
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/volunteers/book/", id=person.id).says("没有还没打印的记录")
    page = window.get("/admin/volunteers/book/", id=person.id, again=2)
    assert page.says("第 2 页") and not page.says("第 1 页") and BookLine.select().count() == LINES + 2


def test_a_stranger_prints_and_confirms_nothing(cast, desk, person):
    cast.posted(person, minutes=120)
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/volunteers/book/", id=person.id).status == 404
    with pytest.raises(NotFound):
        confirm(person.id, {"service": new(person)}, cast.head_b)
    with pytest.raises(Refusal):
        confirm(person.id, {"service": new(person)}, cast.county)

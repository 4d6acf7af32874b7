"""Certificates of before in: history on two people's word, once; and our own, which no table changes."""

from datetime import timedelta

import books
import openpyxl
import pytest
from playhouse.test_utils import count_queries
from walks_certificates import asked

from models import clock, printing
from models.certificates import Certificate
from models.hours import Balance
from models.refusals import Refusal
from models.scope import SYSTEM
from views.ledgers import out
from views.ledgers.incoming import RowsRefused
from views.ledgers.take_in import preview, take_file

HEADER = ["证明编号", "志愿者编号", "姓名", "用途", "时段起", "时段止", "证明时长（小时）", "出具日期", "经办人", "负责人"]


def row(person, **more) -> list:
    def back(days):
        return str(clock.today() - timedelta(days=days))

    said = {
        "no": "2022-015", "card": person.card_no, "name": person.name, "purpose": "升学", "first": back(400),
        "last": back(300), "hours": "60", "on": back(299), "handler": "张芳", "head": "王强",
    } | more  # fmt: skip
    return list(said.values())


def wrong(seen) -> list[tuple[int, str, str]]:
    return [(found.row, found.column, found.says) for found in seen.findings if not found.warning]


def test_a_certificate_of_before_is_history_once_a_head_confirmed_it(cast_on_either):
    cast = cast_on_either
    person = cast.registered("李明")
    table = books.xlsx([HEADER, row(person)])
    assert take_file("certificates", table, cast.recorder).new == 1
    assert take_file("certificates", table, cast.recorder).same == 1
    entered = Certificate.get()
    assert (entered.state, entered.origin, entered.paper_no, entered.minutes) == ("claimed", "earlier", "2022-015", 3600)
    stands = Certificate.move(entered.id, "vouch", cast.head)
    assert (stands.state, stands.number, stands.code, stands.issuer) == ("past", None, None, cast.a.name)
    assert Balance.get_by_id(person.id).honour == 0
    with pytest.raises(Refusal, match="以前开具"):
        printing.certificate(stands.id, cast.head)
    assert take_file("certificates", table, cast.recorder).same == 1


def test_the_head_who_entered_it_does_not_confirm_it(cast):
    take_file("certificates", books.xlsx([HEADER, row(cast.registered())]), cast.head)
    with pytest.raises(Refusal):
        Certificate.move(Certificate.get().id, "vouch", cast.head)
    with pytest.raises(Refusal):
        Certificate.move(Certificate.get().id, "vouch", cast.recorder)


def test_an_application_of_ours_cannot_be_passed_off_as_one_of_before(cast):
    with pytest.raises(Refusal, match="不是以前开具的证明"):
        Certificate.move(asked(cast).id, "claim", SYSTEM)


def test_one_that_was_turned_down_may_be_entered_anew(cast):
    table = books.xlsx([HEADER, row(cast.registered())])
    take_file("certificates", table, cast.recorder)
    Certificate.move(Certificate.get().id, "turn_down", cast.head, "存根上没有这个编号")
    assert take_file("certificates", table, cast.recorder).new == 1


@pytest.mark.parametrize(
    ("more", "column", "says"),
    [
        ({"purpose": "玩"}, "用途", "没有“玩”这种用途"),
        ({"hours": "0"}, "证明时长（小时）", "应大于 0"),
        ({"on": "2099-01-01"}, "出具日期", "还没有到"),
        ({"first": "2099-01-01"}, "时段止", "应不早于"),
        ({"handler": ""}, "经办人", "请照原证明填写"),
        ({"no": "9" * 31}, "证明编号", "最多 30 个字"),
    ],
)
def test_what_cannot_be_is_refused_at_its_cell(cast, more, column, says):
    seen = preview("certificates", books.xlsx([HEADER, row(cast.registered(), **more)]), cast.recorder)
    assert [found[:2] for found in wrong(seen)] == [(2, column)] and says in wrong(seen)[0][2]


def test_a_number_twice_or_with_other_figures_is_refused(cast):
    person = cast.registered()
    (found,) = wrong(preview("certificates", books.xlsx([HEADER, row(person), row(person)]), cast.recorder))
    assert found[:2] == (3, "证明编号") and "第 2 行" in found[2]
    take_file("certificates", books.xlsx([HEADER, row(person)]), cast.recorder)
    with pytest.raises(RowsRefused, match="内容不同"):
        take_file("certificates", books.xlsx([HEADER, row(person, hours="61")]), cast.recorder)


def test_another_stations_number_is_its_own_and_its_person_a_stranger(cast):
    person = cast.registered()
    take_file("certificates", books.xlsx([HEADER, row(person)]), cast.recorder)
    (found,) = wrong(preview("certificates", books.xlsx([HEADER, row(person)]), cast.recorder_b))
    assert "不在本站登记" in found[2]


@pytest.mark.parametrize("edit", [None, "升学"])
def test_our_own_certificate_comes_back_the_same_and_edited_is_refused_with_the_right_way(cast, tmp_path, edit):
    own = asked(cast)
    Certificate.move(own.id, "accept", cast.recorder)
    Certificate.move(own.id, "issue", cast.head)
    take_file("certificates", books.xlsx([HEADER, row(cast.registered(), purpose="就业")]), cast.recorder)
    path = tmp_path / "证明.xlsx"
    out.write("certificates", path, cast.head)
    book = openpyxl.load_workbook(path)
    for sheet in book:
        for cells in sheet.iter_rows():
            for cell in cells:
                if edit and cell.value == edit:
                    cell.value = "就业"
    book.save(path)
    seen = preview("certificates", path, cast.recorder)
    if edit is None:
        assert (seen.counts["same"], wrong(seen)) == (2, [])
    else:
        assert [found[1] for found in wrong(seen)] == ["用途"] and "撤销作废，再重新开具" in wrong(seen)[0][2]


@pytest.mark.parametrize("who", ["county", "auditor", "admin", "volunteer"])
def test_only_the_desk_takes_certificates_in(cast, who):
    with pytest.raises(Refusal):
        preview("certificates", books.xlsx([HEADER, row(cast.registered())]), getattr(cast, who))


def test_twenty_rows_ask_no_more_than_two(cast):
    rows = [row(cast.registered(), no=f"2022-{n}") for n in range(20)]
    with count_queries() as few:
        preview("certificates", books.xlsx([HEADER, *rows[:2]]), cast.recorder)
    with count_queries() as many:
        preview("certificates", books.xlsx([HEADER, *rows]), cast.recorder)
    assert many.count == few.count > 0

"""区划与工作站 on the screen: the tree, the published list taken in, a station in its community."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from desk import queries
from fixtures.divisions import divisions
from models import division_list
from models.audit import Trail
from models.division_list import Line
from models.people import Account
from models.refusals import Refusal
from models.scope import SYSTEM
from models.stations import Division, Station
from views import division_file

STREETS = Path(__file__).parents[2] / "shared" / "data" / "yunnan_streets.csv"
IMPORT = "/admin/divisions/import/"
LOOKUP = "/admin/stations/ajax/lookup/"


def file(text: str, name: str = "streets.csv", encoding: str = "utf-8"):
    return io.BytesIO(text.encode(encoding)), name


def workbook(*rows) -> tuple[io.BytesIO, str]:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return io.BytesIO(kept.getvalue()), "streets.xlsx"


# --- the list taken in ---


def test_a_published_list_is_taken_in_and_a_second_time_changes_nothing(desk, cast):
    page = desk.signed_in_as(cast.admin).get(IMPORT)
    sent = "code,name,areaCode\n530102002,护国街道,530102\n530102002001,护国社区,530102\n530102001,华山街道,530102\n"
    page.post(IMPORT, file=file(sent))
    assert page.says("新增 2 个，相同 1 个，改名 0 个")
    row = Division.get_by_id("530102002001")
    assert (row.level, row.parent_id, row.full_name()) == (
        "community",
        "530102002",
        "云南省昆明市五华区护国街道护国社区",
    )
    page.post(IMPORT, file=file(sent))
    assert page.says("新增 0 个，相同 3 个")
    assert Trail.select().where(Trail.action == "import").count() == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_list_without_a_header_is_read_whatever_wrote_it(desk, cast, encoding):
    page = desk.signed_in_as(cast.admin)
    page.post(IMPORT, file=file('530102002,"护国街道",530102,53,5301\n', encoding=encoding))
    assert page.says("新增 1 个") and Division.get_by_id("530102002").name == "护国街道"


def test_a_workbook_with_a_title_row_and_padded_codes_is_read(desk, cast):
    rows = [("昆明市街道名单",), ("名称", "区划代码"), ("护国街道", 530102002000), ("大观街道", "530102003")]
    page = desk.signed_in_as(cast.admin).post(IMPORT, file=workbook(*rows))
    assert page.says("新增 2 个") and Division.get_by_id("530102002").name == "护国街道"


def test_one_bad_row_and_nothing_is_written(desk, cast):
    sent = "code,name\n530102002,护国街道\n539999001,无上级街道\n5301020,短码\n530102003,\n530102002,重复\n"
    page = desk.signed_in_as(cast.admin).post(IMPORT, file=file(sent))
    assert page.says("有 4 行需要改正，一行也没有写入")
    assert page.says("上级区划 539999 还没有登记") and page.says("现为 7 位") and page.says("缺少名称")
    assert page.says("代码 530102002 与第 2 行重复")
    assert Division.get_or_none(Division.code == "530102002") is None
    assert not Trail.select().where(Trail.action == "import").exists()


def test_a_renamed_street_is_said_by_name(desk, cast):
    page = desk.signed_in_as(cast.admin).post(IMPORT, file=file("code,name\n530102001,华山西街道\n"))
    assert page.says("改名 1 个") and page.says("530102001 华山街道 → 华山西街道")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (None, "请先选择要导入的文件"),
        (file("第一列,第二列\n甲,乙\n"), "没有找到「区划代码」和「名称」两列"),
        ((io.BytesIO(b"PK\x03\x04 broken"), "a.xlsx"), "文件不完整或已损坏"),
        ((io.BytesIO(b"\x00\x01\x02"), "a.csv"), "认不出文件的文字编码"),
        (file("code,name\n\n"), "里没有内容"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(desk, cast, sent, says):
    if sent is not None:
        sent = (io.BytesIO(sent[0].getvalue()), sent[1])
    page = desk.signed_in_as(cast.admin).post(IMPORT, file=sent)
    assert page.status == 200 and page.says(says)


def test_only_the_administrator_takes_a_list_in(desk, cast):
    for who in (cast.head, cast.county, cast.auditor):
        page = desk.signed_in_as(who)
        assert page.get(IMPORT).status == 403
        assert page.post(IMPORT, file=file("530102002,护国街道\n")).status == 403
        with pytest.raises(Refusal):
            division_list.take_in([Line(1, "530102002", "护国街道")], who)
    assert Division.get_or_none(Division.code == "530102002") is None


def test_every_street_of_the_province_goes_in_with_a_few_statements(cast):
    for code, name in divisions():
        if Division.get_or_none(Division.code == code) is None:
            Division.enter(SYSTEM, code=code, name=name)
    lines = division_file.read(STREETS.name, STREETS.read_bytes())
    with queries() as sent:
        taken = division_list.take_in(lines, cast.admin, STREETS.name)
    assert len(lines) == 1461 and taken.new + taken.same == 1461 and len(sent) < 14
    assert len(taken.refused) == len(taken.renamed) == 0


# --- by hand ---


def test_a_street_and_its_community_are_added_by_hand(desk, cast):
    page = desk.signed_in_as(cast.admin)
    page.post("/admin/divisions/new/", code="530103002", name="鼓楼街道", active="y")
    page.post("/admin/divisions/new/", code="530103002001", name="圆通社区", active="y")
    assert page.says("云南省昆明市盘龙区鼓楼街道圆通社区")
    page.post("/admin/divisions/new/", code="530103002001", name="又一个", active="y")
    assert page.says("已经登记过") and page.says('value="又一个"')
    page.post("/admin/divisions/new/", code="530199001", name="无处街道", active="y")
    assert page.says("上级区划 530199 还没有登记")


def test_a_code_is_never_changed(desk, cast):
    row = Division.get_by_id("530103001")
    page = desk.signed_in_as(cast.admin)
    page.post(
        "/admin/divisions/edit/?id=530103001", code="530103009", name="拓东街道", active="y", revision=row.revision
    )
    assert page.says("不能更改") and Division.get_or_none(Division.code == "530103009") is None


# --- stations ---


def test_the_picker_tells_two_streets_of_one_name_apart_the_nearer_first(desk, cast):
    Division.enter(SYSTEM, code="530302001", name="华山街道")
    page = desk.signed_in_as(cast.admin)
    found = page.get(LOOKUP, name="division", q="华山").json()
    assert {row["text"] for row in found} == {"云南省昆明市五华区华山街道", "云南省曲靖市麒麟区华山街道"}
    near = desk.signed_in_as(cast.recorder).get("/admin/volunteers/ajax/lookup/", name="residence", q="华山").json()
    assert near[0]["text"] == "云南省昆明市五华区华山街道"
    assert page.get(LOOKUP, name="division", q="530302001").json()[0]["id"] == "530302001"
    assert page.get(LOOKUP, name="division", q="昆明市").json() == []  # no station stands in a whole prefecture


def test_an_administrator_of_one_prefecture_picks_and_founds_only_there(desk, cast):
    Division.enter(SYSTEM, code="530302001", name="华山街道")
    local = Account.enter(
        SYSTEM, username="local", name="曲靖管理员", role="admin", division="5303", active=True
    ).actor()
    page = desk.signed_in_as(local)
    assert [row["id"] for row in page.get(LOOKUP, name="division", q="华山").json()] == ["530302001"]
    page.post("/admin/stations/new/", name="越界工作站", division="530102001", head_name="某人", active="y")
    assert (
        page.says("所选社区不在您负责的区划内") and not Station.select().where(Station.name == "越界工作站").exists()
    )


def test_a_station_is_founded_in_a_community_and_nowhere_wider(desk, cast):
    page = desk.signed_in_as(cast.admin).get("/admin/stations/new/")
    page.post("/admin/stations/new/", name="昆明工作站", division="5301", head_name="某人", active="y")
    assert page.says("请选到社区一级") and page.says('value="昆明工作站"') and page.says("云南省昆明市")
    page.post("/admin/stations/new/", name="华山街道工作站", division="530102001", head_name="某人", active="y")
    assert page.says("接下来在「账号」里为它新增一位站长") and page.says("云南省昆明市五华区华山街道")


def test_a_head_keeps_her_stations_telephone_but_not_its_place(desk, cast):
    page = desk.signed_in_as(cast.head).get(f"/admin/stations/edit/?id={cast.a.id}")
    assert not page.says('name="division"') and not page.says('name="active"')
    said = {"name": cast.a.name, "head_name": "张站长", "phone": "087165123456", "revision": 0}
    page.post(f"/admin/stations/edit/?id={cast.a.id}", said | {"division": "530103001001"})
    row = Station.get_by_id(cast.a.id)
    assert (row.phone, row.division_id, row.active) == ("0871-65123456", "530102001001", True)
    assert page.get(f"/admin/stations/edit/?id={cast.b.id}").status == 404
    assert page.get("/admin/stations/new/").status == 403

"""需求台账: in full for the own station, masked for whoever is above, and by the command line."""

from openpyxl import load_workbook
from served import dispatched, household, need, recipient

from views.ledgers import out

ADDRESS = "昆明市五华区华山街道翠竹巷 3 栋 201"


def lines(path):
    """Each row of the workbook as header -> value, the totals row out."""
    grid = [list(row) for row in load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    return [dict(zip(grid[2], row, strict=True)) for row in grid[3:-1]]


def told(cast):
    home = household(cast.recorder, name="赵德旺", address=ADDRESS, phone="13811112222")
    person = recipient(cast.recorder, home, name="普文兰", hardship=["01", "05"])
    activity = cast.activity()
    need(cast.recorder_b, household(cast.recorder_b, name="吴正清"), content="别站的事")
    dispatched(cast, need(cast.recorder, home, recipient=person.id, content="代为取药"), activity)
    need(cast.recorder, home, content="全户的事", category="02")


def test_the_own_station_reads_names_and_what_was_told_but_sealed_values_only_with_a_reason(cast, tmp_path):
    told(cast)
    out.write("needs", tmp_path / "a.xlsx", cast.head)
    first, second = lines(tmp_path / "a.xlsx")
    assert (first["户主"], first["服务对象"], first["需求内容"]) == ("赵德旺", "普文兰", "代为取药")
    assert (first["困难类别"], first["联系电话"]) == ("＊＊", "138****2222")
    assert (first["状态"], first["承接项目"], first["核实人"]) == ("已派单", "爱心陪伴", "李若溪")
    assert second["服务对象"] is None and second["需求类别"] == "文体活动"
    out.write("needs", tmp_path / "b.xlsx", cast.head, full=True, reason="街道备案")
    first = lines(tmp_path / "b.xlsx")[0]
    assert (first["困难类别"], first["详细住址"]) == ("空巢老人、服刑人员子女", ADDRESS)
    out.write("needs", tmp_path / "c.xlsx", cast.head, filters={"state": "asked"})
    assert len(lines(tmp_path / "c.xlsx")) == 1


def test_above_the_station_nobody_is_named(cast, tmp_path):
    told(cast)
    out.write("needs", tmp_path / "a.xlsx", cast.county)
    rows = lines(tmp_path / "a.xlsx")
    assert len(rows) == 2
    for private in ("赵德旺", "普文兰", "取药", "空巢", "翠竹巷 3 栋 201", "13811112222"):
        assert private not in str(rows)
    assert rows[0]["户主"] == "赵*旺" and rows[0]["需求类别"] == "家政服务"

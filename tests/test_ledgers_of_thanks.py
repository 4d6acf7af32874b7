"""The ledgers of 星级认定 and 嘉许 follow a case from application to certificate (domain: 拟定星级、审核、公示起止、异议、证书号)."""

from datetime import timedelta

from openpyxl import load_workbook
from test_honours import a_team, noticed, outside, own

from models import clock
from models.honours import Honour
from models.notices import Objection
from models.stars import StarGrant
from views.ledgers import out


def rows_of(path) -> list[dict]:
    """The body of the first sheet by heading, the sums left out."""
    lines = [[cell.value for cell in line] for line in load_workbook(path).worksheets[0].iter_rows()]
    at = next(n for n, line in enumerate(lines) if "工作站" in line)
    body = [dict(zip(lines[at], line, strict=True)) for line in lines[at + 1 :]]
    return [row for row in body if row["状态"]]


def test_the_stars_ledger_follows_the_case(cast_on_either, tmp_path):
    cast = cast_on_either
    person = cast.registered("李明")
    cast.posted(person, 6000)
    star = cast.noticed_star(StarGrant.get())
    said = Objection.enter(cast.recorder, notice=star.notice_id, record=star.id, said_by="邻居", reason="时长不实")
    Objection.move(said.id, "dismiss", cast.county, "属实")
    notice = star.notice
    clock.move_demo_clock(20)
    star = StarGrant.move(star.id, "recognise", cast.county)
    out.write("stars", tmp_path / "s.xlsx", cast.head)
    (row,) = rows_of(tmp_path / "s.xlsx")
    assert (row["审核人"], row["异议（件）"], row["证书编号"]) == (cast.county.name, 1, star.certificate_no)
    assert [row[name].date() for name in ("公示起", "公示止", "认定日期")] == [
        notice.opens_on, notice.closes_on, star.recognised_on,
    ]  # fmt: skip
    assert out.write("stars", tmp_path / "b.xlsx", cast.head_b).rows == 0


def test_the_honours_ledger_holds_volunteers_and_teams_and_nothing_void(cast_on_either, tmp_path):
    cast = cast_on_either
    noticed(cast, own(cast, volunteer=None, team=a_team(cast).id))
    given = outside(cast, given_on=clock.today() - timedelta(days=9))
    Honour.move(outside(cast, title="没有证明").id, "void", cast.recorder, reason="没有证明")
    out.write("honours", tmp_path / "h.xlsx", cast.county)
    team, person = rows_of(tmp_path / "h.xlsx")
    assert (team["服务队"], team["授予层级"], team["状态"]) == ("夕阳红服务队", "本站", "公示中")
    assert (person["授予单位"], person["证明材料"]) == (given.body, given.proof)
    assert out.write("honours", tmp_path / "b.xlsx", cast.head_b).rows == 0

"""What becomes of an open application for a post (岗位报名) when its volunteer moves."""

from walks_transfer import Other, agreed, flying

from models.applications import Application
from models.audit import Trail
from models.transfer import take_receipt
from models.volunteers import Claim


def lines(row: Application) -> list[tuple[str, str]]:
    said = Trail.select(Trail.action, Trail.reason).where(Trail.table == "application", Trail.row == str(row.id))
    return list(said.order_by(Trail.id).tuples())


def test_packed_for_another_installation_it_ends_with_the_reason_and_her_place_is_free(cast):
    person, post = agreed(cast, cast.registered()), cast.post(headcount=1)
    waits = Application.apply(post.id, person.id, cast.recorder)
    Application.move(waits.id, "accept", cast.head)
    other = Other(cast)
    row = flying(cast, other, [person])
    ended = Application.get_by_id(waits.id)
    assert (ended.state, ended.outcome) == ("ended", f"转出到{row.addressee}")
    assert lines(waits)[-1] == ("end", f"转出到{row.addressee}")
    take_receipt(other.answer(row, taken=(), reason="没有这个人"), cast.recorder)
    assert Application.get_by_id(waits.id).state == "ended"  # her place may be another's by now
    assert Application.apply(post.id, person.id, cast.recorder).state == "applied"


def test_claimed_by_another_station_of_ours_it_stands_and_says_where_she_is_now(cast, desk):
    person, post = cast.registered(), cast.post(headcount=1)
    row = Application.apply(post.id, person.id, cast.recorder)
    window = desk.signed_in_as(cast.head)
    assert not window.get("/admin/applications/details/", id=row.id).says("别的工作站的志愿者")
    claim = Claim.ask("resident_id", person.document_number, "搬到环城社区", cast.recorder_b)
    Claim.move(claim.id, "agree", cast.head)
    stands = Application.get_by_id(row.id)
    assert (stands.state, stands.station_id) == ("applied", cast.a.id)
    assert lines(row)[-1] == ("follow", "搬到环城社区")
    page = window.get("/admin/applications/details/", id=row.id)
    assert page.says("别的工作站的志愿者") and page.says(cast.b.name) and page.says("本人转到别的工作站")
    assert Application.move(row.id, "accept", cast.head).state == "accepted"
    Application.move(row.id, "withdraw", cast.recorder, "搬走了，不来了")
    assert not window.get("/admin/applications/details/", id=row.id).says("别的工作站的志愿者")

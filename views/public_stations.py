"""学雷锋志愿服务工作站 (方案 三(2)): where they are, and a page for each."""

from flask import abort, render_template, request

from models import clock
from models.catalogue import RewardItem
from models.places import counties, lies_in, of_level, streets
from models.projects import Project
from models.seeking import open_to_all, with_posts
from models.stations import Division, Station
from models.stories import Story
from rules.publicity import SHOWN
from views import cells
from views.gate import right
from views.openly import openly, page_asked
from views.public_notices import on_show
from views.public_site import pages

SIZE = 20  # stations on a page
MOST_ITEMS = 50  # to exchange for
MOST = 10  # projects, notices or stories of one station


@pages.get("/stations/")
@right("read", "stations")
@openly(indexed=True)
def stations() -> str:
    """Counties, and the stations of the one that is chosen; where there is but one county, its stations at once."""
    places = counties()
    county = of_level(request.args.get("county", ""), "county") or (places[0].code if len(places) == 1 else "")
    street = of_level(request.args.get("street", ""), "street")
    street = street if county and street.startswith(county) else ""
    page, rows = page_asked(), []
    if county:
        query = Station.select(Station, Division).join(Division).where(Station.active, lies_in(street or county))
        rows = list(query.order_by(Station.division, Station.id).offset(page * SIZE).limit(SIZE + 1))
    return render_template(
        "public/stations.html", places=places, county=county, street=street, streets=streets(county) if county else [],
        rows=rows[:SIZE], page=page, more=len(rows) > SIZE,
    )  # fmt: skip


@pages.get("/stations/<int:key>")
@right("read", "stations")
@openly(indexed=True)
def station(key: int) -> str:
    """One working station: where it is, when it is open, whom to call, and what it does now."""
    row = Station.select(Station, Division).join(Division).where(Station.id == key, Station.active).first()
    if row is None:
        abort(404)
    projects = list(open_to_all().where(Project.station == key).limit(MOST))
    with_posts(projects)
    items = RewardItem.select().where(RewardItem.station == key, RewardItem.active).order_by(RewardItem.points, RewardItem.id)
    told = Story.select().where(Story.station == key, Story.state.in_(SHOWN))
    return render_template(
        "public/station.html", row=row, projects=projects, notices=list(on_show().where(Station.id == key).limit(MOST)),
        items=[one for one in items.limit(MOST_ITEMS) if one.open_on(clock.today())], told=list(told.order_by(Story.published_on.desc(), Story.id.desc()).limit(MOST)), show=cells.show,
    )  # fmt: skip

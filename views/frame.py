"""What the frame around every screen shows: the menu, who and where, the demo clock."""

from flask import Flask, g, request

from models import clock
from models.stations import Division, Station
from views import menu, waiting


def init(app: Flask, admin) -> None:
    """Give the templates what the frame needs; each is asked for only where it is drawn."""

    def side_menu():
        current = next((v for v in admin._views if v.blueprint and v.blueprint.name == request.blueprint), None)
        return menu.side_menu(admin._views, current, waiting.counts(g.actor))

    def demo_clock() -> str:
        return clock.today().isoformat() if clock.is_demo() else ""

    def whereabouts() -> str:
        who = g.actor
        if who.station_id:
            return Station.get_by_id(who.station_id).name
        return Division.get_by_id(who.division).name if who.division else ""

    def has_route(name: str) -> bool:
        return name in app.view_functions

    app.jinja_env.globals.update(
        has_route=has_route, side_menu=side_menu, demo_clock=demo_clock, whereabouts=whereabouts
    )

"""What the frame around every screen shows: the menu, who and where, the demo clock."""

from flask import Flask, Response, g, request

from models import clock, messages
from models.scope import Actor
from models.stations import Division, Station
from views import menu, waiting


def init(app: Flask, admin) -> None:
    """Give the templates what the frame needs; each is asked for only where it is drawn."""

    badges = app.extensions["badges"] = waiting.Badges()

    @app.after_request
    def _forget(response: Response) -> Response:
        if request.method == "POST":
            (badges.forget if request.path.startswith("/admin/") else badges.age)()
        return response

    def side_menu():
        current = next((v for v in admin._views if v.blueprint and v.blueprint.name == request.blueprint), None)
        return menu.side_menu(admin._views, current, badges.counts(g.actor))

    def demo_clock() -> str:
        if "demo_clock" not in g:  # the template asks twice
            g.demo_clock = clock.today().isoformat() if clock.is_demo() else ""
        return g.demo_clock

    def whereabouts() -> str:
        if "whereabouts" not in g:
            g.whereabouts = _place(g.actor)
        return g.whereabouts

    def unseen() -> int:
        return int(badges.kept((g.actor, "messages"), lambda: messages.unseen(g.actor)))

    def has_route(name: str) -> bool:
        return name in app.view_functions

    app.jinja_env.globals.update(
        has_route=has_route, side_menu=side_menu, demo_clock=demo_clock, whereabouts=whereabouts, unseen=unseen
    )


def _place(who: Actor) -> str:
    if who.station_id:
        return Station.get_by_id(who.station_id).name
    return Division.get_by_id(who.division).name if who.division else ""

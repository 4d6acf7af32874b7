"""The public site's one blueprint, its line of navigation, and how a text is read by anyone."""

from collections.abc import Iterable

from flask import Blueprint, g
from markupsafe import Markup

from models.places import Place
from models.publicity import hidden_words
from rules.publicity import blanked

pages = Blueprint("public", __name__)
# The one line of navigation: endpoint and name.
MENU = [
    ("public.front", "首页"), ("public.projects", "项目"), ("public.stations", "工作站"), ("public.notices", "公示"),
    ("public.stories", "事迹"), ("public.policy", "政策"), ("public.figures", "统计"), ("verify.ask", "核验"),
]  # fmt: skip
pages.add_app_template_global(lambda: MENU, "public_menu")


@pages.app_template_filter("publicly")
def publicly(text: str) -> str:
    """The text as anyone may read it: what is refused today was perhaps published before it was."""
    if "hidden_words" not in g:
        g.hidden_words = hidden_words()
    shown = blanked(str(text), g.hidden_words)
    return Markup(shown) if isinstance(text, Markup) else shown


@pages.app_template_filter("pairs")
def pairs(places: Iterable[Place]) -> list[tuple[str, str]]:
    """Places to choose from, by code."""
    return [(one.code, one.name) for one in places]

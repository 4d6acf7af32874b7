"""A page of the back office that is not a table: the same door, the same menu, the same frame."""

from flask import abort, g, redirect, request, url_for
from flask_admin import BaseView

from rules.access import TABLE
from views.asking import allowed, at_the_desk


class DeskPage(BaseView):
    """Subclasses say their ``title``, ``step`` in the menu and ``resource`` in the access table."""

    title = ""
    step = ""
    resource = ""
    path = ""
    entry = "index"

    def __init__(self) -> None:
        if self.resource not in TABLE:
            raise TypeError(f"{type(self).__name__}: the access table does not know «{self.resource}»")
        path = self.path or self.resource
        super().__init__(name=self.title, endpoint=path, url=f"/admin/{path}")

    def is_accessible(self) -> bool:
        return at_the_desk() and allowed("see", self.resource)

    def inaccessible_callback(self, name: str, **kwargs):
        if g.get("actor") is None:
            return redirect(url_for("login", next=request.full_path.rstrip("?")))
        abort(403)

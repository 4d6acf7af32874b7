"""A page of the back office that is not a table: the same door, the same menu, the same frame."""

from flask_admin import BaseView

from rules.access import TABLE
from views.asking import allowed


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
        return allowed("see", self.resource)

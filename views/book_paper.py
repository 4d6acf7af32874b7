"""记录本 on paper: the pages since the last print, below the line where it ended; confirmed once they are in the book."""

from flask import Response, flash, redirect, request
from flask_admin import expose

from models import clock, record_book
from models.refusals import NotFound, Refusal
from views.asking import actor
from views.drawn import qr
from views.fitting import Leaf, fitted, width
from views.gate import right
from views.wording import worded


class PrintsBooks:
    """What the screen of volunteers prints of a record book."""

    @expose("/book/")
    @right("print")
    def book_view(self) -> str | Response:
        """What is new, on the page where the last print ended; ``?again=N`` every page from page N on, whole;
        ``?fresh=1`` what is new on paper that bears nothing yet."""
        key, again = request.args.get("id", type=int), request.args.get("again", 0, type=int)
        try:
            person, parts = record_book.to_print(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        shown = [part for part in parts if part.new or (again > 0 and part.old)]
        return self.render(
            "paper/book.html", person=person, parts=shown, again=max(again, 0), fresh="fresh" in request.args, qr=qr,
            leaf=Leaf(), fitted=fitted, width=width,
            new=sum(len(part.new) for part in parts), today=clock.today(), back=self.get_url(".details_view", id=person.id),
        )  # fmt: skip

    @expose("/book/printed/", methods=("POST",))
    @right("book")
    def book_printed_view(self) -> Response:
        """What was printed lies in the book now: the next print goes on below it."""
        key = request.form.get("id", type=int)
        printed = {name: request.form.get(name, "").split() for name in record_book.PARTS}
        try:
            count = record_book.confirm(key, printed, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".book_view", id=key))
        flash(worded("已记下打印到哪一行，新增 %(count)s 行；下次从下一行接着打。", count=count), "good")
        return redirect(self.get_url(".details_view", id=key))

"""Photographs beside a sign-in sheet: sent in, looked at while keying, taken down."""

from flask import Response, flash, redirect, request
from flask_admin import expose
from peewee import fn

from models import photos
from models.activities import SignInSheet
from models.moves import whole
from models.refusals import NotFound, Refusal
from models.scope import find
from views import pictures, uploads
from views.asking import actor, allowed
from views.gate import right
from views.wording import worded


class ShowsPhotos:
    """What the screen of sheets has of photographs."""

    @expose("/attach/", methods=("POST",))
    @right("enter", "photos")
    def attach_view(self) -> Response:
        """A photograph of a sheet; of one that is not keyed yet, the sheet begins with it."""
        by = actor()
        sheet, activity = request.form.get("sheet", type=int), request.form.get("activity", type=int)
        back = self.get_url(".key", sheet=sheet) if sheet else self.get_url(".key", activity=activity)
        try:
            if sheet:
                find(SignInSheet, sheet, by)
            sent = uploads.received(pictures.PHOTO)
            made = pictures.reencoded(sent.data)
            with whole():
                paper = sheet or SignInSheet.enter(by, activity=activity).id
                photos.attach(paper, made.jpeg, made.size, sent.name, by)
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(back)
        flash(worded("照片已加密保存，照片里的拍摄地点等信息已去掉。"), "good")
        return redirect(self.get_url(".key", sheet=paper))

    @expose("/photo/<int:key>")
    @right("read", "photos")
    def photo_view(self, key: int) -> Response:
        """The picture itself; looking at it leaves a trace, and no browser keeps it."""
        try:
            row = photos.read(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            return Response(str(no), 410, mimetype="text/plain")
        answer = Response(row.jpeg, mimetype="image/jpeg")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/photo/strike/", methods=("POST",))
    @right("strike", "photos")
    def strike_view(self) -> Response:
        """Take a photograph down, with the reason."""
        key = request.form.get("id", type=int)
        try:
            row = photos.take_down(key, request.form.get("reason", ""), actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            row = find(photos.Photo, key, actor())
        else:
            flash(worded("照片已撤下。"), "good")
        return redirect(self.get_url(".key", sheet=row.sheet_id))

    def photos_of(self, sheet: SignInSheet | None) -> list[photos.Photo]:
        """Those beside a sheet, for whoever may look at them."""
        return photos.of_sheet(sheet.id, actor()) if sheet and allowed("read", "photos") else []


def count_photos(sheets: list[SignInSheet]) -> None:
    """Set on each sheet how many photographs lie beside it, in one query."""
    standing = photos.Photo.select(photos.Photo.sheet, fn.COUNT(photos.Photo.id)).where(
        photos.Photo.sheet.in_([row.id for row in sheets]), photos.Photo.cleared_at.is_null()
    )
    counted = dict(standing.group_by(photos.Photo.sheet).tuples())
    for row in sheets:
        row.photo_count = counted.get(row.id, 0)

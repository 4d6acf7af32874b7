"""A photograph beside a sheet, and a line that stands in a paper book, of station A."""

from models import photos
from models.activities import SignInSheet
from models.record_book import BookLine, book_of, confirm
from models.volunteers import Volunteer

JPEG = b"\xff\xd8\xff\xe0 a photograph"


def add(cast, keys) -> None:
    keys[photos.Photo] = photos.attach(keys[SignInSheet], JPEG, (4, 3), "签到表.jpg", cast.recorder).id
    service = book_of(keys[Volunteer])[0]
    confirm(keys[Volunteer], {"service": [line.row for line in service.new]}, cast.recorder)
    keys[BookLine] = BookLine.get().id

"""A printed code of a volunteer of station A."""

from models.first_codes import FirstCode, make


def add(cast, keys) -> None:
    someone = cast.registered("何琴")
    make(someone.id, cast.head)
    keys[FirstCode] = someone.id

"""A row of 期初工时 of station A."""

from walks_openings import opening

from models.openings import Opening
from models.volunteers import Volunteer


def add(cast, keys) -> None:
    keys[Opening] = opening(cast, Volunteer.get_by_id(keys[Volunteer])).id

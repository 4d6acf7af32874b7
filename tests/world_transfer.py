"""A row of station A of each table of transfers between installations."""

from walks_transfer import Other, a_dissolution, departure

from models.dissolving import Dissolution
from models.stations import Station
from models.transfer import Arrival, Brought, Departure, receive
from models.transfer_in import Arriver
from models.transfer_out import Leaver


def add(cast, keys) -> None:
    other = Other(cast, "昭通市昭阳区志愿服务平台")
    row = departure(cast, other)
    keys[Departure], keys[Leaver] = row.id, Leaver.get(Leaver.departure == row.id).id
    keys[Dissolution] = a_dissolution(cast, Station.select().order_by(Station.id.desc()).get())[1]
    keys[Arrival] = receive(other.package(), cast.recorder).id
    keys[Arriver] = Arriver.get(Arriver.arrival == keys[Arrival]).id
    keys[Brought] = Brought.create(
        volunteer=Leaver.get_by_id(keys[Leaver]).volunteer_id, kind="records", uid="other:records:1", source="某站", title="助餐",
        data='{"uid": "other:records:1", "minutes": 60}',
    ).id  # fmt: skip

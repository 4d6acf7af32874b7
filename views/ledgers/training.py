"""培训台帐 (domain: 台帐 no. 3; Order 67 art. 8): who was at which training, for how long and with what result."""

from peewee import Case, ModelSelect

from models.courses import Attendance, Training
from models.stations import Station
from models.volunteers import Volunteer
from views.ledgers.columns import CARD, NAME, STATION, Column, Ledger

_MINUTES = Case(Attendance.state, [("enrolled", None)], Attendance.minutes)  # until it is known who came: blank, not 0.00
_STATES = Case(Training.state, [(state.name, state.label) for state in Training.life.states])


def _training(query: ModelSelect) -> ModelSelect:
    return query.join_from(Attendance, Training).join_from(Attendance, Volunteer).join_from(Attendance, Station)


TRAINING = Ledger(
    "training", "培训", "attendances", Attendance,
    (
        STATION,
        Column(Training.id, "int", 8, header="培训编号", name="training_id"),
        Column(Training.day, "date", 11, name="day"),
        Column(Training.name, width=22),
        Column(Training.topic, "term", 16, words="training_topic"),
        Column(Training.content, "long_text", 30),
        Column(Training.form, "choice", 10),
        Column(Training.level, "choice", 8),
        Column(Training.place, width=18),
        Column(Training.speaker, width=12),
        Column(Training.organiser, width=26),
        Column(Training.minutes, "hours", 10, header="学时（小时）", name="course_minutes"),
        CARD,
        NAME,
        Column(Attendance.state, "state", 9, header="参训情况"),
        Column(_MINUTES, "hours", 12, header="实到学时（小时）", name="minutes", total=True),
        Column(Attendance.result, "choice", 8),
        Column(Training.qualification, "term", 12, words="qualification"),
        Column(_STATES, width=12, header="培训状态", name="training_state"),
    ),
    _training, order=Attendance.id, day=Training.day, filters=("state", "volunteer", "training", "result"),
    leaves_out=("withdrawn",),
)  # fmt: skip

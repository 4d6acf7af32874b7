"""Forms made from the models: one control a column, in the groups of the paper form, errors in Chinese beside them."""

from contextlib import suppress
from typing import Any

from peewee import (
    BooleanField,
    DateField,
    DateTimeField,
    Field,
    ForeignKeyField,
    IntegerField,
    TextField,
    TimeField,
)
from wtforms import (
    BooleanField as Tick,
)
from wtforms import (
    DateField as Day,
)
from wtforms import (
    DateTimeLocalField,
    Form,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import (
    Field as Control,
)
from wtforms import (
    TimeField as Clock,
)
from wtforms.validators import Optional

from models import vocabulary
from models.base import BaseModel
from models.fields import (
    CodeField,
    CodesField,
    MinutesField,
    MoneyField,
    SealedCodesField,
    SealedField,
    SealedText,
    StationsField,
)
from models.scope import known, within
from models.stations import Station
from rules.findings import Finding
from rules.money import read_yuan, show_yuan
from rules.reading import half_width, read_minutes, whole_number
from rules.service_grid import DAYS, PARTS
from views.asking import actor
from views.cells import called
from views.wording import worded

PLEASE_CHOOSE = "请选择"
LONGEST_NUMBER = 30  # digits of a number that a form reads at all; the data layer says which is too large


def offered(choices: list[tuple[Any, str]], *, blank: bool) -> list[tuple[Any, str]]:
    """Fixed choices in the reader's language, after a line that chooses nothing."""
    return [*([("", worded(PLEASE_CHOOSE))] if blank else []), *((value, worded(label)) for value, label in choices)]


class Said:
    """WTForms' own messages in Chinese (its catalogue has gaps)."""

    def gettext(self, text: str) -> str:
        said = {
            "Not a valid date value.": "日期不对，应写作 2026-03-05。",
            "Not a valid time value.": "时间不对，应写作 08:30。",
            "Not a valid choice.": "没有这一项，请从列表中选择。",
            "Not a valid datetime value.": "日期时间不对。",
        }
        return worded(said.get(text, text))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


class DeskForm(Form):
    """The base of every form: Chinese messages, and findings of the data layer put beside their fields."""

    class Meta:
        def get_translations(self, form: Form) -> Said:
            return Said()

    def take(self, findings: list[Finding]) -> None:
        """Put each finding beside its field; what belongs to none is summed at the top."""
        for finding in findings:
            field = self._fields.get(finding.where)
            (field.errors if field is not None else self.form_errors).append(finding.says)
            if field is not None:
                field.errors = list(field.errors)


class WholeNumber(StringField):
    """A whole number, full-width digits too; blank is nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = half_width(valuelist[0]).strip() if valuelist else ""
        self.typed = text
        if not text:
            self.data = None
            return
        self.data = whole_number(text.removeprefix("-"), LONGEST_NUMBER)
        if self.data is None:
            raise ValueError(f"「{self.label.text}」应是整数，现在是「{text if len(text) <= 30 else text[:30] + '…'}」。")
        self.data = -self.data if text.startswith("-") else self.data

    def _value(self) -> str:
        return getattr(self, "typed", None) or ("" if self.data is None else str(self.data))


class Money(StringField):
    """An amount typed in 元 and kept in 分; blank is nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.typed = text
        self.data = None
        if text:
            self.data = read_yuan(text)

    def _value(self) -> str:
        return getattr(self, "typed", None) or ("" if self.data is None else show_yuan(self.data))


class Hours(StringField):
    """A length of time typed in hours and kept in whole minutes; blank is nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.typed = text
        self.data = None
        if text:
            self.data = read_minutes(text)

    def _value(self) -> str:
        return getattr(self, "typed", None) or ("" if self.data is None else f"{self.data / 60:.2f}")


class Picked(Control):
    """A row of another table, found by typing; only rows that the person may know of are taken."""

    def __init__(self, *args: Any, target: type[BaseModel], **kwargs: Any) -> None:
        self.target = target
        super().__init__(*args, **kwargs)

    def process_data(self, value: Any) -> None:
        self.data = value._pk if isinstance(value, BaseModel) else value

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() or None if valuelist else None
        with suppress(ValueError):  # what is no key at all is looked up as it was typed, and not found
            self.data = self.data and self.target._meta.primary_key.adapt(self.data)  # 7 as rows have it, not «7»

    @property
    def shown(self) -> str:
        """The text of the chosen row, blank where there is none in the person's division."""
        if not self.data:
            return ""
        row = known(self.target, self.data, actor())
        if row is None:
            return ""
        return row.full_name() if hasattr(row, "full_name") else called(row)


CLEAR = "-"  # what a sealed box says to empty the column


class Sealed(StringField):
    """A sensitive value: shown masked beside the box, never put back into it; a blank box keeps what is there.

    What was typed just now and refused is put back: it came from this page and is the person's own typing.
    """

    masked = ""

    def process_data(self, value: Any) -> None:
        self.kept = value
        self.data = None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() if valuelist else None

    def _value(self) -> str:
        return self.data or ""


def control(field: Field) -> Control:
    """The form control for one column."""
    about = {
        "label": field.verbose_name or field.name,
        "description": field.help_text or "",
        "validators": [Optional()],
    }
    if isinstance(field, ForeignKeyField):
        return Picked(target=field.rel_model, **about)
    if isinstance(field, SealedField) and not isinstance(field, SealedCodesField | SealedText):
        return Sealed(**about)
    if isinstance(field, StationsField):
        made = SelectMultipleField(**about, choices=_stations)
    elif isinstance(field, CodesField | SealedCodesField):
        made = SelectMultipleField(**about, choices=_codes(field))
    elif isinstance(field, CodeField):
        made = SelectField(**about, choices=lambda: [*offered([], blank=True), *vocabulary.choices(field.kind)])
    elif field.choices:
        default = field.default if isinstance(field.default, str) else ""
        made = SelectField(**about, choices=lambda: offered(field.choices, blank=not default), default=default,
                           coerce=_whole if isinstance(field, IntegerField) else str)  # fmt: skip
    elif isinstance(field, BooleanField):
        made = Tick(**about, default=field.default)
    elif isinstance(field, DateTimeField):
        made = DateTimeLocalField(**about)
    elif isinstance(field, DateField):
        made = Day(**about)
    elif isinstance(field, TimeField):
        made = Clock(**about)
    elif isinstance(field, MoneyField):
        made = Money(**about)
    elif isinstance(field, MinutesField):
        made = Hours(**about, default=field.default if isinstance(field.default, int) else None)
    elif isinstance(field, IntegerField):
        made = WholeNumber(**about, default=field.default if isinstance(field.default, int) else None)
    elif isinstance(field, TextField):
        made = TextAreaField(**about)
    else:
        made = StringField(**about)
    return made


MOST_STATIONS = 200  # ticks on a form; a wider division names itself instead


def _stations() -> list[tuple[str, str]]:
    """The stations in use of the person's division, to be ticked."""
    rows = Station.select(Station.id, Station.name).where(within(Station, actor()), Station.active)
    return [(str(row.id), row.short_name) for row in rows.order_by(Station.division).limit(MOST_STATIONS)]


def _whole(said: Any) -> int | None:
    """What a list of numbers sends: its number, or nothing."""
    return None if said in (None, "") else int(said)


def _codes(field: CodesField | SealedCodesField):
    if field.kind:
        return lambda: vocabulary.choices(field.kind)
    return [(f"{n:02d}", f"{day}{part}") for n, (day, part) in enumerate(((d, p) for d in DAYS for p in PARTS), 1)]


def form_for(model: type[BaseModel], names: list[str]) -> type[DeskForm]:
    """A form of these columns."""
    return type(f"{model.__name__}Form", (DeskForm,), {name: control(model._meta.fields[name]) for name in names})


def values(form: DeskForm, *, row: BaseModel | None = None) -> dict[str, Any]:
    """What the form says, as the data layer takes it: blanks as the column's own blank, sealed blanks left alone."""
    said = {}
    for name, field in form._fields.items():
        if isinstance(field, Sealed) and not field.data and row is not None:
            continue
        said[name] = None if isinstance(field, Sealed) and field.data == CLEAR else field.data
    return said


def blanks(model: type[BaseModel], said: dict[str, Any]) -> dict[str, Any]:
    """Empty strings become what the column keeps for «nothing»."""
    done = {}
    for name, value in said.items():
        column = model._meta.fields[name]
        if value in ("", None) and not isinstance(column, CodesField):
            value = None if column.null or column.default is None or not isinstance(column.default, str) else ""
            if value is None and not column.null and column.default is not None and not callable(column.default):
                value = column.default
        done[name] = value
    return done


__all__ = ["DAYS", "PARTS", "DeskForm", "Picked", "Sealed", "blanks", "control", "form_for", "values"]

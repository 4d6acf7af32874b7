"""What a move asks for (`Move.asks`) as a form: on the row's page, or on a page of its own for several rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.base import BaseModel
from rules.life import Move
from views import forms


def form_of(model: type[BaseModel], move: Move, row: Any = None, typed: Any = None) -> forms.DeskForm:
    """The form of one move. Its names carry the move's: several such forms stand on one page."""
    made = forms.form_for(model, list(move.asked))
    return made(typed, obj=row, prefix=_prefix(move))


def forms_of(model: type[BaseModel], moves: Iterable[Move], row: Any) -> dict[str, forms.DeskForm]:
    """The forms of those among these moves that ask for something."""
    return {move.name: form_of(model, move, row) for move in moves if move.asks}


def answered(move: Move, typed: Mapping[str, Any]) -> bool:
    """Whether the form was on the page that sent this, rather than only the move's button."""
    return any(name.startswith(_prefix(move)) for name in typed)


def answers(model: type[BaseModel], form: forms.DeskForm | None) -> dict[str, Any]:
    """What the form says, by the names of the columns; nothing where nothing is asked."""
    return forms.blanks(model, forms.values(form)) if form else {}


def _prefix(move: Move) -> str:
    return f"{move.name}-"

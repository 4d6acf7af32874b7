"""Every Chinese text that a screen shows through the catalogue, gathered from where it is written.

Three sources: what templates say with ``_('…')``, what views and the wiring say with ``worded("…")``, and what the
declarations hold (columns, states, moves, roles, policies, screens, ledgers), which reach the page by variables.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from pathlib import Path

from admin_app import errors, signing_in
from admin_app import jobs as jobs_runner
from models import faults, policy_words, statistics
from models.fields import CodesField
from models.previews import earning, exchange, giving, outcome, people, records, run
from models.previews import stars as preview_stars
from models.schema import TABLES
from rules import policy, retention, states, stations, topics
from rules.access import Role
from rules.service_grid import DAYS, PARTS
from rules.sign_ups import STANDINGS
from rules.stars import stars_label
from views import (
    all_screens,
    audit_search,
    audit_words,
    base,
    cells,
    certificate_figures,
    counted,
    decisions,
    jobs,
    menu,
    public_site,
    sign_ups,
)
from views import statistics as statistics_page
from views.assignments import DAYS_OF_WEEK
from views.forms import PLEASE_CHOOSE
from views.ledgers.catalogue import LEDGERS
from views.ledgers.drafts_in import WORKED_OUT
from views.ledgers.incoming import STATUSES
from views.ledgers.take_in import AS_BEFORE, BLANK, EXAMPLES, KINDS, OLD, ONE_SHEET, SIGNED, TOTALS, UNREAD
from views.me import first, notices
from views.notice_lines import LINES

HOUSE = Path(__file__).parent.parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
WIDE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")  # Chinese punctuation too
_SAID = re.compile(r"""_\(\s*(?:'([^']*)'|"([^"]*)")\s*[,)]""")
# Sentences that are said elsewhere and looked up where they are shown: in the page of an error, at the door, of a job.
SPEAKERS = {
    "admin_app/errors.py": {"answer"}, "admin_app/resuming.py": {"answer", "_page"},
    "admin_app/signing_in.py": {"refuse"}, "admin_app/own_account.py": {"refuse"}, "models/people.py": {"refuse"},
    "models/refusals.py": {"Finding"}, "views/work.py": {"_ending"}, "models/second_factor.py": {"refuse"},
    "models/sessions.py": {"refuse"},
}  # fmt: skip


def of_templates() -> set[str]:
    """What the templates say, punctuation of its own included."""
    pages = (HOUSE / "admin_app" / "templates").rglob("*.html")
    return {one or other for page in pages for one, other in _SAID.findall(page.read_text("utf-8"))}


def of_code() -> set[str]:
    """What Python says: the constants given to `worded`, by name too where the name is set in the same file."""
    shown = [*(HOUSE / "views").glob("*.py"), *(HOUSE / "admin_app").glob("*.py")]
    found = set(chain.from_iterable(_calls(path, {"worded"}) for path in shown))
    for path in (HOUSE / "views" / "me").glob("*.py"):  # a volunteer's own pages say what came of it where it is asked
        found |= set(_calls(path, {"worded", "done", "asked", "ask_for"}))
    for name, speakers in SPEAKERS.items():
        found |= set(_calls(HOUSE / name, speakers))
    return {text for text in found if WIDE.search(text)} | {jobs_runner.INTERRUPTED, *faults.SAID}


def _calls(path: Path, names: set[str]) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    variables = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            for given in (*node.args, *(more.value for more in node.keywords)):
                variables |= {n.id for n in ast.walk(given) if isinstance(n, ast.Name)}
                yield from _texts(given)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in variables for t in node.targets):
            yield from _texts(node.value)


def _texts(node: ast.AST) -> Iterator[str]:
    """The constants; sentences with values in them (f-strings) are no one text and stay Chinese."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def of_declarations() -> set[str]:
    """Columns, states, moves, roles, policies, screens, ledgers: what the house is declared with."""
    return {text for text in chain(_tables(), _rules(), _policies(), _previews(), _screens(), _ledgers()) if CHINESE.search(text)}


def _tables() -> Iterator[str]:
    for field in (f for table in TABLES for f in table._meta.sorted_fields):
        yield from (field.verbose_name or "", field.help_text or "")
        if not isinstance(field, CodesField):
            yield from (label for _, label in field.choices or [])


def _rules() -> Iterator[str]:
    for life in states.LIVES:
        yield from (state.label for state in life.states)
        yield from chain.from_iterable((move.label, move.warns) for move in life.moves)
    yield from (role.label for role in Role)
    yield from stations.FIGURES.values()
    for kind in retention.KINDS.values():
        yield from (kind.label, kind.since, kind.does)
    yield from chain.from_iterable(retention.KEPT.items())
    yield from (*DAYS, *PARTS)


def _policies() -> Iterator[str]:
    for topic, kind in topics.TOPICS.items():
        yield policy.title_of(topic)
        yield from _parameters(kind)
    for kind in (topics.StarLevel, topics.Weight, topics.Entitlement, topics.Served, topics.Schedule):
        yield from _parameters(kind)
    yield policy_words.ENDLESS
    for words in policy_words.SAID.values():
        yield from words.values()


def _previews() -> Iterator[str]:
    rooms = (earning, exchange, giving, people, records, preview_stars)
    for figure in (one for room in rooms for one in vars(room).values() if isinstance(one, outcome.Figure)):
        yield from (figure.label, figure.unit, figure.says, figure.sums, *(label for label, _ in figure.columns))
    yield from outcome.LOOKED.values()
    yield from (*run.UNCOUNTED.values(), run.ELSE, run.UNTOUCHED, earning.NOTE)
    yield from (*exchange.NOTES, *giving.NOTES, *people.NOTES, *records.NOTES, *records.COUNTING_NOTES, *records.FORMAT_NOTES, *preview_stars.NOTES)
    yield from (stars_label(star) for star in range(1, 6))


def _parameters(kind: type) -> Iterator[str]:
    for spec in fields(kind):
        yield from (spec.metadata["label"], spec.metadata["unit"], spec.metadata["says"])


def _screens() -> Iterator[str]:
    for screen in all_screens():
        yield from (screen.title, getattr(screen, "step", ""), getattr(screen, "empty", ""))
        groups = [*getattr(screen, "form_groups", []), *getattr(screen, "detail_groups", [])]
        yield from (title for title, _ in groups)
        yield from (one.label for one in getattr(screen, "named", {}).values())
        yield from (one.title for one in getattr(screen, "below", []))
    yield from chain.from_iterable(menu.STEPS)
    yield from (name for _, name in public_site.MENU)
    yield from (step.title for step in sign_ups.STEPS)
    for one in STANDINGS.values():
        yield from (one.word, one.says)
    yield from (says for says, _ in first.WAITS.values())
    yield from chain.from_iterable(way[1:] for way in first.WAYS)
    yield from (*notices.CALLED.values(), *notices.UPHELD.values())
    yield from DAYS_OF_WEEK
    yield from (*cells.DERIVED.values(), *decisions.LABELS.values())
    yield from chain(base.ACTIONS.values(), audit_words.UNSCREENED.values(), audit_words.COLUMNS.values())
    yield from chain(audit_search.TYPED.values(), audit_words.METHODS.values(), audit_words.ANSWERS.values())
    yield from (life.noun for life in states.LIVES)
    yield from jobs.CANCEL_SAYS.values()
    yield from (*statistics_page.SHEETS.values(), statistics_page.OFFERS, statistics_page.MANY, statistics_page.WHOLE)
    yield from (one.label for one in counted.COUNTS.values())
    yield from (*certificate_figures.TITLES, certificate_figures.ALL, certificate_figures.NOTE)
    yield from (one.title for one in statistics.CROSSES.values())
    yield from (*errors.SAID.values(), *signing_in.WHY.values())
    for lines in LINES.values():
        yield from (lines.says, *(heading for heading, _, _ in lines.columns))
    yield PLEASE_CHOOSE


def _ledgers() -> Iterator[str]:
    for ledger in LEDGERS.values():
        yield ledger.title
        yield from (column.label for column in ledger.columns if column.total)
    for kind in KINDS.values():
        yield kind.title
        yield from (column.label for column in kind.columns)
    yield from STATUSES.values()
    yield from (BLANK, EXAMPLES, TOTALS, SIGNED, OLD, UNREAD, AS_BEFORE, ONE_SHEET, WORKED_OUT)
    yield "行数"

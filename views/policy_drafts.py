"""政策草案: written in a form made from the schema or taken from a file, read side by side with what is in force, released
by another."""

from datetime import timedelta
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_admin import expose

from models import clock, policy
from models.policy_drafts import PolicyDraft, names_of
from models.policy_words import Words
from models.refusals import Refusal
from rules import policy_files
from rules.access import Role
from rules.divisions import level, parent
from rules.policy import PROVINCE, parameters, title_of
from rules.policy_office import LAYS_DOWN, refusal
from rules.topics import TOPICS, PolicyError
from views import uploads
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.policy import as_file
from views.policy_form import DraftForm, choices_of, kind_of
from views.policy_lines import compared, names_in
from views.preview_figures import foreseen
from views.wording import worded

OTHERS_SHOWN = 5
SAID_AT_ONCE = 4  # consequences under a button
PREVIEW = "policy_previews.index"  # the page that shows a draft's consequences on real data


class PolicyDraftScreen(StageView):
    model = PolicyDraft
    title = "政策草案"
    step = "政策与设置"
    columns = "topic division since source entered_at state"
    search = "source note"
    filter_by = "state topic since"
    form_groups = [("草案", "topic since source note")]
    detail_groups = [("草案", "topic division since source note state")]
    details_template = "desk/policy_draft.html"
    one_by_one = True
    empty = "还没有草案。在「政策参数」里按「修改」起草，由同级或上级的另一位督导发布。"

    def adorn(self, rows: list[Any]) -> None:
        names = names_of({row.division for row in rows})
        for row in rows:
            row.division_name = names[row.division]

    def show(self, row: Any, path: str) -> str:
        if path == "division":
            return getattr(row, "division_name", None) or names_of([row.division])[row.division]
        return super().show(row, path)

    def may(self, action: str) -> bool:
        """Divisions below the county set no policy."""
        by = actor()
        sets = action == "see" or (by.role == Role.SUPERVISOR and level(str(by.division)) in LAYS_DOWN)
        return sets and super().may(action)

    def more(self, row: PolicyDraft) -> dict[str, Any]:
        about: dict[str, Any] = {"own": actor().division == row.division, "seen": row.revision}
        try:
            a, b = row.sides()
            about |= {"a": a, "b": b, "pairs": [p for p in compared(a, b, names_in([a, b])) if p.differs or p.moved],
                      "falls": row.consequences(), "bounds": _bounds(row)}  # fmt: skip
            about["foreseen"] = foreseen(row)
            about["consequences"] = [*about["foreseen"].said, *_in_short(about["falls"])]
        except PolicyError as error:
            about["contradicts"] = str(error)
        if row.released_id is not None:
            about["key"] = row.as_release().key
        if PREVIEW in current_app.view_functions and (row.released_id is None or row.previews.exists()):
            about["preview"] = url_for(PREVIEW, draft=row.id)
        return about

    def seen(self, name: str) -> dict[str, Any]:
        """Released is what was read, and nothing that came after; a page that does not say what it showed showed nothing."""
        return {"seen": request.form.get("seen", -1, type=int)} if name == "release" else {}

    # --- the form ---

    @expose("/new/", methods=("GET", "POST"))
    @right("enter")
    def create_view(self):
        if not self.may("enter"):
            abort(403)
        topic = request.args.get("topic", "")
        if topic not in TOPICS:
            return self.render("desk/policy_topics.html", topics=[(name, title_of(name)) for name in TOPICS])
        by = actor()
        form = self._form_of(topic, str(by.division), clock.today() + timedelta(days=1))
        if request.method == "POST":
            form.take_typed(request.form)
            if "_more" not in request.form:
                try:
                    row = PolicyDraft.enter(by, topic=topic, **form.said())
                except Refusal as no:
                    form.take(no.findings)
                else:
                    return self._saved(row)
        else:
            form.since = clock.today() + timedelta(days=1)
            form.take_release(_latest(topic, str(by.division)))
        return self._draft_form(form, None)

    @expose("/edit/", methods=("GET", "POST"))
    @right("amend")
    def edit_view(self):
        if not self.may("amend"):
            abort(403)
        row = self.get_one(request.args.get("id"))
        by = actor()
        if no := row.may_amend(by):
            flash(no[0].says, "bad")
            return redirect(self.get_url(".details_view", id=row.id))
        form, revision = self._form_of(row.topic, row.division, row.since), row.revision
        if request.method == "POST":
            form.take_typed(request.form)
            revision = request.form.get("revision", type=int)
            if "_more" not in request.form:
                try:
                    row = PolicyDraft.amend(row.id, by, revision=revision, **form.said())
                except Refusal as no:
                    form.take(no.findings)
                    if any(f.where == "revision" for f in no.findings):
                        form.compare(row)
                        revision = row.revision
                else:
                    return self._saved(row)
        else:
            form.take_draft(row)
        return self._draft_form(form, row, revision)

    def _form_of(self, topic: str, division: str, day: Any) -> DraftForm:
        """The form of a topic for a division, with what those above say on the day; today where none is in force then."""
        above = None
        if division != PROVINCE:
            over = str(parent(division))
            book = policy.book(topic=topic, division=over)
            try:
                above = book.on(topic, over, day)
            except PolicyError:
                above = book.on(topic, over, clock.today())
        return DraftForm(topic, division, above, names_in([above]) if above else {})

    def _draft_form(self, form: DraftForm, row: PolicyDraft | None, revision: int | None = 0) -> str:
        return self.render(
            "desk/policy_form.html", form=form, row=row, revision=revision, title=title_of(form.topic),
            place=names_of([form.division])[form.division], today=clock.today(), others=_open_beside(form, row), kind_of=kind_of, choices_of=choices_of,
        )  # fmt: skip

    def _saved(self, row: PolicyDraft) -> Response:
        """Back to the draft; or on to the move that the button named."""
        flash(worded("草案已保存。"), "good")
        if "_submit" in request.form:
            try:
                PolicyDraft.move(row.id, "submit", actor())
                flash(worded("已提交，等另一位督导发布。"), "good")
            except Refusal as no:
                for finding in no.findings:
                    flash(finding.says, "bad")
        return redirect(self.get_url(".details_view", id=row.id))

    # --- files ---

    @expose("/toml/")
    @right("see")
    def toml_view(self) -> Response:
        """A draft as a file."""
        row = self.get_one(request.args.get("id"))
        try:
            text = policy_files.written(row.as_release())
        except PolicyError as error:
            flash(str(error), "bad")
            return redirect(self.get_url(".details_view", id=row.id))
        return as_file(text, f"{row.topic}-{row.division}-{row.since}.toml")

    @expose("/import/", methods=("GET", "POST"))
    @right("enter")
    def import_view(self):
        """A file becomes a draft of the person's own division, or is refused with the place of what is wrong."""
        if not self.may("enter"):
            abort(403)
        wrong: list[str] = []
        if request.method == "POST":
            try:
                said = policy_files.read(uploads.received(uploads.POLICY).data)
                row = PolicyDraft.enter(
                    actor(), topic=said.topic, since=said.since, source=said.source, values=said.values, bounds=said.bounds
                )  # fmt: skip
            except PolicyError as error:
                wrong = [str(error)]
            except Refusal as no:
                wrong = [policy_files.placed(f.where, f.says) for f in no.findings]
            else:
                flash(worded("已从文件起草，请核对后提交。"), "good")
                return redirect(self.get_url(".details_view", id=row.id))
        return self.render("desk/policy_import.html", wrong=wrong, largest=policy_files.LARGEST_FILE // 1024)


def _bounds(row: PolicyDraft) -> list[tuple[str, str]]:
    """The bounds that a draft sets for those below: parameter and what is allowed."""
    known, whose, say = parameters(TOPICS[row.topic]), LAYS_DOWN[level(row.division)], Words()
    bounds = row.as_release().bounds
    return [(known[n].metadata["label"], refusal(b, whose, known[n].metadata, n, say)) for n, b in bounds.items()]


def _in_short(falls: list[str]) -> list[str]:
    """The first of the consequences, for the sheet under a button; all of them stand on the page."""
    rest = len(falls) - SAID_AT_ONCE
    return falls if rest <= 0 else [*falls[:SAID_AT_ONCE], worded("另有 %(count)s 条，列在本页「对下级的影响」。", count=rest)]


def _open_beside(form: DraftForm, row: PolicyDraft | None) -> list[PolicyDraft]:
    """Other drafts of the same policy and division that are still on their way: two people may have begun at once."""
    open_ones = PolicyDraft.state.in_(("drafted", "submitted", "returned"))
    same = (PolicyDraft.topic == form.topic) & (PolicyDraft.division == form.division)
    return list(PolicyDraft.select().where(open_ones, same, PolicyDraft.id != (row.id if row else 0)).limit(OTHERS_SHOWN))


def _latest(topic: str, division: str):
    """What the division laid down last, in force or yet to be."""
    some = policy.book(topic=topic, division=division).releases(topic, division)
    return some[-1] if some else None

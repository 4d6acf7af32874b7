"""Bad input, case by case, against the served program: what `tests/bad_input/*.toml` lists is sent over the wire.

A case says where it is sent, what is sent, and the answer: what is kept of it, or in which words it is refused. A refusal
leaves what was typed in the form and no row written or changed. ``python -m tests.bad_cases`` counts the cases.
"""

import html
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import bad_books
import bad_lines
import books
import pytest
from argon2 import PasswordHasher
from bad_cases import CASES, Case
from caller import Answer, Caller, Served
from peewee import fn

from admin_app import create_app
from admin_app.config import Config
from cast import KEY, Cast, person, settle
from models import clock, people
from models.activities import SignInSheet
from models.base import connect, database
from models.fields import keyring
from models.households import Household, Visit
from models.jobs import Job
from models.moves import Entered
from models.needs import Need
from models.policy_drafts import PolicyDraft
from models.records import ServiceRecord
from models.rewards import RewardItem
from models.schema import TABLES, upgrade
from models.stations import Division
from models.volunteers import Volunteer
from views import work

LEAST = 150  # cases that the corpus must have
LEAST_OF_A_TABLE = 10  # of these, of each table that comes in
ENTERED = [model for model in TABLES if issubclass(model, Entered)]


# --- the place ------------------------------------------------------------------------------------------------------


class Place:
    """The program served, with the cast in it, for all cases of one run."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'station.db'}"
        keyring.open(KEY)
        connect(url)
        database.connect(reuse_if_open=True)
        upgrade()
        self.cast: Cast = settle()
        database.close()
        self.folder = folder
        self.served = Served(create_app(Config(folder, url, "a secret for tests", KEY, None, False)))
        database.connect(reuse_if_open=True)
        self.callers: dict[str, Caller] = {}
        self.numbers = count(1)
        self.mine = self.cast.registered("李明")
        self.stranger = self.cast.registered("外站人", by=self.cast.recorder_b)
        self.home = Household.enter(self.cast.recorder, name="赵德旺", building="翠竹巷 3 栋", address="翠竹巷 3 栋 1 室")
        self.activity = self.cast.activity()
        self.cast.project(name="午后陪伴")

    def caller(self, who: str = "recorder") -> Caller:
        if who not in self.callers:
            self.callers[who] = self.served.signed_in_as(getattr(self.cast, who))
        return self.callers[who]

    def work(self) -> Job:
        """Do the work that waits; the job that was done last."""
        for job in list(Job.select().where(Job.state == "waiting").order_by(Job.id)):
            work.run(job.id, self.folder / "jobs" / str(job.id))
            database.connect(reuse_if_open=True)
        return Job.select().order_by(Job.id.desc()).get()

    def close(self) -> None:
        self.served.close()
        database.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        folder = tmp_path_factory.mktemp("place")
        (folder / "tmp").mkdir()
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        made = Place(folder)
        yield made
        made.close()


def standing() -> dict[str, tuple[int, int]]:
    """How many rows each table has and how often they were changed: whatever is written shows here."""
    return {
        model.__name__: model.select(fn.COUNT(1), fn.COALESCE(fn.SUM(model.revision), 0)).tuples().get()
        for model in ENTERED
    }


def _newest(model: type) -> Any:
    return model.select().order_by(model._meta.primary_key.desc()).get()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


# --- forms ----------------------------------------------------------------------------------------------------------


def _forms(place: Place) -> dict[str, tuple[str, type, str, dict[str, Any]]]:
    """place of a case -> who, table, path, and what a right form says."""
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    return {
        "volunteer": ("recorder", Volunteer, "/admin/volunteers/new/", person()),
        "household": ("recorder", Household, "/admin/households/new/",
                      {"name": "赵德旺", "building": "翠竹巷 3 栋", "people": "2",
                       "address": f"翠竹巷 3 栋 {next(place.numbers)} 号"}),
        "visit": ("recorder", Visit, "/admin/visits/new/",
                  {"household": place.home.id, "day": yesterday, "visitor": "周楼长", "role": "leader", "found": "腿脚不便"}),
        "need": ("recorder", Need, "/admin/needs/new/",
                 {"household": place.home.id, "collected_on": yesterday, "collector": "周楼长", "category": "01",
                  "content": "请人每周来打扫", "source": "visit", "urgency": "1", "risk": "1"}),
        "reward": ("head", RewardItem, "/admin/reward_items/new/",
                   {"name": f"理发 {next(place.numbers)}", "kind": "service", "points": "5", "stock": "10", "active": "y"}),
    }  # fmt: skip


def _pairs(said: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, one) for name, value in said.items() for one in (value if isinstance(value, list) else [value])]


def try_form(place: Place, case: Case) -> None:
    what, _, name = case.where.partition(".")
    who, model, path, said = _forms(place)[what]
    caller = place.caller(case.more.get("as", who))
    caller.get(path)
    before = standing()
    sent = bytes.fromhex(case.more["hex"]) if "hex" in case.more else case.value
    answer = caller.post(path, _pairs(said | case.more.get("also", {}) | {name: sent}))
    if case.kept is not None:
        assert "/details/" in answer.path, re.findall(r'class="bad">([^<]*)|class="wrong">([^<]*)', answer.text)
        assert _plain(getattr(_newest(model), name)) == case.kept
        return
    _refused(answer, case, before)
    if case.more.get("typed", True) and isinstance(sent, str):
        assert answer.says(sent.strip()), "what was typed is gone"


def _refused(answer: Answer, case: Case, before: dict[str, tuple[int, int]]) -> None:
    assert answer.status == case.more.get("status", 200), answer.text[:3000]
    assert case.says and answer.says(case.says), re.findall(r"<main.*?</main>", answer.text, re.S) or answer.text[:2000]
    assert standing() == before


# --- the grid, cells of workbooks, files, policy --------------------------------------------------------------------

GRID = ("who", "volunteer", "start", "end", "travel", "content", "quality", "remark", "id")


def try_grid(place: Place, case: Case) -> None:
    activity, one = place.cast.activity(), place.cast.registered("王小芳")
    caller = place.caller()
    caller.get(f"/admin/sheets/key/?activity={activity.id}")
    line = {"who": one.card_no, "start": "9:00", "end": "11:00", "content": "陪伴老人", "quality": "1"}
    line |= {case.where.partition(".")[2]: case.value} | case.more.get("also", {})
    before = standing()
    fields = [("activity", activity.id), *((name, line.get(name, "")) for name in GRID)]
    answer = caller.post("/admin/sheets/key/", fields)
    if case.kept is not None:
        assert answer.says("已保存 1 条"), re.findall(r'class="bad">([^<]*)|class="wrong">([^<]*)', answer.text)
        row = _newest(ServiceRecord)
        assert {name: _plain(getattr(row, name)) for name in case.kept} == case.kept
        return
    _refused(answer, case, before)
    if case.more.get("typed", True):
        assert answer.says(str(case.value).strip()), "what was typed is gone"


VOLUNTEER_HEADS = {"name": "姓名", "document_number": "身份证号", "phone": "联系电话"}
RECORD_HEADS = {"name": "姓名", "tail": "证件或电话后四位", "activity": "活动名称", "day": "服务日期", "start": "开始时间",
                "end": "结束时间", "content": "服务内容", "quality": "服务质量"}  # fmt: skip


def _send_table(place: Place, kind: str, name: str, data: bytes, who: str = "recorder") -> Answer:
    caller = place.caller(who)
    caller.get(f"/admin/imports/?kind={kind}")
    answer = caller.post("/admin/imports/", [("kind", kind)], [("file", name, data)])
    if "/jobs/" in answer.path:
        place.work()
        answer = caller.get(answer.path)
    return answer


def try_cell(place: Place, case: Case) -> None:
    _, kind, column = case.where.split(".")
    if kind == "volunteers":
        heads, said = dict(VOLUNTEER_HEADS), person("陶思源")
        line = {"name": "陶思源", "document_number": said["document_number"], "phone": said["phone"]}
    else:
        heads, one = dict(RECORD_HEADS), place.cast.registered("王小芳")
        activity = place.cast.activity(name=f"上门陪伴{next(place.numbers)}")
        line = {"name": "王小芳", "tail": one.document_number[-4:], "activity": activity.name, "day": activity.day,
                "start": "9:00", "end": "11:00", "content": "陪伴老人", "quality": "优"}  # fmt: skip
    for name in case.more.get("without", []):
        heads.pop(name)
    heads.setdefault(column, case.more.get("head", column))
    line[column] = case.value
    data = bad_books.one_row([heads[name] for name in heads], [line[name] for name in heads])
    before = standing()
    answer = _send_table(place, kind, "表.xlsx", data)
    if case.kept is None:
        assert answer.says("第 2 行"), case
        _refused(answer, case, before)
        return
    job = place.work()
    assert job.state == "done" and answer.says("新增 1"), job.message or re.findall(r"第 2 行[^<]*", answer.text)
    place.caller().post(f"/admin/imports/take/{job.id}")
    assert place.work().state == "done"
    row = _newest(Volunteer if kind == "volunteers" else ServiceRecord)
    wanted = case.kept if isinstance(case.kept, dict) else {column: case.kept}
    assert {name: _plain(getattr(row, name)) for name in wanted} == wanted


def try_line(place: Place, case: Case) -> None:
    """One cell of a right line spoilt; the sentence stands at its row and its column."""
    kind, more = case.where.partition(".")[2], case.more
    line = bad_lines.good(kind, next(place.numbers), place.mine) | more.get("also", {})
    if "head" in more:
        value = case.value
        line[more["head"]] = value.replace("<<stranger>>", place.stranger.card_no) if isinstance(value, str) else value
    before = standing()
    answer = _send_table(place, kind, "表.xlsx", bad_books.one_row([*line], [*line.values()]), bad_lines.TAKERS.get(kind, "recorder"))
    if case.kept is not None:
        assert place.work().state == "done" and answer.says(f"新增 {case.kept}"), re.findall(r"第 2 行[^<]*", answer.text)
        return
    where = f"第 2 行「{more.get('at', more['head'])}」："
    said = re.findall(r"第 2 行[^<]*", html.unescape(answer.text))
    assert [one for one in said if one.startswith(where) and case.says in one], said or answer.text[:2000]
    _refused(answer, case, before)


_COUNTED = {"volunteers": Volunteer, "divisions": Division, "policy": PolicyDraft}


def try_file(place: Place, case: Case) -> None:
    to, make = case.more.get("to", "volunteers"), getattr(bad_books, case.more["make"])
    data, name = make(), case.more.get("name", "名册.xlsx") * case.more.get("long", 1)
    before, rows = standing(), _COUNTED[to].select().count()
    if to == "volunteers":
        answer = _send_table(place, to, name, data)
    else:
        who, path = {"divisions": ("admin", "/admin/divisions/import/"), "policy": ("county", "/admin/policy_drafts/import/")}[to]
        caller = place.caller(who)
        caller.get(path)
        answer = caller.post(path, [], [("file", name, data)])
    assert not list((place.folder / "tmp").iterdir()), "a temporary file was left"
    if case.kept is None:
        _refused(answer, case, before)
        uploads = [p for p in (place.folder / "jobs").glob("*/upload") if Job.get_by_id(int(p.parent.name)).state == "failed"]
        assert not uploads, "a refused file was kept"
        return
    if to == "volunteers":
        job = place.work()
        assert job.state == "done", job.message
        assert answer.says(f"新增 {case.kept}"), re.findall(r"第 \d+ 行[^<]*", answer.text)
        place.caller().post(f"/admin/imports/take/{job.id}")
        assert place.work().state == "done"
    assert _COUNTED[to].select().count() == rows + case.kept, re.findall(r'class="bad">([^<]*)', answer.text)


def try_policy(place: Place, case: Case) -> None:
    caller, path = place.caller("county"), "/admin/policy_drafts/import/"
    caller.get(path)
    before, rows = standing(), PolicyDraft.select().count()
    text = bytes.fromhex(case.more["hex"]) if "hex" in case.more else str(case.value).encode()
    text = text.replace(b"<<since>>", (clock.today() + timedelta(days=30)).isoformat().encode())
    answer = caller.post(path, [], [("file", "草案.toml", text)])
    if case.kept is None:
        return _refused(answer, case, before)
    assert PolicyDraft.select().count() == rows + 1, re.findall(r'class="bad">([^<]*)', answer.text)
    return None


# --- forged and replayed requests -----------------------------------------------------------------------------------


def try_request(place: Place, case: Case) -> None:
    more = case.more
    caller = place.caller(more.get("as", "recorder"))
    fills = {
        "<<mine>>": place.mine.id, "<<stranger>>": place.stranger.id, "<<activity>>": place.activity.id,
        "<<home>>": place.home.id, "@megabyte": "长" * 400_000, "@long": "长" * 30_000,
    }  # fmt: skip

    def filled(text: Any) -> Any:
        for mark, value in fills.items():
            text = text.replace(mark, str(value)) if isinstance(text, str) else text
        return text

    if "see" in more:
        caller.get(filled(more["see"]))
    base = _pairs(_forms(place)[more["form"]][3]) if "form" in more else []
    said = more.get("fields", {})
    fields = [(k, v) for k, v in base if k not in said] + [(k, filled(v)) for k, v in _pairs(said)]
    token = {"none": "", "junk": "junk", "foreign": place.caller("head_b").token, "own": None}[more.get("token", "own")]
    before = standing()
    files = [("file" if more["file"] is True else more["file"], "a.xlsx", books.xlsx([["姓名"]]))] if "file" in more else []
    for _ in range(more.get("again", 1)):
        if more.get("method", "POST") == "POST":
            answer = caller.post(filled(more["path"]), fields, files, token)
        else:
            answer = caller.send(more["method"], filled(more["path"]))
    assert answer.status == more["status"], answer.text[:3000]
    assert answer.says(case.says), re.findall(r"<main.*?</main>", answer.text, re.S) or answer.text[:2000]
    assert "Traceback" not in answer.text
    if more.get("lands"):
        assert answer.path.startswith(more["lands"]), answer.path
    if "hides" in more:
        assert not answer.says(filled(more["hides"]))
    changed = {name: (after[0] - before[name][0]) for name, after in standing().items() if after != before[name]}
    assert changed == more.get("writes", {})


TRIES = {"grid": try_grid, "cell": try_cell, "line": try_line, "file": try_file, "policy": try_policy, "request": try_request}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bad_input_gets_its_answer(place, case):
    TRIES.get(case.where.partition(".")[0], try_form)(place, case)


def test_the_corpus_is_large_and_no_case_stands_twice():
    assert len(CASES) >= LEAST
    assert not [name for name, times in Counter(map(str, CASES)).items() if times > 1]
    assert all((case.says == "") != (case.kept is None) or case.where == "request" for case in CASES)
    assert {case.where.partition(".")[0] for case in CASES} >= {*TRIES, "volunteer", "household", "reward"}
    spoilt = Counter(case.where.partition(".")[2] for case in CASES if case.where.startswith("line.") and case.says)
    assert all(spoilt[kind] >= LEAST_OF_A_TABLE for kind in bad_lines.TABLES), spoilt


def test_nothing_that_was_sent_met_a_fault_or_left_a_sheet_without_lines(place):
    assert not [sheet for sheet in SignInSheet.select() if not ServiceRecord.select().where(ServiceRecord.sheet == sheet.id).exists()]

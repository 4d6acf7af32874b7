"""The long work of 汇入平台: putting batches together, and sending one over the network."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from models.base import transaction
from models.jobs import Job
from models.moves import permit
from models.refusals import Refusal, refuse
from models.scope import Actor, find
from models.stations import Division, Station
from models.upwards import UpwardBatch, UpwardLink, place_of, stations_at
from models.upwards_batches import close_batch, drop_unfinished, mark_sent, not_sent, open_batch, take_answers
from models.upwards_rows import Row
from models.upwards_sweep import sweep
from rules.findings import Finding
from rules.reading import clean
from rules.upwards import RECORDS_AT_MOST, TARGETS
from rules.upwards_checks import Malformed
from rules.upwards_timetable import PASSING
from views.outward import JSON, PATIENT, post
from views.upwards_file import BatchFiles, answers_of
from views.work import kind

WAITS = (1, 5, 15)  # seconds between tries
ANSWER_AT_MOST = 8 * 1024 * 1024  # bytes
GONE = "这一批的文件已过期清除，不能再报送；请作废后重新编批。"


class NotNow(Refusal):
    """Not sent; a little later it may go."""


class Maker:
    """Batches while they are put together: a new one is begun when one is full."""

    def __init__(self, by: Actor, target: str, job: int | None, folder: Path, send_at: datetime | None = None) -> None:
        self.by, self.target, self.job, self.folder, self.send_at = by, target, job, folder, send_at
        self.files: BatchFiles | None = None
        self.made: list[UpwardBatch] = []
        station, division = place_of(by)
        self.place = Station.get_by_id(station).name if station else Division.get_by_id(division).name

    def emit(self, kind: str, row: Row, station: str, digest: str) -> int:
        if self.files is not None and self.files.records == RECORDS_AT_MOST:
            self.close()
        if self.files is None:
            self.files = BatchFiles(self.folder, open_batch(self.by, self.target, self.job, self.send_at), self.place)
        self.files.add(kind, row, station, digest)
        return int(self.files.batch.id)

    def close(self) -> None:
        if self.files is not None:
            self.files.close()
            close_batch(self.files.batch, self.by, {k: n for k, n in self.files.counts.items() if n})
            self.made.append(self.files.batch)
            self.files = None


def make(
    by: Actor, target: str, folder: Path, job: int | None = None, said: Any = None, send_at: datetime | None = None
) -> list[UpwardBatch]:
    """Batches of all that waits at this person's place and may go; none where nothing does. By the timetable they are
    sent by themselves from ``send_at`` on.

    Raises ``Refusal`` for whoever makes none.
    """
    permit(by, "enter", UpwardBatch.resource)
    if target not in TARGETS:
        raise refuse("请选择上报到哪个平台。", "target")
    drop_unfinished(by)
    maker = Maker(by, target, job, folder, send_at)
    sweep(stations_at(*place_of(by)), target, maker.emit, said)
    maker.close()
    return maker.made


@kind("upward_make", takes=lambda asked: ("enter", "upwards"))
def _make(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    made = make(by, job.params["target"], folder, job.id, lambda done: job.progress(done, done + 1000))
    if not made:
        return "", {"批次": "没有需要报送的记录：没有新的或改动过的，或者还缺内容，请看「汇入情况」。"}
    return "", {batch.number: f"{batch.records:,} 条" for batch in made}


@kind("upward_send", takes=lambda asked: ("send", "upwards"))
def _send(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    batch: UpwardBatch = find(UpwardBatch, job.params["batch"], by)
    done = send(batch, folder.parent, by)
    return "", {"批次": batch.number} | done


def send(batch: UpwardBatch, jobs: Path, by: Actor, waits: Sequence[int] = WAITS) -> dict[str, Any]:
    """Send a batch to the platform that is entered for it, and take its answers; tried again after each of ``waits``
    seconds. The same batch may be sent again: it is answered as it was.

    Raises ``Refusal`` with what stands in the way (``NotNow`` where that may pass); the batch then waits as before.
    """
    permit(by, "send", UpwardBatch.resource)
    link = UpwardLink.way(batch)
    path = file_of(batch, jobs, "json")
    if path is None:
        raise refuse(GONE)
    try:
        code, answer = _posted(link.url + "/api/v1/batches", link.token, path, waits)
    except Refusal as no:
        not_sent(batch, str(no))
        raise
    if code not in (200, 201):
        says = answer.get("message") if isinstance(answer, dict) else ""
        kind_of = NotNow if code in PASSING else Refusal
        no = kind_of(Finding("", f"平台没有收下这一批（{code}）：{clean(str(says or '没有说明原因'))[:200]}"))
        not_sent(batch, str(no))
        raise no
    try:
        answers = answers_of(answer)
    except Malformed as wrong:
        raise refuse(f"平台的答复看不懂：{wrong.says}") from None
    with transaction():  # killed before its end, it is sent once more and answered alike
        mark_sent(batch.id, by)
        taken = take_answers(batch.id, answers, by)
    return {"已接收": taken.accepted, "被退回": taken.refused} | ({"以前已答复": taken.same} if taken.same else {})


def _posted(url: str, token: str, path: Path, waits: Sequence[int]) -> tuple[int, Any]:
    """What the platform answers; tried again where it cannot be reached or is busy."""
    for wait in (*waits, None):
        try:
            with path.open("rb") as data:
                code, said = post(
                    url, data, JSON, headers={"Authorization": f"Bearer {token}"}, times=PATIENT, longest=ANSWER_AT_MOST
                )
        except ConnectionError as no:
            if wait is None:
                raise NotNow(Finding("", f"没有送到平台：{no}请稍后再试。")) from None
        else:
            if wait is None or code not in PASSING:
                return code, said
        time.sleep(wait)
    raise AssertionError


def file_of(batch: UpwardBatch, jobs: Path, form: str) -> Path | None:
    """Where a batch's file lies, while it does."""
    path = jobs / str(batch.job) / f"{batch.number}.{form}"
    return path if batch.job and form in ("json", "xlsx") and path.exists() else None

"""异地转移 over the network: packages and answers posted by other installations, and those that are posted to them.

No session and no cookie: what comes in is believed for its signature alone, and what is sent goes to the address on the
card of an installation that two people confirmed. An installation without such a card sends and takes nothing here.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request

from models import clock, failures, transfer_wire
from models.jobs import Job
from models.refusals import Refusal, refuse
from models.scope import Actor, find
from models.transfer import Departure, package
from rules.reading import clean
from views.gate import right
from views.outward import PATIENT, TEXT, post
from views.work import kind

pages = Blueprint("wire", __name__, url_prefix="/wire")
LARGEST = 30 * 1024 * 1024  # bytes of a package that is posted; a larger one goes by file
PACKAGES, RECEIPTS = "/wire/packages", "/wire/receipts"


@pages.post("/packages")
@right("packages", "wire")
def packages() -> Response:
    """A package: kept for the head of the station that it is for, or refused with the reason."""
    return _answered(lambda text: {"arrival": transfer_wire.came_in(text, request.args.get("station", "")).id})


@pages.post("/receipts")
@right("receipts", "wire")
def receipts() -> Response:
    """A signed answer to a package of ours."""
    return _answered(lambda text: {"state": transfer_wire.answered(text).state})


def _answered(take: Any) -> Response:
    address = request.remote_addr or ""
    try:
        failures.pace("looking", address)
    except Refusal as no:
        return _said(429, str(no))
    data = request.get_data(cache=False) if (request.content_length or 0) <= LARGEST else None
    if data is None:
        return _said(413, f"太大：最多 {LARGEST // 1024 // 1024} MB，请用文件交给对方。")
    try:
        return jsonify(take(data.decode("ascii")))
    except UnicodeDecodeError:
        no = "内容不是转移包，也不是回执。"
    except Refusal as refused:
        no = str(refused)
    failures.did("looking", address)
    return _said(422, no)


def _said(status: int, says: str) -> Response:
    answer = jsonify(error=says)
    answer.status_code = status
    return answer


@kind("transfer_send", lambda asked: ("file", "departures"))
def send(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Post a package to its receiver. Sent twice it is the same arrival there."""
    row = find(Departure, job.params["departure"], by)
    address = transfer_wire.reachable(row)
    job.progress(0, 2)
    text = "\n".join(package(row.id, by))
    job.progress(1, 2)
    try:
        status, said = post(address + PACKAGES, text.encode(), TEXT, query={"station": job.params["station"]}, times=PATIENT)
    except ConnectionError as no:
        raise refuse(f"没有送到：{no}可以稍后再送，或下载转移包用文件交给对方。") from None
    if status != 200 or not isinstance(said, dict) or "arrival" not in said:
        raise refuse(f"对方没有收下：{_why(status, said)}")
    return "", {"对方转入单": str(said["arrival"])[:20], "人数": row.people}


def send_answers() -> int:
    """Post the answers that are due to their senders; how many got there."""
    done = 0
    for row in transfer_wire.due(clock.now()):
        fault = ""
        try:
            status, said = post(str(row.peer.url).rstrip("/") + RECEIPTS, row.answer.encode(), TEXT, times=PATIENT)
            if status != 200 or not isinstance(said, dict) or "state" not in said:
                fault = f"对方没有收下：{_why(status, said)}"
        except ConnectionError as no:
            fault = str(no)
        transfer_wire.settle(row, fault)
        done += not fault
    return done


def _why(status: int, said: Any) -> str:
    told = clean(str(said.get("error", "")))[:160] if isinstance(said, dict) else ""
    return told or f"对方回答 {status}。"

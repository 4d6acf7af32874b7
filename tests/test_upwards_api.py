"""The platform's interface over real HTTP: what it says of itself, and what it tells a station, a stranger, a replay, a huge
body, nonsense or a withdrawn token. Served in this process; between two programs: `test_upwards_between`."""

import json
import threading

import pytest
import requests
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from waitress import create_server

from models import upwards
from models.base import database
from models.upwards import UpwardLink, UpwardRecord
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from models.volunteers import Volunteer
from rules.upwards import BYTES_AT_MOST, digest
from views.upwards_openapi import document
from views.upwards_work import make, send

FULL = {"speciality": "理发", "categories": ["01"], "residence": "530102"}


@pytest.fixture
def platform(desk):
    """The program served for real; its address and the header of a sender's token."""
    server = create_server(desk.app, host="127.0.0.1", port=0, threads=2)
    desk.app.config["KEEP_CONNECTION"] = False
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    upwards.allowed.open([f"127.0.0.1:{server.effective_port}"])
    yield f"http://127.0.0.1:{server.effective_port}"
    upwards.allowed.open([])
    server.close()
    thread.join(5)


@pytest.fixture
def token(cast) -> str:
    return UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001").new_token(cast.admin)


@pytest.fixture
def batch(cast, tmp_path) -> dict:
    cast.posted(cast.registered("李明", **FULL), 150)
    (one,) = make(cast.head, "provincial", tmp_path / "jobs" / "77", 77)
    return json.loads((tmp_path / "jobs" / "77" / f"{one.number}.json").read_text("utf-8"))


def post(url: str, token: str, said, **headers) -> requests.Response:
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    answer = requests.post(f"{url}/api/v1/batches", data=body, headers=head, timeout=30, allow_redirects=False)
    fits(answer, "post", "/batches")
    return answer


def fits(answer: requests.Response, method: str, path: str) -> None:
    """The answer is as the document says."""
    whole = document()
    schema = whole["paths"][path][method]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    Draft202012Validator({"$defs": {}, "components": whole["components"], **schema}).validate(answer.json())


def test_the_document_is_valid_and_open_to_anyone(platform):
    answer = requests.get(f"{platform}/api/v1/openapi.json", timeout=30)
    validate(answer.json())
    assert answer.json() == document() and "Set-Cookie" not in answer.headers


def test_what_we_send_is_what_the_document_asks_for(batch):
    whole = document()
    Draft202012Validator({"components": whole["components"], "$ref": "#/components/schemas/Batch"}).validate(batch)


def test_a_batch_goes_up_is_answered_and_only_what_was_put_right_goes_again(cast, platform, token, batch, tmp_path):
    link = UpwardLink.enter(cast.head, target="provincial", url=platform, token=token)
    assert link.token == token
    from models.upwards import UpwardBatch

    person = Volunteer.get(Volunteer.name == "李明")
    twin = next(one for one in batch["records"] if one["type"] == "volunteer")
    done = send(UpwardBatch.get(), tmp_path / "jobs", cast.head)
    assert done["已接收"] == len(batch["records"]) and done["被退回"] == 0
    assert UpwardBatch.get().state == "answered" and ReceivedBatch.get().accepted == len(batch["records"])
    again = send(UpwardBatch.get(), tmp_path / "jobs", cast.head)
    assert again["已接收"] == 0 and again["以前已答复"] == len(batch["records"])
    Volunteer.amend(person.id, cast.head, phone="13900001111")
    (second,) = make(cast.head, "provincial", tmp_path / "jobs" / "78", 78)
    assert second.records == 1
    assert send(second, tmp_path / "jobs", cast.head)["已接收"] == 1
    kept = ReceivedRecord.get(ReceivedRecord.kind == "volunteer", ReceivedRecord.record == twin["id"])
    assert json.loads(kept.data)["phone"] == "13900001111"
    assert not UpwardRecord.select().where(UpwardRecord.state == "sent").exists()


def test_the_same_batch_twice_gets_the_same_answer_and_another_content_409(platform, token, batch):
    first, second = post(platform, token, batch), post(platform, token, batch)
    assert first.status_code == second.status_code == 200 and first.json() == second.json()
    answer = requests.get(f"{platform}/api/v1/batches/{batch['batch']}", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    fits(answer, "get", "/batches/{batch}")
    assert answer.json() == first.json()
    other = post(platform, token, batch | {"records": batch["records"][:1]})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_without_a_token_that_counts_nothing_is_taken(cast, platform, token, batch):
    assert post(platform, "x" * 43, batch).status_code == 401
    assert requests.post(f"{platform}/api/v1/batches", json=batch, timeout=30).json()["code"] == "unauthorised"
    UpwardSender.get().revoke(cast.admin)
    assert post(platform, token, batch).status_code == 401
    assert not ReceivedBatch.select().exists()


def test_a_cookie_is_not_taken(platform, token, batch):
    answer = post(platform, token, batch, Cookie="station=abc")
    assert (answer.status_code, answer.json()["code"]) == (400, "no_cookies")


def test_another_stations_record_is_refused_and_the_rest_taken(platform, token, batch):
    (volunteer,) = [one for one in batch["records"] if one["type"] == "volunteer"]
    strange = volunteer | {"station": "530103001001-2", "id": "9"}
    said = post(platform, token, batch | {"batch": "x-1", "records": [volunteer, strange]}).json()
    assert [(one["state"], one.get("code")) for one in said["answers"]] == [("accepted", None), ("refused", "station")]


def test_a_stranger_finds_no_batch_of_anothers(cast, platform, token, batch):
    post(platform, token, batch)
    other = UpwardSender.enter(cast.admin, name="环城", division="530103001001").new_token(cast.admin)
    answer = requests.get(f"{platform}/api/v1/batches/{batch['batch']}", headers={"Authorization": f"Bearer {other}"}, timeout=30)
    fits(answer, "get", "/batches/{batch}")
    assert answer.status_code == 404


def test_a_huge_body_is_refused_before_it_is_read(platform, token):
    answer = post(platform, token, b" " * (BYTES_AT_MOST + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"a": NaN}', b"[" * 100_000, "号".encode("gbk")])
def test_what_is_no_batch_is_said_so(platform, token, body):
    answer = post(platform, token, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def altered(one: dict, **changes) -> dict:
    data = {key: value for key, value in (one["data"] | changes).items() if value is not None}
    return one | {"data": data, "digest": digest(data)}


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("volunteer", {"phone": None}, "missing"), ("volunteer", {"gender": "9"}, "code"),
        ("volunteer", {"document_number": "530102198005060012"}, "document"), ("volunteer", {"area": "530102"}, "format"),
        ("volunteer", {"height": "170"}, "unknown"), ("service", {"hours": "2.5"}, "format"),
        ("service", {"hours": "99.00"}, "hours"), ("service", {"volunteer_no": "530102000199999"}, "reference"),
        ("service", {"started_at": "2020-01-02 23:00", "ended_at": "2020-01-03 01:00"}, "hours"),
        ("service", {"remark": "长" * 501}, "format"), ("honour", {}, "type"),
    ],
)  # fmt: skip
def test_each_rule_refuses_with_its_code(platform, token, batch, kind, changes, code):
    by_kind = {one["type"]: one for one in batch["records"]}
    one = altered(by_kind.get(kind, by_kind["volunteer"]), **changes)
    if code == "type":
        one = one | {"type": "horse"}
    records = [one] if kind != "service" else [by_kind["volunteer"], one]
    answer = post(platform, token, batch | {"batch": "x-1", "records": records}).json()["answers"][-1]
    assert (answer["state"], answer["code"]) == ("refused", code) and answer["reason"]


def test_a_twin_and_an_overlap_are_refused(platform, token, batch):
    post(platform, token, batch)
    by_kind = {one["type"]: one for one in batch["records"]}
    records = [by_kind["volunteer"] | {"id": "901"}, by_kind["service"] | {"id": "902"}, by_kind["service"]]
    said = post(platform, token, batch | {"batch": "x-2", "records": records}).json()["answers"]
    assert [one.get("code") for one in said] == ["duplicate", "overlap", None]


def test_altered_content_is_found_by_its_digest(platform, token, batch):
    one = batch["records"][0]
    said = post(platform, token, batch | {"records": [one | {"data": one["data"] | {"name": "别人"}}]}).json()["answers"]
    assert said[0]["code"] == "digest"


def test_whoever_asks_too_often_waits(desk, platform, token, batch):
    desk.app.extensions["pace"].__init__(lambda: 0.0)
    told = [post(platform, "x" * 43, b"{}").status_code for _ in range(22)]
    assert told[:20] == [401] * 20 and told[20:] == [429, 429]


def test_what_was_received_mixes_with_nothing_here(platform, token, batch):
    before = Volunteer.select().count()
    post(platform, token, batch)
    assert Volunteer.select().count() == before
    raw = [row[0] for row in database.execute_sql("SELECT data FROM received_record").fetchall()]
    assert raw and not any("530102" in one for one in raw)

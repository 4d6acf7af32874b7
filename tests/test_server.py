"""`make run`: the first page is there at once, while the demo station is still being loaded."""

import threading

from conftest import KEY

from admin_app import create_app, server
from admin_app.config import Config
from fixtures import demo
from models.base import database


def test_pages_wait_in_words_until_the_demo_station_is_there(db, sqlite_url, tmp_path, monkeypatch, capsys):
    database.close()
    app = create_app(Config(tmp_path, sqlite_url, "s", KEY, None, False))
    go_on, workers = threading.Event(), []
    monkeypatch.setattr(
        demo, "load", lambda password: go_on.wait(20) and ([("head", "站长", "张慧琼", "甲站")], "pw")
    )
    monkeypatch.setattr(server, "start_worker", workers.append)
    loader = server.load_beside(app)
    client = app.test_client()
    page = client.get("/login")
    assert page.status_code == 200 and "正在载入演示数据" in page.text and 'content="2"' in page.text
    assert client.get("/healthz").status_code == 503
    assert client.get("/static/desk.css").status_code == 200
    assert client.get("/").headers["Cache-Control"] == "no-store"  # nobody keeps it beyond the moment
    assert not workers
    go_on.set()
    loader.join(20)
    assert "用户名" in client.get("/login").text
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert workers == [app] and "head" in capsys.readouterr().out

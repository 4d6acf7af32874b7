"""`make run`: set up what is missing, say who may sign in, and serve."""

import os
import signal
import sys
import threading
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from waitress import serve

from admin_app import create_app
from admin_app.commands import print_demo
from admin_app.jobs import start_worker
from admin_app.keeping import Keeping
from admin_app.security import UPLOAD_LIMIT
from fixtures import demo as demo_station
from models.base import database
from models.people import Account
from models.refusals import Refusal
from models.vault import vault

# Python works on one page at a time: more threads would only share it among more, and the back office with them. Eight, so
# that who waits for the disk, for her password's digest or for the one that writes keeps nobody else from the rest.
THREADS = 8
# Open at once. A browser holds up to six, and each for as long as `SILENCE` after its last word, so on a public site those
# who read count, not those who wait: 200 readers and 20 writers hold some 450. Below the 1,024 descriptors that a process
# usually may have, with room for the database's and the jobs'.
CONNECTIONS = 800
SILENCE = 60  # seconds that a connection may say nothing: whoever sends a byte now and then holds no thread for ever
HEADER_BYTES = 32 * 1024  # of one request's address, cookies and all
BELIEVED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}  # of a proxy that is named, of nobody else


def main() -> None:
    """Serve on http://127.0.0.1:8000 (``HOST`` and ``PORT`` change it); an empty database gets the demo station."""
    vault.maker = "server"
    # Asked to end, it ends as by Ctrl-C: what is being answered is answered, and the database's log is written back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    try:
        app = create_app()
    except ValueError as wrong:  # a setting that is none
        sys.exit(str(wrong))
    if app.config["NOT_READY"]:
        sys.exit(app.config["NOT_READY"])
    with database.connection_context():
        empty = not Account.select().exists()
    if empty:
        load_beside(app)
    else:
        start_worker(app)
    print(f"请在浏览器打开 http://{host}:{port}", flush=True)  # noqa: T201
    serve(Keeping(app), host=host, port=port, **settings(app))


def settings(app: Flask) -> dict[str, Any]:
    """How the server is run. Who asks is the caller's own address; behind a proxy that is named (``TRUSTED_PROXY``) what
    that one says of the browser, and nobody else is believed: waits, sessions and the host's check go by it."""
    proxy = app.config["STATION"].trusted_proxy
    said = {"trusted_proxy": proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": BELIEVED}
    return {
        "threads": THREADS, "ident": None, "clear_untrusted_proxy_headers": True, "connection_limit": CONNECTIONS,
        "asyncore_use_poll": True,  # `select` ends at descriptor 1,023, however many a process may have
        "channel_timeout": SILENCE, "max_request_header_size": HEADER_BYTES,
        "max_request_body_size": UPLOAD_LIMIT + HEADER_BYTES,
    } | (said if proxy else {})  # fmt: skip


def load_beside(app: Flask) -> threading.Thread:
    """Load the demo station while the server is up already; until it is there every page says so and looks again.

    The load is one transaction: a server stopped in the middle of it leaves an empty database, and begins anew.
    """
    ready = threading.Event()

    @app.before_request
    def _not_yet():
        if ready.is_set() or request.endpoint == "static":
            return None
        if request.path == "/healthz":
            return jsonify(status="loading"), 503
        g.passing = True
        return render_template("desk/loading.html")

    # Before the connection and the session: a page that waits asks the database nothing.
    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())

    def _load() -> None:
        print("正在载入演示数据，约半分钟……", flush=True)  # noqa: T201
        try:
            with database.connection_context():
                print_demo(*demo_station.load(app.config["STATION"].demo_password))
        except Refusal as no:  # a DEMO_PASSWORD too weak, say: better no server than one that waits for ever
            print(no, file=sys.stderr, flush=True)  # noqa: T201
            os._exit(1)
        start_worker(app)
        ready.set()

    loader = threading.Thread(target=_load, name="demo", daemon=True)
    loader.start()
    return loader


if __name__ == "__main__":
    main()

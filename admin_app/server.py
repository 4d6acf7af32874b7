"""`make run`: set up what is missing, say who may sign in, and serve."""

import os

from waitress import serve

from admin_app import create_app
from admin_app.commands import print_demo
from admin_app.jobs import start_worker
from fixtures import demo as demo_station
from models.base import database
from models.people import Account

THREADS = 8


def main() -> None:
    """Serve on http://127.0.0.1:8000 (``HOST`` and ``PORT`` change it); an empty database gets the demo station."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    app = create_app()
    with database.connection_context():
        if not Account.select().exists():
            print("正在载入演示数据……", flush=True)  # noqa: T201
            print_demo(*demo_station.load(app.config["STATION"].demo_password))
    start_worker(app)
    print(f"请在浏览器打开 http://{host}:{port}", flush=True)  # noqa: T201
    serve(app, host=host, port=port, threads=THREADS, ident=None)


if __name__ == "__main__":
    main()

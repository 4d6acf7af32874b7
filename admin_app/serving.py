"""How answers travel: what anyone may have lies in caches and is compressed, style sheets and pictures for a year.

Only that: a page with a token or with anything of a person's is neither kept nor compressed. Where what somebody typed and
a token stand in one compressed page, its length tells the token a guess at a time (BREACH); the public pages hold none.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request, session
from flask_compress import Compress

from admin_app.security import ONE_YEAR
from views.openly import may_be_kept, said_of

compress = Compress()
DIGITS = 12  # of a file's hash in its address


def init(app: Flask) -> None:
    """To be called first: what is asked for first after a request is done last, when the answer is whole."""
    app.config.update(COMPRESS_REGISTER=False, COMPRESS_STREAMS=False, COMPRESS_ALGORITHM=["br", "gzip"],
                      COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False)  # fmt: skip
    compress.init_app(app)
    app.url_defaults(_by_content)
    app.after_request(_kept)


def _by_content(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (said := hash_of(values.get("filename", ""))):
        values["v"] = said


def hash_of(name: str) -> str:
    """What a file of ours holds, in a few digits; blank where there is no such file."""
    return _hashed(Path(current_app.static_folder or "") / name)


@cache  # files change with a release, and the program starts anew then
def _hashed(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS] if path.is_file() else ""


def _kept(response: Response) -> Response:
    said = said_of(request.endpoint)
    if request.endpoint == "static":
        return _file(response)
    if said is None or not said.indexed or response.status_code != 200:
        response.headers["X-Robots-Tag"] = "noindex"
    if said is None or not may_be_kept(response):
        return response
    response.headers["Cache-Control"] = f"public, max-age={said.seconds}" if said.seconds else "public, no-cache"
    response.vary.add("Cookie")  # the language, the size of the letters, and who is signed in
    response.add_etag()
    return compress.after_request(response).make_conditional(request)


def _file(response: Response) -> Response:
    """For a year where the address says what the file holds: another file has another address."""
    session.accessed = False  # asked of every answer whether it is somebody's; a file is the same for everybody
    name = (request.view_args or {}).get("filename", "")
    if response.status_code in (200, 304) and request.args.get("v") and request.args["v"] == hash_of(name):
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    if response.status_code == 200 and request.method == "GET":
        response.direct_passthrough = False
        response.set_data(response.get_data())  # whole: our files are small
        return compress.after_request(response).make_conditional(request)
    return response

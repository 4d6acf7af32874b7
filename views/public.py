"""The public site: what anyone may see."""

from flask import Blueprint, jsonify, render_template

from models.base import database

pages = Blueprint("public", __name__)


@pages.get("/")
def front() -> str:
    return render_template("public/front.html")


@pages.get("/healthz")
def healthz():
    """Whether the program and its database answer."""
    database.execute_sql("SELECT 1")
    return jsonify(status="ok")

"""The door: `flask --app wsgi …`, and any WSGI server."""

from admin_app import create_app

app = create_app()

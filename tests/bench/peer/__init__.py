"""Django's admin over the same tables: the peer that the screens are measured against.

It is set up at its best: keys joined for the list, the station filter by the address bar instead of a side bar of 200
stations, no second count, the identity number an exact look-up of the same digest, keys as raw ids in the form.
"""

from pathlib import Path

import django
from django.conf import settings


def open_peer(engine: dict, folder: Path) -> None:
    """Configure Django on the desk's database; its own sessions and users live in a file of their own."""
    settings.configure(
        SECRET_KEY="for a bench",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        USE_TZ=False,
        LANGUAGE_CODE="zh-hans",
        ROOT_URLCONF="peer.urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "peer.db"}, "desk": engine},
        DATABASE_ROUTERS=["peer.Router"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
            "django.contrib.messages", "peer",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        STATIC_URL="/static/",
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": [
                "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]},
        }],
    )  # fmt: skip
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


class Router:
    """The desk's tables in the desk's database, Django's own in the other."""

    def db_for_read(self, model, **hints):
        return "desk" if model._meta.app_label == "peer" else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return db == "default" and app_label != "peer"


def superuser_client():
    """A test client signed in as one who may see everything."""
    from django.contrib.auth.models import User
    from django.test import Client

    user, _new = User.objects.get_or_create(username="root", defaults={"is_staff": True, "is_superuser": True})
    client = Client()
    client.force_login(user)
    return client

"""What every test shares."""

from hypothesis import settings

settings.register_profile("station", deadline=None)  # a busy machine must not fail a true property
settings.load_profile("station")

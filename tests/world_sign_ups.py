"""An application from the site at station A."""

from walks_sign_ups import sign_up

from models.sign_ups import SignUp


def add(cast, keys) -> None:
    keys[SignUp] = sign_up(cast).id

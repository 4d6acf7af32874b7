"""Walks through the ways an application may go, and the end of a project that is called off."""

from models.applications import Application
from walks import Walk
from walks_main import a_project


def an_application(cast, post=None):
    post = post or cast.post()
    return Application, Application.apply(post.id, cast.registered().id, cast.recorder).id


def one_for_a_full_post(cast):
    post = cast.post()
    _, first = an_application(cast, post)
    Application.move(first, "accept", cast.head)
    return an_application(cast, post)


def one_whose_turn_comes(cast):
    _, key = one_for_a_full_post(cast)
    Application.move(key, "queue", cast.head)
    # As if the place had come free without a move, so that the walk makes the offer itself.
    Application.update(state="withdrawn").where(Application.state == "accepted").execute()
    return Application, key


def an_invitation(cast):
    row = Application.enter(cast.head, post=cast.post().id, volunteer=cast.registered().id, way="invited")
    return Application, row.id


WALKS = [
    Walk("projects", a_project, "submit:recorder publish:head cancel:head"),
    Walk("applications", an_application, "accept:head withdraw:recorder"),
    Walk("applications", an_application, "refuse:head"),
    Walk("applications", one_for_a_full_post, "queue:head refuse:head"),
    Walk("applications", one_for_a_full_post, "queue:head withdraw:head"),
    Walk("applications", one_whose_turn_comes, "offer:system confirm:recorder end:system"),
    Walk("applications", one_whose_turn_comes, "offer:system later lapse:system"),
    Walk("applications", an_invitation, "confirm:recorder"),
]

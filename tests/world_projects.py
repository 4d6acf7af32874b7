"""A post and an application of station A."""

from models.applications import Application
from models.projects import Post
from models.volunteers import Volunteer


def add(cast, keys) -> None:
    post = cast.post()
    keys[Post] = post.id
    keys[Application] = Application.apply(post.id, keys[Volunteer], cast.recorder).id

"""Every page of the public site and of volunteers, as the tests walk them: a line each, by whoever adds a page.

``{project}`` and the like are rows that `ground.lay` puts on show; the second is who opens the page, one of `Ground.people`.
"""

from ground import Ground

PAGES: list[tuple[str, str]] = [
    ("/", "nobody"),
    ("/projects/", "nobody"),
    ("/projects/?county=530102&weekday=5&age=30&q=不会有的项目", "nobody"),
    ("/projects/{project}", "nobody"),
    ("/stations/", "nobody"),
    ("/stations/?county=530102", "nobody"),
    ("/stations/{station}", "nobody"),
    ("/notices/", "nobody"),
    ("/notices/{notice}", "nobody"),
    ("/notices/{notice}/object", "nobody"),
    ("/stories/", "nobody"),
    ("/stories/{story}", "nobody"),
    ("/spot-checks/{spot_check}", "nobody"),
    ("/policy/", "nobody"),
    ("/figures/", "nobody"),
    ("/verify/", "nobody"),
    ("/verify/{verify}", "nobody"),
    ("/verify/no-such-code", "nobody"),
    ("/apply/", "nobody"),
    ("/apply/?project={project}", "nobody"),
    ("/apply/status", "nobody"),
    ("/no-such-page", "nobody"),
    ("/projects/{project}", "volunteer"),
    ("/me/", "volunteer"),
]


def of(ground: Ground, who: str) -> list[str]:
    """The addresses that this person opens, with the rows of the ground in them."""
    return [path.format(**ground.shown) for path, whose in PAGES if whose == who]

"""The words of the person who reads: what is written in Chinese, in the language that her session asks for."""

from typing import Any

from flask_babel import get_locale, gettext

WRITTEN_IN = "zh"  # the language of the source: nothing to look up


def worded(text: str, **values: Any) -> str:
    """``text`` as the reader's language has it, Chinese where the catalogue has nothing; ``%(name)s`` filled in.

    Outside a request (jobs, commands) everything stays Chinese. Blank stays blank: a catalogue keeps its own
    heading under the empty text.
    """
    asked = get_locale()
    if text and asked is not None and asked.language != WRITTEN_IN:
        text = gettext(text)
    return text % values if values else text

"""Pictures that a page draws in itself: QR codes, which need no network and no file."""

import segno


def qr(text: str, level: str = "m") -> str:
    """The text as a QR picture, as a data address for an ``img``."""
    return segno.make(text, error=level, micro=False).svg_data_uri(border=1, dark="#1f2328")

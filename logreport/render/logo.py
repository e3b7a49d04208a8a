"""A picture beside the title, carried inside the page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logreport.errors import BadInput

#: A page is mailed and archived: a logo may weigh as much as a chart, not as much as the library.
MOST_BYTES: Final = 100_000

#: The first bytes of pictures (https://mimesniff.spec.whatwg.org): a file's name may be wrong.
_STARTS: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


@dataclass(frozen=True, kw_only=True)
class Logo:
    """A picture as a `data:` URL (https://www.rfc-editor.org/rfc/rfc2397)."""

    url: str


def read_logo(path: str) -> Logo:
    """The picture in this file: PNG, JPEG, GIF, WebP or SVG.

    Raises:
        BadInput: it cannot be read, is no picture, or is too large for a page.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise BadInput(f"cannot read the logo {path}: {problem.strerror}", "is the name right?") from problem
    if len(data) > MOST_BYTES:
        raise BadInput(
            f"the logo {path} has more than the {MOST_BYTES:,} bytes that a page should carry",
            "make the picture smaller, 200 pixels are enough",
        )
    kind = _kind(data)
    if kind is None:
        raise BadInput(f"the logo {path} is not a picture that browsers show", "use PNG, JPEG, GIF, WebP or SVG")
    return Logo(url=f"data:{kind};base64,{base64.b64encode(data).decode()}")


def _kind(data: bytes) -> str | None:
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/svg+xml" if b"<svg" in data[:2000] else None

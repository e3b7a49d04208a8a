"""What the page may do: its Content-Security-Policy (https://www.w3.org/TR/CSP3/)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from logreport.plotlyjs import Library

#: The full bundle of plotly.js 4.1.1 adds this style, for maps that the page never shows. Of another version it is
#: refused, which costs nothing but a line in the browser's console.
_STREET_MAPS: Final = "ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o="


def policy(*, scripts: Sequence[str], style: str, plotly: Library | None) -> Markup:
    """Only these scripts and this style, each by its hash; nothing is fetched from anywhere, nothing is submitted.

    Plotly's library adds one empty style element and fills it by script, hence the hash of nothing; and it makes a
    picture of a chart from a blob of its own, hence `img-src`. A logo is a `data:` URL.
    """
    run = [_quoted(sha256(script)) for script in scripts]
    look = [_quoted(sha256(style))]
    if plotly:
        run.append(_quoted(plotly.sha256))
        look.append(_quoted(sha256("")))
    if plotly and not plotly.basic:
        look.append(_quoted(_STREET_MAPS))
    return Markup(  # noqa: S704 - hashes and words of our own
        f"default-src 'none'; base-uri 'none'; form-action 'none'; script-src {' '.join(run)}; "
        f"style-src {' '.join(look)}; img-src data:{' blob:' if plotly else ''}"
    )


def sha256(text: str) -> str:
    """The hash of a script or a style as a policy writes it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _quoted(digest: str) -> str:
    return f"'sha256-{digest}'"

"""What the dashboard may do in a browser: its Content-Security-Policy (https://www.w3.org/TR/CSP3/)."""

from __future__ import annotations

from collections.abc import Sequence


def policy(inline_scripts: Sequence[str]) -> str:
    """Scripts of this server and Dash's own inline one, by its hash; nothing from anywhere else.

    Dash's components insert style elements of their own, which no hash can name beforehand: style elements are the one
    thing that is not named. Style attributes are refused. Plotly makes a picture of a chart from a blob of its own.
    """
    scripts = " ".join(f"'{digest.strip(chr(39))}'" for digest in inline_scripts)
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"script-src 'self' {scripts}; "
        "style-src 'self' 'unsafe-inline'; style-src-elem 'self' 'unsafe-inline'; style-src-attr 'none'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'"
    )

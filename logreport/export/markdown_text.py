"""Markdown of texts that others wrote: what a log says stays text, wherever it stands.

The syntax is that of the "GitHub Flavored Markdown Spec"; mentions, references and addresses are what GitHub makes
links of afterwards, in the text that the Markdown became.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from logreport.signs import cut, visible

#: A name is cut beyond so many signs, the rest of it stands in the JSON.
LONGEST: Final = 100

#: What means something to Markdown or to HTML, but for a low line within a word.
_SIGNIFICANT: Final = re.compile(r"[\\`*\[\]<>|&~${}]|(?<![^\W_])_|_(?![^\W_])")

#: What begins a list, a heading or a line across, at the beginning of a text.
_BEGINNING: Final = re.compile(r"[-+=]|\d{1,9}(?=([.)])(?:\s|$))")

#: What GitHub makes a link or a picture of although no Markdown says so. A sign without width after it prevents that:
#: an entity would not, as links are looked for when it has become its sign.
_LINKED: Final = re.compile(r"[@#]|:(?=//|[\w+-]+:)|\b(?:www(?=\.)|GH(?=-\d)|mailto(?=:)|xmpp(?=:))", re.IGNORECASE)

_JOINER: Final = "\u2060"


def text(told: object, most: int = LONGEST) -> str:
    """Somebody's text as Markdown, in one line, the middle of it left out where it is long."""
    short = cut(visible(str(told)).strip(), most)
    marked = _LINKED.sub(lambda found: found[0] + _JOINER, short)
    # Entities, as a backslash before a line between columns does not do the same in all versions.
    safe = _SIGNIFICANT.sub(lambda found: f"&#{ord(found[0])};", marked)
    return _BEGINNING.sub(_beginning, safe, count=1) if _BEGINNING.match(safe) else safe


def _beginning(found: re.Match[str]) -> str:
    if found[1] is None:
        return f"&#{ord(found[0])};"
    return found[0] + _JOINER


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> str:
    """A table of Markdown that is safe already; the columns `numbers` stand to the right."""
    right = set(numbers)
    rule = ["---:" if at in right else "---" for at in range(len(heads))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, rule, *rows))


def folded(summary: str, body: str) -> str:
    """A body that a reader opens; the empty line before it makes it Markdown again."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {line}" for line in lines)

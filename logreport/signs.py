"""Text that somebody else wrote, so that it can be read and cannot disguise itself."""

from __future__ import annotations


def visible(text: str) -> str:
    """White space as a blank; control signs, marks that turn the direction, and halves of signs as U+FFFD."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in text)


def cut(text: str, most: int) -> str:
    """At most so many signs, the middle left out: names of one family differ at their ends."""
    if len(text) <= most:
        return text
    kept = most - 1
    head = (kept + 1) // 2
    return f"{text[:head]}…{text[len(text) - (kept - head) :]}"

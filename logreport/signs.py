"""Text that somebody else wrote, so that it can be read and cannot disguise itself."""

from __future__ import annotations


def visible(text: str) -> str:
    """White space as a blank; control signs, marks that turn the direction, and halves of signs as U+FFFD."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in text)

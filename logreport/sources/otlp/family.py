"""Which spans have a call below them, as far as spans were seen."""

from __future__ import annotations

from typing import Final

#: How many spans are remembered as callers, and how many as what may yet become one; twice over: 250 MB at most.
_KNOWN: Final = 500_000


class Family:
    """Spans are known by the hashes of their ids, which take a third of the room; the older half of them is forgotten
    when there are too many.

    Children are written before their parents or after them: a call marks all above it as far as they are known, and a
    parent that comes later takes its mark further up.
    """

    def __init__(self) -> None:
        self._callers: set[int] = set()
        self._parents: dict[int, int] = {}
        self._old_callers: set[int] = set()
        self._old_parents: dict[int, int] = {}

    def calls(self, span: int) -> bool:
        """Whether there is a call below this span."""
        return span in self._callers or span in self._old_callers

    def call_below(self, span: int) -> None:
        """A call was seen whose parent is this span."""
        callers = self._callers
        above: int | None = span
        while above is not None and above not in callers:
            callers.add(above)
            above = self._parents.get(above, self._old_parents.get(above))
        if len(callers) > _KNOWN:
            self._old_callers, self._callers = callers, set()

    def other(self, span: int, parent: int) -> None:
        """A span was seen that is no call."""
        if self.calls(span):
            self.call_below(parent)
            return
        self._parents[span] = parent
        if len(self._parents) > _KNOWN:
            self._old_parents, self._parents = self._parents, {}

"""Calls that a log told several times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from logreport import WHAT_WAS_READ, Finding, Remark, hookimpl

if TYPE_CHECKING:
    import pandas as pd


def _say(frame: pd.DataFrame) -> Iterator[Remark]:
    merged, read = int(frame["merged"].sum()), int(frame["read"].sum())
    if merged:
        tell = "tells a call that another one told: it is" if merged == 1 else "tell calls that others told: these are"
        text = f"{merged:,} of the {read:,} records {tell} counted once."
        yield Remark(text=text, weight=0.2 + 0.1 * merged / read)


FINDING = Finding(name="merged_calls", metric=WHAT_WAS_READ, say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

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
        tell = "record tells a call" if merged == 1 else "records tell calls"
        share = f"{merged:,} of the {read:,} {tell} that another one told"
        yield Remark(text=f"{share}: such calls are counted once.", weight=0.2 + 0.1 * merged / read)


FINDING = Finding(name="merged_calls", metric=WHAT_WAS_READ, say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

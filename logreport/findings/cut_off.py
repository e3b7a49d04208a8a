"""Answers that were cut off at the token limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from logreport import Finding, Remark, hookimpl, units

if TYPE_CHECKING:
    import pandas as pd

#: Some answers always are too long; this share of them, and so many, are worth a word.
_SHARE: Final = 0.02
_FEWEST: Final = 5


def _say(frame: pd.DataFrame) -> Iterator[Remark]:
    calls, cut = int(frame["calls"].sum()), int(frame[frame["cut_off"].astype(bool)]["calls"].sum())
    if cut >= _FEWEST and cut / calls >= _SHARE:
        text = f"{units.share(cut, calls)} of the answers were cut off at the token limit ({cut:,} of {calls:,})."
        yield Remark(text=text, weight=0.5 + 0.3 * cut / calls)


FINDING = Finding(name="cut_off", metric="finish_reasons", say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

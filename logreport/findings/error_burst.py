"""Many failures at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from logreport import Finding, Remark, changes, hookimpl, timeline, units

if TYPE_CHECKING:
    import pandas as pd


def _say(frame: pd.DataFrame) -> Iterator[Remark]:
    found = changes.burst(frame["errors"].tolist(), frame["calls"].tolist())
    if found is None:
        return
    steps = frame.iloc[found.start : found.end]
    since, until = timeline.said(frame, found.start), timeline.said(frame, found.end - 1, end=True)
    errors, calls = int(steps["errors"].sum()), int(steps["calls"].sum())
    text = (
        f"{units.share(errors, calls)} of the calls failed from {since} to {until}"
        f" ({errors:,} of {calls:,}), and {units.share(found.other, 1)} at all other times."
    )
    yield Remark(text=text, weight=0.9)


FINDING = Finding(name="error_burst", metric="errors_over_time", say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

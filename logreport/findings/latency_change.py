"""Calls that became slower, or faster, during the window, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from logreport import Finding, Remark, changes, hookimpl, timeline, units

if TYPE_CHECKING:
    import pandas as pd

#: Fewer calls have no level that could change.
_FEWEST: Final = 200

#: A change of the share of slow calls by less is real, perhaps, and not worth a word.
_LEAST: Final = 0.02


def _say(frame: pd.DataFrame) -> Iterator[Remark]:
    for measure, steps in frame.groupby("measure", sort=False):
        if int(steps["calls"].sum()) >= _FEWEST and steps["limit"].notna().all():
            yield from _changed(str(measure), steps)


def _changed(measure: str, steps: pd.DataFrame) -> Iterator[Remark]:
    found = changes.level(steps["slow"].tolist(), steps["calls"].tolist())
    if found is None or abs(found.share - found.other) < _LEAST:
        return
    before, after = (_typical(part) for part in (steps.iloc[: found.start], steps.iloc[found.start :]))
    if before is None or after is None or before == after or (after > before) != (found.share > found.other):
        return
    limit, since = units.seconds(float(steps["limit"].iloc[0])), timeline.said(steps, found.start)
    slow, were = units.share(found.share, 1), units.share(found.other, 1)
    text = (
        f"The p95 of {_named(measure)} {'rose' if after > before else 'fell'} at {since}, from about"
        f" {units.seconds(before)} to about {units.seconds(after)} (medians of the steps): {slow} of the calls took"
        f" more than {limit} since then, and {were} before."
    )
    yield Remark(text=text, weight=0.85 if after > before else 0.6)


def _named(measure: str) -> str:
    return "durations" if measure == "duration" else f"the {measure}"


def _typical(steps: pd.DataFrame) -> float | None:
    """The median of the steps' own p95, of steps that have enough calls for one."""
    known: Any = steps["p95"].dropna()
    return float(known.median()) if len(known) else None


FINDING = Finding(name="latency_change", metric="latency_over_time", say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

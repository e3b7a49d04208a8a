"""What findings say about the answers of metrics, the weightiest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from logreport.finding import WHAT_WAS_READ, Finding, Remark
from logreport.plugins import one_line

if TYPE_CHECKING:
    import pandas as pd

    from logreport.cards import Card

#: More sentences than these at the top of a page are not read.
MOST: Final = 8


@dataclass(frozen=True, kw_only=True)
class Said:
    """A sentence of a finding; `metric` is the name of the metric whose chart it leads to, or `what-was-read`."""

    finding: str
    metric: str
    text: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Remarks:
    """All that was said, the weightiest first, and the findings that failed, each with its plugin and the reason."""

    said: tuple[Said, ...] = ()
    failures: tuple[tuple[str, str, str], ...] = ()


def remarks(findings: Sequence[tuple[Finding, str]], cards: Sequence[Card], read: Sequence[dict[str, Any]]) -> Remarks:
    """What findings (given with their plugins' names) say about these cards, and about the files that were `read`.

    Whatever a plugin raises costs its own sentences, nothing else.
    """
    frames = {card.name: card.frame for card in cards if card.status == "ok" and card.frame is not None}
    if read:
        frames[WHAT_WAS_READ] = _table(read)
    said: list[Said] = []
    failures = []
    for finding, plugin in findings:
        if finding.metric not in frames:
            continue
        try:
            said += _said(finding, frames[finding.metric].copy())
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - as the docstring says
            failures.append((finding.name, plugin, one_line(problem)))
    said.sort(key=lambda one: -one.weight)  # those of equal weight stay in the order of their plugins
    return Remarks(said=tuple(said[:MOST]), failures=tuple(failures))


def _said(finding: Finding, frame: pd.DataFrame) -> list[Said]:
    return [_one(finding, remark) for remark in finding.say(frame)]


def _one(finding: Finding, remark: object) -> Said:
    if not isinstance(remark, Remark):
        raise TypeError(f"it says {remark!r}, not a logreport.Remark")
    weight = min(1.0, max(0.0, float(remark.weight)))
    return Said(finding=finding.name, metric=finding.metric, text=str(remark.text), weight=weight)


def _table(read: Sequence[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(read))

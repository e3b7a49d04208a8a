"""A model that takes most of the cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from logreport import Finding, Remark, figures, hookimpl, units

if TYPE_CHECKING:
    import pandas as pd

#: The share of the cost from which on a model takes most of it; of two models, one always takes more than half.
MOST: Final = 0.6


def _say(frame: pd.DataFrame) -> Iterator[Remark]:
    priced = frame[frame["priced_calls"] > 0]
    calls = int(priced["priced_calls"].sum())
    if len(priced) < 2 or calls < figures.FEW or not priced["cost"].sum():
        return
    first, whole = priced.iloc[0], float(priced["cost"].sum())
    share = float(first["cost"]) / whole
    if share >= MOST:
        cost = f"{units.share(float(first['cost']), whole)} of the cost"
        amounts = f"{units.dollars(float(first['cost']))} of {units.dollars(whole)}"
        of_calls = units.share(int(first["priced_calls"]), calls)
        named = figures.listed([first["model"]])
        text = f"{named} took {cost} ({amounts}), for {of_calls} of the calls that have a price."
        yield Remark(text=text, weight=0.4 + 0.2 * share)


FINDING = Finding(name="dearest_model", metric="cost_by_model", say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

"""Models without a price, so that the cost is too low."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from logreport import Finding, Remark, figures, hookimpl, units

if TYPE_CHECKING:
    import pandas as pd


def _say(frame: pd.DataFrame) -> Iterator[Remark]:
    unpriced = frame[frame["model"].notna() & (frame["priced_calls"] == 0) & (frame["tokens"] > 0)]
    if unpriced.empty:
        return
    tokens, whole = int(unpriced["tokens"].sum()), int(frame["tokens"].sum())
    several = len(unpriced) > 1
    text = (
        f"{figures.listed(unpriced['model'], most=3)} {'have' if several else 'has'} no price: the cost leaves out "
        f"{units.share(tokens, whole)} of the tokens ({tokens:,} of {whole:,})."
    )
    yield Remark(text=text, weight=0.5 + 0.2 * tokens / whole)


FINDING = Finding(name="unpriced_models", metric="cost_by_model", say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

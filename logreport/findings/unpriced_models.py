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
    text = (
        f"No price is known for {figures.listed(unpriced['model'], most=3)}: what used {units.share(tokens, whole)} of"
        f" the tokens ({tokens:,} of {whole:,}) is not in the cost."
    )
    yield Remark(text=text, weight=0.5 + 0.2 * tokens / whole)


FINDING = Finding(name="unpriced_models", metric="cost_by_model", say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

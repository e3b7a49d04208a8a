"""Long prompts of which nothing was ever read from a cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from logreport import Finding, Remark, figures, hookimpl

if TYPE_CHECKING:
    import pandas as pd

#: Fewer calls may never repeat themselves.
_FEWEST: Final = 100

#: Providers cache prompts of this many tokens and more (OpenAI: 1,024; Anthropic: 1,024 or 2,048, by model).
_LONG: Final = 1024


def _say(frame: pd.DataFrame) -> Iterator[Remark]:
    long = frame["prompt_tokens"] / frame["calls"] >= _LONG
    missed = frame[(frame["cache_read_tokens"] == 0) & (frame["calls"] >= _FEWEST) & long]
    if missed.empty:
        return
    calls, tokens = int(missed["calls"].sum()), int(missed["prompt_tokens"].sum())
    text = (
        f"No prompt of {figures.listed(missed['model'], most=3)} was ever read from a cache:"
        f" {calls:,} calls of {tokens / calls:,.0f} prompt tokens on average."
    )
    yield Remark(text=text, weight=0.4)


FINDING = Finding(name="cache_never_hit", metric="cache", say=_say)


@hookimpl
def logreport_findings() -> Iterable[Finding]:
    return [FINDING]

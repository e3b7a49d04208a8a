"""What a finding is: a sentence at the top of the page, about what a metric found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

#: Stands for a metric's name: the frame is that of the files that were read, with the columns of their table.
WHAT_WAS_READ: Final = "what-was-read"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One sentence, with its figures and what they are of. `weight`, from 0 to 1, is how much a reader wants it."""

    text: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something worth saying first, if it is so.

    `metric` names the metric whose frame `say` receives, and whose chart the sentence leads to; or it is
    `WHAT_WAS_READ`. It is not asked where the report lacks that metric, or that has nothing to show. `say` answers with
    no remark where there is nothing to say, which is how it should be most of the time.
    """

    name: str
    metric: str
    say: Callable[[pd.DataFrame], Iterable[Remark]]

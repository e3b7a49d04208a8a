"""How many calls have which value, in bins so narrow that every percentile is known to half a percent.

A bin reaches from a power of `GROWTH` to the next, and each of its values is within 0.5 % of what stands for the bin:
the "relative accuracy" of DDSketch (Masson, Rim, Lee: DDSketch, a fast and fully-mergeable quantile sketch with
relative-error guarantees, VLDB 2019, section 2.1). Unlike raw values, bins of two runs fit into a file of kilobytes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The error that is allowed, as a share of the value.
ACCURACY: Final = 0.005

#: From the lower edge of a bin to its upper one.
GROWTH: Final = (1 + ACCURACY) / (1 - ACCURACY)

#: Divides the logarithm of a value into the number of its bin.
LOG_GROWTH: Final = math.log(GROWTH)

#: From the lower edge of a bin to the value that stands for all of it.
_MIDDLE: Final = 2 * GROWTH / (GROWTH + 1)

#: Up to here, a bin of whole numbers holds one of them only.
_APART: Final = 99


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Counts of values: `zeros` are 0, and `calls[i]` lie in the bin numbered `bins[i]`, in ascending order.

    Bin k holds the values from GROWTH ** k (included) to GROWTH ** (k + 1). `total` is the sum of all values and
    `largest` the largest of them, both exact. `whole` says that values are whole numbers, such as tokens.
    """

    bins: tuple[int, ...] = ()
    calls: tuple[int, ...] = ()
    zeros: int = 0
    total: float = 0.0
    largest: float | None = None
    whole: bool = False

    @cached_property
    def count(self) -> int:
        """How many values there are."""
        return self.zeros + sum(self.calls)

    @property
    def mean(self) -> float | None:
        """The mean, exact; None of no values."""
        return self.total / self.count if self.count else None

    @cached_property
    def variance(self) -> float:
        """The variance of the values, as an estimate of that of all there could be; 0 of fewer than two.

        Where most values share a few bins it is rather too large than too small, as if they lay at the bins' edges:
        bins do not tell, and an interval that is too narrow would cry wolf.
        """
        if self.count < 2 or self.mean is None or self.largest is None:
            return 0.0
        apart = self.zeros * self.mean**2 + sum(
            calls * ((value - self.mean) ** 2 + (0.0 if self._alone(value) else (ACCURACY * value) ** 2))
            for calls, value in zip(self.calls, self._centres, strict=True)
        )
        # Between two ends it is largest where every value is one of them (Bhatia and Davis, 2000).
        least = 0.0 if self.zeros else min(GROWTH ** self.bins[0], self.largest)
        most = self.count * max(0.0, self.largest - self.mean) * max(0.0, self.mean - least)
        return min(apart, most) / (self.count - 1)

    def percentile(self, percent: float) -> float | None:
        """A percentile as `percentiles.percentile` has it, to 0.5 %; None of no values."""
        if not self.count:
            return None
        place = (self.count - 1) * percent / 100
        low = math.floor(place)
        below, above = self.ranked(low + 1), self.ranked(min(low + 2, self.count))
        return below + (above - below) * (place - low)

    def ranked(self, rank: int) -> float:
        """The value of this rank, from 1 to `count`, to 0.5 %."""
        return self._values[bisect_right(self._reached, rank - 1)]

    def at_shares(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values below which these shares of all values lie, each share from 0 to 1.

        Within a bin they are taken to be spread evenly, as they are where bins are narrow; also within the last one,
        for the largest value is another in every run.
        """
        import numpy as np

        reached = np.array(self._reached)
        places = np.minimum(shares * self.count, self.count * (1 - 1e-12))
        bins = np.searchsorted(reached, places, side="right")
        middles, before = np.array([0.0, *self._centres])[bins], np.concatenate([[0], reached])[bins]
        inside = (places - before) / np.maximum(reached[bins] - before, 1)
        alone = np.array([True, *map(self._alone, self._centres)])[bins]
        return np.where(alone, middles, middles * GROWTH ** (inside - 0.5))

    def merged(self, other: Histogram) -> Histogram:
        """The values of both."""
        counts = dict(zip(self.bins, self.calls, strict=True))
        for number, calls in zip(other.bins, other.calls, strict=True):
            counts[number] = counts.get(number, 0) + calls
        known = [value for value in (self.largest, other.largest) if value is not None]
        return histogram(
            counts,
            zeros=self.zeros + other.zeros,
            total=self.total + other.total,
            largest=max(known, default=None),
            whole=self.whole,
        )

    def _alone(self, value: float) -> bool:
        """Whether the bin that this value stands for holds no other."""
        return self.whole and value < _APART

    @cached_property
    def _centres(self) -> list[float]:
        """The middle of each bin."""
        found = [GROWTH**number * _MIDDLE for number in self.bins]
        return [float(round(value)) if self._alone(value) else value for value in found]

    @cached_property
    def _values(self) -> list[float]:
        """What stands for each bin, zero first; nothing is larger than the largest value, which is known."""
        found = [0.0, *self._centres]
        return found if self.largest is None else [min(value, self.largest) for value in found]

    @cached_property
    def _reached(self) -> list[int]:
        """How many values there are up to each bin, zero first."""
        return list(accumulate([self.zeros, *self.calls]))


def histogram(
    counts: dict[int, int], *, zeros: int, total: float, largest: float | None, whole: bool = False
) -> Histogram:
    """The histogram of bins by their numbers."""
    ordered = sorted(counts)
    return Histogram(
        bins=tuple(ordered),
        calls=tuple(counts[number] for number in ordered),
        zeros=zeros,
        total=total,
        largest=largest,
        whole=whole,
    )


def of_values(values: Sequence[float], *, whole: bool = False) -> Histogram:
    """The histogram of these values, none of which is below 0."""
    counts: dict[int, int] = {}
    for value in values:
        if value > 0:
            number = bin_number(value)
            counts[number] = counts.get(number, 0) + 1
    zeros = len(values) - sum(counts.values())
    return histogram(counts, zeros=zeros, total=math.fsum(values), largest=max(values, default=None), whole=whole)


def bin_number(value: float) -> int:
    """The number of the bin of a value above 0."""
    # A value that is an edge belongs to the bin that it begins, on every machine.
    return math.floor(math.log(value) / LOG_GROWTH + 1e-9)

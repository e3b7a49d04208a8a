"""How sure a number is, and how sure it is that two runs differ in it: intervals that hold in 95 of 100 runs.

- A percentile: the sorted values themselves between which it lies (`percentiles.ranks`). Of two runs, the difference
  is bootstrapped: in runs drawn from a run's own n calls, the k-th value is the one at the rank of a draw from
  Beta(k, n - k + 1) (Hutson and Ernst, The exact bootstrap mean and variance of an L-estimator, 2000), so that no call
  need be drawn.
- A mean: Student's t; of two runs Welch's (The generalization of "Student's" problem, 1947).
- A rate: Wilson's score interval (1927); of two runs Newcombe's, made of both (Interval estimation for the difference
  between independent proportions, 1998, method 10).

All assume that calls are independent of each other. The draws are the same every time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from logreport import percentiles
from logreport.figures import FEW
from logreport.histogram import Histogram
from logreport.percentiles import Z

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: So many draws make the ends of an interval settle to a tenth of its width.
_DRAWS: Final = 5_000

#: Means that differ by no larger share are the same, divided by another number of calls.
_ROUNDING: Final = 1e-12


class Interval(NamedTuple):
    """The ends of a 95 % confidence interval; None where there is no end."""

    low: float | None
    high: float | None


NO_INTERVAL: Final = Interval(None, None)


class Difference(NamedTuple):
    """The 95 % confidence interval of current minus baseline, and the probability of so large a one by chance."""

    low: float
    high: float
    chance: float

    @property
    def clear(self) -> bool:
        """Whether there is a difference beyond chance."""
        return self.low > 0 or self.high < 0


# ---------------------------------------------------------------- one run


def percentile(values: Histogram, percent: float) -> Interval:
    """The interval of a percentile."""
    low, high = percentiles.ranks(values.count, percent)
    return Interval(
        values.ranked(low) if 1 <= low <= values.count else None,
        values.ranked(high) if high <= values.count else None,
    )


def mean(values: Histogram) -> Interval:
    """The interval of a mean."""
    if values.mean is None or values.count < 2:
        return NO_INTERVAL
    apart = _student(values.count - 1) * math.sqrt(values.variance / values.count)
    return Interval(values.mean - apart, values.mean + apart)


def rate(hits: int, of: int) -> Interval:
    """The interval of a rate of hits."""
    if not of:
        return NO_INTERVAL
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    apart = Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    # What rounding leaves at the ends is none.
    return Interval(middle - apart if hits else 0.0, middle + apart if hits < of else 1.0)


# ---------------------------------------------------------------- two runs


def percentile_difference(current: Histogram, baseline: Histogram, percent: float) -> Difference | None:
    """How much a percentile differs; None where one of the two has too few calls for an interval with two ends."""
    import numpy as np

    if any(None in percentile(values, percent) or values.count < FEW for values in (current, baseline)):
        return None
    draws = np.random.default_rng(0)
    now, before = (_drawn(values, percent, draws) for values in (current, baseline))
    low, high = (float(end) for end in np.quantile(now - before, [0.025, 0.975]))
    above, below = float((now > before).mean()), float((now < before).mean())
    return Difference(low, high, min(1.0, 2 * (1 - max(above, below)) + 1 / _DRAWS))


def mean_difference(current: Histogram, baseline: Histogram) -> Difference | None:
    """How much a mean differs; None where one of the two has too few calls."""
    if min(current.count, baseline.count) < FEW or current.mean is None or baseline.mean is None:
        return None
    difference = current.mean - baseline.mean
    parts = [values.variance / values.count for values in (current, baseline)]
    if math.isclose(current.mean, baseline.mean, rel_tol=_ROUNDING):
        difference = 0.0
    if sum(parts) == 0:
        return Difference(difference, difference, 0.0 if difference else 1.0)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (values.count - 1) for part, values in zip(parts, (current, baseline), strict=True)
    )
    error = math.sqrt(sum(parts))
    apart = _student(freedom) * error
    return Difference(difference - apart, difference + apart, _chance_of_student(difference / error, freedom))


def rate_difference(hits: int, of: int, baseline_hits: int, baseline_of: int) -> Difference | None:
    """How much a rate differs; None where one of the two has too few calls."""
    if min(of, baseline_of) < FEW:
        return None
    share, before = hits / of, baseline_hits / baseline_of
    now, then = _ends(rate(hits, of)), _ends(rate(baseline_hits, baseline_of))
    difference = share - before
    low = difference - math.hypot(share - now[0], then[1] - before)
    high = difference + math.hypot(now[1] - share, before - then[0])
    both = (hits + baseline_hits) / (of + baseline_of)
    error = math.sqrt(both * (1 - both) * (1 / of + 1 / baseline_of))
    return Difference(low, high, _chance(difference / error) if error else 1.0)


def _drawn(values: Histogram, percent: float, draws: np.random.Generator) -> NDArray[np.float64]:
    """The percentile of so many runs made of the calls of this one."""
    rank = (values.count - 1) * percent / 100 + 1
    shares = draws.beta(rank, values.count - rank + 1, size=_DRAWS)
    return values.at_shares(shares)


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low or 0.0, 1.0 if interval.high is None else interval.high


def _student(freedom: float) -> float:
    """How far from its middle 95 % of Student's t reach (Abramowitz and Stegun, 26.7.5; exact for one and two)."""
    if freedom == 1:
        return math.tan(math.pi * 0.95 / 2)
    if freedom == 2:
        return 0.95 * math.sqrt(2 / (1 - 0.95**2))
    z = Z
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))


def _chance_of_student(t: float, freedom: float) -> float:
    """How likely so large a t is (Abramowitz and Stegun, 26.7.8)."""
    return _chance(t * (1 - 1 / (4 * freedom)) / math.sqrt(1 + t * t / (2 * freedom)))


def _chance(deviations: float) -> float:
    """How likely it is to be so many standard deviations off, on either side."""
    return math.erfc(abs(deviations) / math.sqrt(2))

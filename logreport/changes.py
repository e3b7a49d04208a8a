"""Tests of whether something changed over time, which seldom cry wolf.

Both look at how many of the calls in each step are of a kind: slower than most, failed. Where nothing changed, these
are spread over the steps by chance, as if drawn from all calls without putting back; so the most striking change of the
real steps is compared with the most striking one of many such draws (a Monte Carlo test, Davison and Hinkley, Bootstrap
Methods and their Application, chapter 4). That many places were looked at is thereby accounted for: where nothing
changed, a test says something once in two hundred times. The draws are the same every time.

Real calls vary more than draws do: nights are quieter than days, and who fails tries again. How much more is measured
on what is left when the change itself is taken away, step by step and in longer and longer stretches, and a change must
be as many times more striking (quasi-likelihood, McCullagh and Nelder, Generalized Linear Models, section 4.5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.float64]

#: Where nothing changed, one of 200 is the most striking, and each is as likely to be it.
_DRAWS: Final = 199

#: No more striking than this, and no test of several steps would call it a change: the draws are saved.
_LEAST: Final = 4.0

#: Fewer steps have no before and after.
_STEPS: Final = 8

#: How much something varies is told by no fewer stretches.
_STRETCHES: Final = 8

#: A change of fewer calls of the kind is not worth a word.
_FEWEST: Final = 10


class Change(NamedTuple):
    """Steps from `start` (included) to `end` (excluded) in which the share of calls differs from all other steps."""

    start: int
    end: int
    share: float
    other: float


def level(hits: Sequence[int], calls: Sequence[int]) -> Change | None:
    """Whether the share of hits has another level from some step on until the end; None where that may be chance."""
    return _most_striking(hits, calls, _splits)


def burst(hits: Sequence[int], calls: Sequence[int]) -> Change | None:
    """Whether some neighbouring steps have more hits than all others; None where that may be chance.

    The statistic is Kulldorff's scan statistic for events among trials (A spatial scan statistic, 1997, section 3).
    """
    found = _most_striking(hits, calls, _spans)
    return found if found and found.share > found.other else None


#: From the number of steps to the spans to be looked at, each as its start and end.
_Spans = Callable[[int], list[tuple[int, int]]]


def _splits(steps: int) -> list[tuple[int, int]]:
    least = max(2, steps // 20)
    return [(start, steps) for start in range(least, steps - least + 1)]


def _spans(steps: int) -> list[tuple[int, int]]:
    widths = sorted({round(1.4**power) for power in range(40) if 1.4**power <= steps / 2})
    return [(start, start + width) for width in widths for start in range(steps - width + 1)]


def _most_striking(hits: Sequence[int], calls: Sequence[int], spans_of: _Spans) -> Change | None:
    import numpy as np

    steps, total, all_hits = len(calls), sum(calls), sum(hits)
    if steps < _STEPS or not _FEWEST <= all_hits < total:
        return None
    spans = np.array(spans_of(steps))
    trials = np.array(calls, dtype=np.int64)
    found = _likelihoods(np.array([hits], dtype=np.int64), trials, spans)[0]
    best = int(found.argmax())
    if found[best] < _LEAST:
        return None
    striking = found[best] / _dispersion(np.array(hits), trials, *spans[best])
    if striking < _LEAST:
        return None
    draws = np.random.default_rng(0).multivariate_hypergeometric(trials, all_hits, size=_DRAWS, method="marginals")
    if _likelihoods(draws, trials, spans).max() >= striking:
        return None
    start, end = (int(place) for place in spans[best])
    inside, within = sum(hits[start:end]), sum(calls[start:end])
    return Change(start, end, inside / within, (all_hits - inside) / (total - within))


def _dispersion(hits: Any, calls: Any, start: int, end: int) -> float:
    """How many times more the hits vary than chance has it, around the two shares that the change leaves; at least 1.

    The largest of several lengths of stretches counts: what goes up and down slowly shows in long ones only.
    """
    import numpy as np

    inside = np.zeros(len(calls), dtype=bool)
    inside[start:end] = True
    left, expected = np.zeros(len(calls)), np.zeros(len(calls))
    for part in (inside, ~inside):
        share = hits[part].sum() / max(1, calls[part].sum())
        left[part] = hits[part] - calls[part] * share
        expected[part] = calls[part] * share * (1 - share)
    found = 1.0
    for length in (1, 2, 4, 8, 16, 32):
        edges = np.arange(0, len(calls), length)
        # Within one part only, for across its edge what is left of both cancels out.
        whole = [slice(edge, edge + length) for edge in edges if len(set(inside[edge : edge + length])) == 1]
        if len(whole) < _STRETCHES:
            break
        varied = sum(float(left[one].sum()) ** 2 for one in whole)
        found = max(found, varied / max(1e-9, sum(float(expected[one].sum()) for one in whole)))
    return found


def _likelihoods(hits: Any, calls: Any, spans: Any) -> Counts:
    """How much likelier the hits of each row are with two shares, inside a span and outside, than with one.

    The logarithm of the ratio of the two likelihoods; a row a draw, a column a span.
    """
    import numpy as np

    def within(counts: Any) -> Counts:
        edges = np.concatenate([np.zeros((*counts.shape[:-1], 1)), counts.cumsum(axis=-1)], axis=-1)
        inside: Counts = edges[..., spans[:, 1]] - edges[..., spans[:, 0]]
        return inside

    def likely(part: Any, whole: Any) -> Counts:
        missed = whole - part
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Counts = np.where(part > 0, part * np.log(part / whole), 0.0) + np.where(
                missed > 0, missed * np.log(missed / whole), 0.0
            )
        return found

    inside, trials = within(hits), within(calls)
    all_hits, all_trials = hits.sum(axis=-1, keepdims=True), calls.sum()
    two = likely(inside, trials) + likely(all_hits - inside, all_trials - trials)
    return np.where((trials > 0) & (trials < all_trials), two - likely(all_hits, all_trials), 0.0)

"""How often a comparison cries wolf, and how often it sees the wolf.

Pairs of runs are drawn from the same distribution, and from one and the same made a fifth slower; beside our verdict
stands the yardstick, a gate that knows ratios only: worse where the p95 is more than a tenth above the baseline's.
Numbers are the same every time.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logreport import significance
from logreport.histogram import Histogram, of_values
from logreport.testing import load_logs

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]

SAMPLE = Path(__file__).parents[2] / "examples" / "llm-logs.json"


def distributions() -> dict[str, Draw]:
    """Durations in seconds: of one model, of heavy tails, of two models, and those of the sample log."""
    logged = np.array([call["duration"] for call in load_logs(SAMPLE).calls if call.get("duration")])

    def two_models(draws: np.random.Generator, count: int) -> NDArray[np.float64]:
        slow = draws.random(count) < 0.2
        return np.where(slow, draws.lognormal(2, 0.5, count), draws.lognormal(0, 0.4, count))

    return {
        "log-normal, sigma 0.5": lambda draws, count: draws.lognormal(0, 0.5, count),
        "log-normal, sigma 0.8": lambda draws, count: draws.lognormal(0, 0.8, count),
        "log-normal, sigma 1.0": lambda draws, count: draws.lognormal(0, 1.0, count),
        "gamma, shape 2": lambda draws, count: draws.gamma(2, 1, count),
        "two models, one slow": two_models,
        "the sample's durations": lambda draws, count: draws.choice(logged, count),
    }


def verdicts(draw: Draw, calls: int, pairs: int, slower: float) -> dict[str, float]:
    """In how many of so many pairs each says "worse", as shares."""
    found = {"p95": 0, "mean": 0, "p50": 0, "rate": 0, "p95 above 1.1 times": 0}
    for seed in range(pairs):
        draws = np.random.default_rng([seed, calls, round(100 * slower)])
        baseline, current = (of_values((draw(draws, calls) * times).tolist()) for times in (1.0, slower))
        found["p95"] += _worse(significance.percentile_difference(current, baseline, 95))
        found["p50"] += _worse(significance.percentile_difference(current, baseline, 50))
        found["mean"] += _worse(significance.mean_difference(current, baseline))
        failed = [int(count) for count in draws.binomial(calls, [0.02, 0.02 * slower**4])]
        found["rate"] += _worse(significance.rate_difference(failed[1], calls, failed[0], calls))
        found["p95 above 1.1 times"] += _p95(current) > 1.1 * _p95(baseline)
    return {name: count / pairs for name, count in found.items()}


def _worse(difference: significance.Difference | None) -> bool:
    return difference is not None and difference.low > 0


def _p95(values: Histogram) -> float:
    return values.percentile(95) or math.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=400)
    pairs = parser.parse_args().pairs
    names = ("p95", "p50", "mean", "rate", "p95 above 1.1 times")
    for title, slower in (("the same: worse, %", 1.0), ("a fifth slower (errors doubled): worse, %", 1.2)):
        print(f"\n| {title} | calls | {' | '.join(names)} |")
        print(f"|---|--:|{'--:|' * len(names)}")
        for name, draw in distributions().items():
            for calls in (200, 2000):
                found = verdicts(draw, calls, pairs, slower)
                print(f"| {name} | {calls:,} | {' | '.join(f'{100 * found[one]:.1f}' for one in names)} |")


if __name__ == "__main__":
    main()

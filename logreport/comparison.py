"""Two runs side by side: how each number differs, whether that is more than chance, what is new and what is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from logreport import named_numbers, significance
from logreport.figures import listed
from logreport.latency import spoken_calls
from logreport.measured import MOST_MODELS, RATES, Measured, Unit
from logreport.named_numbers import MOST_ROWS, Name, NamedNumber, percent_of
from logreport.significance import Difference

if TYPE_CHECKING:
    from logreport.baseline import Baseline, BaselineCard
    from logreport.cards import Card
    from logreport.headline import Headline
    from logreport.metric import Window

#: What is said of a difference; nothing of sums, which depend on how many calls there were, and of what is not of all.
Verdict = Literal["better", "worse", "higher", "lower", "unclear", "too few calls", ""]

#: So many times fewer or more calls are another scope.
_ANOTHER_SCOPE: Final = 20

#: What a reader looks at first, of all calls, in this order.
SHOWN: Final = (
    "duration.p50",
    "duration.p95",
    "time_to_first_token.p50",
    "time_to_first_token.p95",
    "time_to_first_token_not_streamed.p95",
    "time_per_output_token.p50",
    "errors.rate",
    "cut_off.rate",
    "cost.per_1000_calls",
    "prompt_tokens.mean",
    "completion_tokens.mean",
)

#: What a reader looks at for each model.
OF_MODELS: Final = ("duration.p95", "time_to_first_token.p95", "errors.rate", "cost.per_1000_calls")

#: The figures at the top that runs are compared by, and the number that says whether a difference is good; None where
#: neither more nor less is.
HEADLINE: Final[dict[str, Name | None]] = {
    "calls": None,
    "cost": Name(family="cost", statistic="per_1000_calls"),
    "tokens": None,
    "prompt_tokens": None,
    "completion_tokens": None,
    "models": None,
    "errors": Name(family="errors", statistic="rate"),
}

#: How likely it may be that one of all differences is called one by chance.
_CHANCE: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a number differs. `difference` is current minus baseline in the number's unit, None where one is unknown.

    `tested` has the difference's interval, None where there is none: of sums, and of too few calls.
    """

    name: Name
    current: NamedNumber
    baseline: NamedNumber
    difference: float | None
    tested: Difference | None
    verdict: Verdict

    @property
    def ratio(self) -> float | None:
        """The difference as a share of the baseline; None where that is 0 or one of the two unknown."""
        base = self.baseline.value
        return None if self.difference is None or not base else self.difference / base


@dataclass(frozen=True, kw_only=True)
class HeadlineChange:
    """A figure at the top and the baseline's; `side` is empty where neither more nor less is good."""

    current: float
    baseline: float
    side: Literal["better", "worse", ""]

    @property
    def ratio(self) -> float | None:
        """The difference as a share of the baseline; None where that is 0."""
        return (self.current - self.baseline) / self.baseline if self.baseline else None


@dataclass(frozen=True, kw_only=True)
class Turnover:
    """Rows of a metric that only one run has, by the texts that tell them apart."""

    metric: str
    key: str
    new: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How a run differs from its baseline.

    `warnings` are sentences on what makes the two hard to compare. `headline` has the baseline's figures at the top, by
    the names that the JSON gives them. `shown` and `of_models` are the differences that
    a page shows, of all calls and of each model that both have. `grave` are those of them that are clearly for the
    worse even though so many were looked at (Holm, A simple sequentially rejective multiple test procedure, 1979).
    """

    baseline: Baseline
    warnings: tuple[str, ...]
    headline: Mapping[str, HeadlineChange]
    shown: tuple[Change, ...]
    of_models: tuple[Change, ...]
    turnover: tuple[Turnover, ...]
    grave: tuple[Change, ...]


def compared(
    measured: Measured,
    baseline: Baseline,
    headline: Headline,
    cards: Sequence[Card],
    window: Window,
    sources: Sequence[str],
) -> Comparison:
    """The comparison of what was measured in a window with a baseline; `sources` are the formats of its logs."""
    shown = tuple(_both_known(measured, baseline.measured, SHOWN, None))
    of_models = tuple(
        change
        for model in measured.models
        if model in baseline.measured.models
        for change in _both_known(measured, baseline.measured, OF_MODELS, model)
    )
    return Comparison(
        baseline=baseline,
        warnings=tuple(_warnings(measured, baseline, window, sources)),
        headline={name: found for name in HEADLINE if (found := _headline(headline, measured, baseline, name))},
        shown=shown,
        of_models=of_models,
        turnover=tuple(_turnover(cards, measured, baseline, window)),
        grave=_grave(shown),
    )


def change(measured: Measured, baseline: Measured, name: Name) -> Change:
    """How the number of a measured name differs."""
    now, before = named_numbers.number(measured, name), named_numbers.number(baseline, name)
    if now.value is None or before.value is None:
        return Change(name=name, current=now, baseline=before, difference=None, tested=None, verdict="")
    difference = now.value - before.value
    # Where one of the two leaves something out, they are of different calls.
    alike = now.sampled and not now.leaves_out and not before.leaves_out
    tested = _around(_tested(measured, baseline, name), difference) if alike else None
    return Change(
        name=name,
        current=now,
        baseline=before,
        difference=difference,
        tested=tested,
        verdict=_verdict(tested, now.unit) if alike else "",
    )


def _headline(headline: Headline, measured: Measured, baseline: Baseline, name: str) -> HeadlineChange | None:
    now = headline.spend.cost if name == "cost" else getattr(headline, name)
    before = baseline.headline.get(name)
    if now is None or not isinstance(before, int | float) or isinstance(before, bool):
        return None
    judge = HEADLINE[name]
    if now == before or judge is None:
        return HeadlineChange(current=now, baseline=before, side="")
    # A sum depends on how many calls there were, and on chance: what it is for each call says whether that is good.
    verdict = change(measured, baseline.measured, judge).verdict
    return HeadlineChange(current=now, baseline=before, side=verdict if verdict in {"better", "worse"} else "")


def _both_known(measured: Measured, baseline: Measured, names: Sequence[str], model: str | None) -> Iterator[Change]:
    selectors = () if model is None else (("model", model),)
    for text in names:
        family, _, statistic = text.partition(".")
        found = change(measured, baseline, Name(family=family, statistic=statistic, selectors=selectors))
        if found.difference is not None:
            yield found


def _tested(measured: Measured, baseline: Measured, name: Name) -> Difference | None:
    now, before = measured.scope(name.model), baseline.scope(name.model)
    assert now is not None
    assert before is not None
    if name.family in RATES:
        return significance.rate_difference(*now.rates[name.family], *before.rates[name.family])
    values, base = now.distributions[name.family], before.distributions[name.family]
    if name.statistic == "mean":
        return significance.mean_difference(values, base)
    if name.statistic == "per_1000_calls":
        found = significance.mean_difference(values, base)
        return found and Difference(1000 * found.low, 1000 * found.high, found.chance)
    return significance.percentile_difference(values, base, percent_of(name.statistic))


def _around(tested: Difference | None, difference: float) -> Difference | None:
    """An interval holds the difference that is known exactly, though it is made of bins."""
    return tested and tested._replace(low=min(tested.low, difference), high=max(tested.high, difference))


def _verdict(tested: Difference | None, unit: Unit | None) -> Verdict:
    """Less time, cost and failure is better; a longer prompt or answer is neither good nor bad."""
    if tested is None:
        return "too few calls"
    if not tested.clear:
        return "unclear"
    if unit == "tokens":
        return "higher" if tested.low > 0 else "lower"
    return "worse" if tested.low > 0 else "better"


def _grave(changes: Sequence[Change]) -> tuple[Change, ...]:
    tested = sorted((one for one in changes if one.tested), key=lambda one: one.tested.chance if one.tested else 1.0)
    found = []
    for place, one in enumerate(tested):
        assert one.tested is not None
        if one.tested.chance > _CHANCE / (len(tested) - place):
            break
        if one.verdict == "worse":
            found.append(one)
    return tuple(found)


# ---------------------------------------------------------------- what else differs


def _turnover(cards: Sequence[Card], measured: Measured, baseline: Baseline, window: Window) -> Iterator[Turnover]:
    """What is new and what is gone, of each metric that says which of its names are worth a word.

    What only one of the two leaves out by its filters is neither.
    """
    here, there = ([sorted(names) for names in (one.models, one.request_types)] for one in (window, baseline))
    narrower, wider = here != there and any(there), here != there and any(here)
    for card in cards:
        before = baseline.cards.get(card.name)
        if not card.kinds or before is None or "failed" in {card.status, before.status}:
            continue
        if not (_tells(card, card.kinds, measured) and _tells(before, card.kinds, baseline.measured)):
            continue
        # What has no row of its own among so many may still be there, and what follows those may be all others.
        now, then = (_names(card.kinds, rows) for rows in (card.rows, before.rows))
        new = now - then if not _cut(before.rows) and not narrower else set()
        gone = then - now if not _cut(card.rows) and not wider else set()
        if _cut(card.rows):
            new &= _names(card.kinds, card.rows[:MOST_ROWS])
        if _cut(before.rows):
            gone &= _names(card.kinds, before.rows[:MOST_ROWS])
        if new or gone:
            yield Turnover(metric=card.name, key=card.kinds, new=tuple(sorted(new)), gone=tuple(sorted(gone)))


def _cut(rows: Sequence[object]) -> bool:
    """Whether rows may be the first fifty and one or two of all others, as metrics do that cut their rows."""
    return MOST_ROWS < len(rows) <= MOST_ROWS + 2


def _tells(card: Card | BaselineCard, key: str, measured: Measured) -> bool:
    """Whether a run tells of the names of a metric: none of them is none only where it does."""
    if card.rows:
        return bool(_names(key, card.rows))
    # A metric that is called like a rate has no row where nothing was hit.
    rate = measured.whole.rates.get(card.name)
    return rate is not None and rate.of > 0


def _names(key: str, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(row[key]) for row in rows if row.get(key) is not None}


def _warnings(measured: Measured, baseline: Baseline, window: Window, sources: Sequence[str]) -> Iterator[str]:
    """What makes the two hard to compare, a sentence each."""
    now, before = measured.whole.calls, baseline.measured.whole.calls
    if not before:
        yield "The baseline has no calls."
    elif max(now, before) >= _ANOTHER_SCOPE * min(now, before):
        yield f"The baseline has {spoken_calls(before)} and this run {now:,}: they are hardly of one kind."
    if (here := sorted(set(sources))) != (there := sorted(baseline.sources)) and here and there:
        yield f"The baseline's calls are from logs of {listed(there)}, and these from logs of {listed(here)}."
    models, others = set(measured.models), set(baseline.measured.models)
    # What is not among so many may still be there.
    if models and others and not models & others and max(len(models), len(others)) < MOST_MODELS:
        yield "No model is in both runs."
    for word, chosen, other in (
        ("models", window.models, baseline.models),
        ("request types", window.request_types, baseline.request_types),
    ):
        if sorted(chosen) != sorted(other):
            yield f"The baseline shows {_chosen(word, other)}, and this run {_chosen(word, chosen)}."
    if baseline.prices and window.rates.told and baseline.prices != window.rates.told:
        yield f"The baseline's costs are by other prices: {baseline.prices}."
    both = measured.whole, baseline.measured.whole
    lacking = [scope.unpriced_tokens for scope in both]
    if any(lacking) and all("cost" in scope.distributions for scope in both):
        yield f"Costs are not judged: {lacking[0]:,} tokens have no price here, and {lacking[1]:,} in the baseline."


def _chosen(word: str, names: Sequence[str]) -> str:
    return f"the {word} {listed(names)} only" if names else f"all {word}"

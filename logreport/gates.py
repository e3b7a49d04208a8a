"""Whether a run keeps to its rules: passed, failed, or inconclusive where nobody can tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

from logreport import named_numbers
from logreport.comparison import change
from logreport.errors import BadInput
from logreport.latency import spoken_calls
from logreport.measured import FAMILIES, RATES, Measured, Unit
from logreport.named_numbers import MOST_ROWS, Name, NamedNumber
from logreport.rules import Level, Rule, with_unit
from logreport.spoken import said

if TYPE_CHECKING:
    from logreport.baseline import Baseline, BaselineCard
    from logreport.cards import Card

Status = Literal["passed", "failed", "inconclusive"]

_HOLDS: Final = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}

_BROKEN: Final = {"<": "≥", "<=": ">", ">": "≤", ">=": "<"}
_KEPT: Final = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}

#: Why a rule about a baseline cannot be judged without one.
NO_BASELINE: Final = "there is no baseline to compare with"

#: Stands for each model of the run, in a rule.
EACH: Final = "*"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What became of a rule for one number. `message` says it with its figures; `bound` None where it is unknown.

    `excess` is how far beyond its bound the number is, as a share of it: the worst first.
    """

    rule: Rule
    name: Name
    unit: Unit | None
    status: Status
    value: float | None
    bound: float | None
    baseline: float | None
    calls: int | None
    message: str
    excess: float = 0.0

    @property
    def level(self) -> Level:
        """Whether it matters to the build, or is a warning."""
        return self.rule.level

    @property
    def fails(self) -> bool:
        """Whether the build fails by it."""
        return self.level == "error" and self.stands_out

    @property
    def stands_out(self) -> bool:
        """Whether somebody should look at it: it failed, or is inconclusive and may not be."""
        return self.status == "failed" or (self.status == "inconclusive" and not self.rule.allow_inconclusive)


def judge(
    rules: Sequence[Rule], measured: Measured, cards: Sequence[Card], baseline: Baseline | None
) -> tuple[Gate, ...]:
    """What became of these rules, in their order.

    Raises:
        BadInput: a rule is about a column that the rows of its metric do not have.
    """
    here = _Here(measured, cards, baseline)
    return tuple(gate for rule in rules for gate in here.judged(rule))


def check_rule(rule: Rule, metrics: Sequence[str]) -> None:
    """Whether there can be such a number, before anything is read.

    Raises:
        BadInput: there cannot.
    """
    name = rule.name
    if named_numbers.is_measured(name):
        with_unit(rule, named_numbers.unit(name))
        if rule.significant and not named_numbers.is_sampled(name):
            raise BadInput(
                f"{rule.where}: {rule.text}: {name} is a sum or a maximum, which is as it is and never by chance",
                "bound a mean, a percentile or a rate, or take `and significant` away",
            )
    elif name.family not in metrics:
        raise _unknown(name, [*FAMILIES, *RATES, "calls", *metrics], rule.where)
    elif rule.significant:
        raise BadInput(
            f"{rule.where}: {rule.text}: how sure {name} is, is not known",
            "take `and significant` away, or bound one of the numbers that `logreport check --list` shows first",
        )
    else:
        with_unit(rule, None)


def _unknown(name: Name, families: Sequence[str], where: str) -> BadInput:
    close = get_close_matches(name.family, families, n=1)
    meant = f"did you mean `{close[0]}`? " if close and close[0] != name.family else ""
    return BadInput(f"{where}: no number is called {name}", f"{meant}`logreport check --list FILE` lists them")


class _Here:
    """The run that is judged."""

    def __init__(self, measured: Measured, cards: Sequence[Card], baseline: Baseline | None) -> None:
        self._measured = measured
        self._baseline = baseline
        self._cards = {card.name: card for card in cards}

    def judged(self, rule: Rule) -> Iterator[Gate]:
        """The gate of a rule; of one about each model, a gate a model."""
        if rule.name.model != EACH:
            yield self._gate(rule, self._meant(rule.name))
            return
        if not self._measured.models:
            yield _inconclusive(rule, NamedNumber(name=rule.name, unit=None), "no call has a model", None, None)
        for model in self._measured.models:
            yield self._gate(rule, _of_model(rule.name, model))

    def _meant(self, name: Name) -> Name:
        """The name as this run spells its model."""
        if name.model is None or name.model in self._measured.models:
            return name
        return named_numbers.meant(name, (_of_model(name, model) for model in self._measured.models))

    def _gate(self, rule: Rule, name: Name) -> Gate:
        now, before = self._number(name), self._before(name) if rule.bound.relative else None
        base = before.value if before else None
        if now.value is None:
            return _inconclusive(rule, now, now.reason, None, base)
        if before is not None and (why := self._useless(rule, before)):
            return _inconclusive(rule, now, why if why == NO_BASELINE else f"the baseline: {why}", None, base)
        bound = rule.bound.of(base or 0.0)
        if named_numbers.few(now, rule.min_calls):
            return _inconclusive(rule, now, f"only {spoken_calls(now.calls or 0)} behind it", bound, base)
        return _judged(rule, now, bound, base, lambda: self._by_chance(rule, now, bound))

    def _number(self, name: Name) -> NamedNumber:
        if named_numbers.is_measured(name):
            return named_numbers.number(self._measured, name)
        card = self._cards[name.family]
        _check_columns(name, list(card.columns))
        return _of_rows(name, card, card.reason)

    def _before(self, name: Name) -> NamedNumber:
        """The number of the baseline."""
        if self._baseline is None:
            return NamedNumber(name=name, unit=None, reason=NO_BASELINE)
        if named_numbers.is_measured(name):
            return named_numbers.number(self._baseline.measured, name)
        card = self._baseline.cards.get(name.family)
        if card is None:
            return NamedNumber(name=name, unit=None, reason=f"it has no {name.family}")
        return _of_rows(name, card, "nothing to show" if card.status != "ok" else "")

    def _useless(self, rule: Rule, before: NamedNumber) -> str:
        """Why nothing can be compared with this number of the baseline; empty where it can."""
        if before.value is None:
            return before.reason
        if before.leaves_out:
            return before.leaves_out
        return f"only {spoken_calls(before.calls or 0)} behind it" if named_numbers.few(before, rule.min_calls) else ""

    def _by_chance(self, rule: Rule, now: NamedNumber, bound: float) -> str | None:
        """Why a broken rule may be broken by chance; empty where it is not, None where nobody can tell."""
        upwards = rule.operator in {"<", "<="}
        if rule.bound.relative:
            assert self._baseline is not None
            found = change(self._measured, self._baseline.measured, now.name)
            if found.tested is None:
                return None
            # A rule that asks for less than the baseline is broken without being worse than it.
            asked = bound - (found.baseline.value or 0.0)
            clear = found.tested.low > min(0.0, asked) if upwards else found.tested.high < max(0.0, asked)
            return "" if clear else "the difference from the baseline may be chance"
        end = now.interval.low if upwards else now.interval.high
        if end is None:
            return None
        return "" if (end > bound if upwards else end < bound) else "that may be chance"


def _of_model(name: Name, model: str) -> Name:
    selectors = tuple((key, model if key == "model" else value) for key, value in name.selectors)
    return Name(family=name.family, statistic=name.statistic, selectors=selectors)


def _check_columns(name: Name, columns: Sequence[str]) -> None:
    """Whether rows with these columns can have such a number; there are no columns where there is no answer."""
    if columns and not {name.statistic, *(key for key, _ in name.selectors)} <= set(columns):
        raise BadInput(f"no number is called {name}", f"the rows of {name.family} have {', '.join(columns)}")


def _of_rows(name: Name, card: Card | BaselineCard, reason: str) -> NamedNumber:
    """The number of a row; `reason` is why the metric has none."""
    rows = list(named_numbers.row_names(card))
    real = named_numbers.meant(name, (known for known, _ in rows))
    values = [value for known, value in rows if known == real]
    if len(values) == 1:
        return NamedNumber(name=name, unit=None, value=values[0], reason="unknown")
    if len(card.rows) > MOST_ROWS:
        reason = f"of {len(card.rows):,} rows, none has a name"
    return NamedNumber(name=name, unit=None, reason=reason or ("two rows are that" if values else "no row is of that"))


def _judged(
    rule: Rule, now: NamedNumber, bound: float, base: float | None, by_chance: Callable[[], str | None]
) -> Gate:
    """The gate of a number that is known."""
    assert now.value is not None
    value, upwards = now.value, rule.operator in {"<", "<="}
    holds = _HOLDS[rule.operator](value, bound)
    # A sum can only be higher than what is known of it; what a mean or percentile leaves out may be anything.
    if now.leaves_out and (now.sampled or holds == upwards):
        return _inconclusive(rule, now, now.leaves_out, bound, base)
    told = _compared(rule, now, bound, base, holds=holds)
    if holds:
        return _gate(rule, now, "passed", told, bound, base)
    if rule.floor and base is not None and abs(value - base) < (least := rule.floor.of(0.0)):
        return _gate(rule, now, "passed", f"{told}, but differs by less than {said(least, now.unit)}", bound, base)
    if rule.significant:
        chance = by_chance()
        if chance is None:
            return _inconclusive(rule, now, f"{told}, and too few calls to tell whether by chance", bound, base)
        if chance:
            return _gate(rule, now, "passed", f"{told}, but {chance}", bound, base)
    return _gate(rule, now, "failed", told, bound, base)


def _compared(rule: Rule, now: NamedNumber, bound: float, base: float | None, *, holds: bool) -> str:
    """The number beside its bound, in figures that differ where the two do."""
    sign = _KEPT[rule.operator] if holds else _BROKEN[rule.operator]
    if not holds and now.value != bound:
        sign = {"≥": ">", "≤": "<"}.get(sign, sign)
    value, limit = said(now.value, now.unit), said(bound, now.unit)
    if value == limit and now.value != bound:
        known = now.value or 0.0
        digits = next(digits for digits in range(4, 18) if f"{known:.{digits}g}" != f"{bound:.{digits}g}")
        value, limit = (_exactly(figure, now.unit, digits) for figure in (known, bound))
    of = f" (baseline {said(base, now.unit)})" if base is not None else ""
    return f"{now.name} {value} {sign} {limit}{of}"


def _exactly(value: float, unit: Unit | None, digits: int) -> str:
    """A number in as many digits as tell it from its bound."""
    if unit == "share":
        return f"{100 * value:.{digits}g} %"
    return f"${value:.{digits}g}" if unit == "dollars" else f"{value:.{digits}g} {unit or ''}".strip()


def _inconclusive(rule: Rule, now: NamedNumber, why: str, bound: float | None, base: float | None) -> Gate:
    value = f" {said(now.value, now.unit)}" if now.value is not None else ""
    message = why if why.startswith(f"{now.name} ") else f"{now.name}{value}: {why}"
    return _gate(rule, now, "inconclusive", message, bound, base)


def _gate(rule: Rule, now: NamedNumber, status: Status, message: str, bound: float | None, base: float | None) -> Gate:
    excess = 0.0
    if status == "failed" and now.value is not None and bound is not None:
        excess = abs(now.value - bound) / abs(bound) if bound else math.inf
    return Gate(
        rule=rule,
        name=now.name,
        unit=now.unit,
        status=status,
        value=now.value,
        bound=bound,
        baseline=base,
        calls=now.calls,
        message=message,
        excess=excess,
    )


def worst(found: Iterable[Gate]) -> list[Gate]:
    """The gates that stand out, errors before warnings, those farthest beyond their bounds first."""
    return sorted(
        (gate for gate in found if gate.stands_out),
        key=lambda gate: (gate.level == "warn", gate.status == "inconclusive", -gate.excess),
    )


def summary(found: Sequence[Gate]) -> str:
    """What gates come to: `3 of 5 gates passed, 1 failed, 1 inconclusive; 1 warning`."""
    failed = sum(gate.fails and gate.status == "failed" for gate in found)
    unknown = sum(gate.fails and gate.status == "inconclusive" for gate in found)
    warned = sum(gate.level == "warn" and gate.stands_out for gate in found)
    allowed = sum(gate.status == "inconclusive" and not gate.stands_out for gate in found)
    passed = sum(gate.status == "passed" for gate in found)
    parts = [f"{passed:,} of {len(found):,} {'gate' if len(found) == 1 else 'gates'} passed"]
    told = ((failed, "failed"), (unknown, "inconclusive"), (allowed, "inconclusive, as allowed"))
    parts += [f"{count:,} {word}" for count, word in told if count]
    return ", ".join(parts) + (f"; {warned:,} {'warning' if warned == 1 else 'warnings'}" if warned else "")

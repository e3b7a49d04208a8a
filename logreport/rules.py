"""What must hold of a run, as people write it: `duration.p95[model=gpt-4o] <= baseline * 1.2 and significant`.

A rule is the name of a number, a comparison and a bound; then, where wanted, `and significant`, and after semicolons
`min_calls=100`, `floor=50ms`, `level=warn`, `allow_inconclusive`. A bound is made of amounts with their units,
`baseline`, `+`, `-`, `*`, `max(…, …)` and `min(…, …)`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from logreport.errors import BadInput
from logreport.measured import Unit
from logreport.named_numbers import Name, parsed
from logreport.settings import Setting

Level = Literal["error", "warn"]
Operator = Literal["<", "<=", ">", ">="]

#: A name of a model may have any sign in it; what follows the last bracket is no name.
_RULE: Final = re.compile(
    r"(?P<name>.*\]|[^<>=\[\]]+?)\s*(?P<operator><=|>=|<|>)\s*"
    r"(?P<bound>[^\]]+?)(?P<sure>\s+and\s+significant)?",
    re.DOTALL,
)

#: A bound of more words and signs than these was not written by a person.
_MOST_TOKENS: Final = 100

#: No number of a run is larger.
_LARGEST: Final = 1e18

#: What units are of, and how many of them make one of it: a division rounds once, so that 7 % of 100 are 7.
_UNITS: Final[Mapping[str, tuple[Unit, float]]] = {
    "s": ("seconds", 1),
    "ms": ("seconds", 1000),
    "us": ("seconds", 1e6),
    "µs": ("seconds", 1e6),
    "min": ("seconds", 1 / 60),
    "h": ("seconds", 1 / 3600),
    "USD": ("dollars", 1),
    "$": ("dollars", 1),
    "%": ("share", 100),
    "tokens": ("tokens", 1),
    "calls": ("calls", 1),
}

_EXAMPLES: Final[Mapping[Unit, str]] = {
    "seconds": "2s or 350ms",
    "dollars": "25 USD",
    "share": "2%",
    "tokens": "1.5M tokens",
    "calls": "1000",
}

_SIZES: Final = {"k": 1e3, "M": 1e6, "G": 1e9}

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<dollars>\$)?(?P<amount>\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(?P<size>[kMG](?![A-Za-z]))?\s*"
    r"(?P<unit>USD|tokens|calls|min|ms|us|µs|s|h|%|\$)?(?![A-Za-z])|(?P<word>baseline|max|min)(?![A-Za-z])|(?P<sign>[-+*(),]))"
)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A bound: `of` makes it of the baseline's number, which it needs where `relative`. `unit` None has none.

    `bare` says that there is an amount without a unit in it, other than as a factor.
    """

    of: Callable[[float], float]
    relative: bool = False
    unit: Unit | None = None
    bare: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must hold. `text` is as it was written, without its options, and `where` says where.

    With `significant` it is broken beyond chance only. `min_calls` is how many calls must stand behind the number, None
    for what is usual; a difference from the baseline below the `floor`, in the number's unit, never breaks it.
    """

    text: str
    name: Name
    operator: Operator
    bound: Bound
    significant: bool = False
    min_calls: int | None = None
    floor: Bound | None = None
    level: Level = "error"
    allow_inconclusive: bool = False
    where: str = "--fail-on"


def rule(text: str, *, where: str = "--fail-on") -> Rule:
    """The rule that somebody wrote; `where` is what errors name.

    Raises:
        BadInput: it is none.
    """
    body, *options = _parts(text)
    found = _RULE.fullmatch(body)
    name = parsed(found["name"]) if found else None
    if found is None or name is None:
        raise BadInput(
            f"{where}: not a rule: {text}",
            "write `duration.p95 <= baseline * 1.2` or `errors.rate < 2%`; `logreport check --list` has the names",
        )
    made = Rule(
        text=body,
        name=name,
        operator=found["operator"],  # type: ignore[arg-type] # as the pattern has it
        bound=bound(found["bound"], where, text),
        significant=found["sure"] is not None,
        where=where,
    )
    given = dict(_option(option) for option in options if option)
    return with_options(made, given, where)


def _parts(text: str) -> list[str]:
    """A rule and its options."""
    name, bracket, rest = text.rpartition("]")
    first, *options = rest.split(";")
    return [f"{name}{bracket}{first}".strip(), *(option.strip() for option in options)]


def _option(text: str) -> tuple[str, Any]:
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        return key, True
    return key, int(value) if re.fullmatch(r"\d+", value) and key == "min_calls" else value


def with_options(made: Rule, given: Mapping[str, Any], where: str) -> Rule:
    """The rule with options by their names, as settings and texts have them.

    Raises:
        BadInput: there is no such option, or it is not what it should be.
    """
    for key, value in given.items():
        made = _with_option(made, key, value, where)
    if made.floor and not made.bound.relative:
        raise BadInput(f"{where}: {made.text}: `floor` is of a difference from the baseline", "take it away")
    return made


def _with_option(made: Rule, key: str, value: Any, where: str) -> Rule:
    if key == "min_calls" and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return replace(made, min_calls=value)
    if key == "floor" and isinstance(value, str):
        floor = bound(value, where, made.text)
        if floor.relative:
            raise BadInput(f"{where}: {made.text}: `floor` is an amount", "write floor=50ms")
        return replace(made, floor=floor)
    if key == "level" and value in {"error", "warn"}:
        return replace(made, level=value)
    if key == "allow_inconclusive" and isinstance(value, bool):
        return replace(made, allow_inconclusive=value)
    raise BadInput(
        f"{where}: {made.text}: not an option of a rule: {key}={value}",
        "there are min_calls=100, floor=50ms, level=warn or level=error, and allow_inconclusive",
    )


def with_unit(made: Rule, unit: Unit | None) -> Rule:
    """The rule, whose amounts must be in the unit of its number.

    Raises:
        BadInput: they are in another, or have none where one is needed.
    """
    for part in (made.bound, made.floor):
        if part is None or part.unit == unit or (part.unit is None and (unit in {"calls", "tokens"} or not part.bare)):
            continue
        example = _EXAMPLES[unit] if unit else "a number without a unit"
        raise BadInput(f"{made.where}: {made.text}: {made.name} is in {unit or 'no unit'}", f"write {example}")
    return made


# ---------------------------------------------------------------- settings


@dataclass(frozen=True, kw_only=True)
class CheckSettings:
    """What a project says once: its rules, and what they compare with unless somebody says otherwise."""

    rules: tuple[Rule, ...] = ()
    baseline: str | None = None
    allow_missing_baseline: bool = False


def check_settings(said: Setting) -> CheckSettings:
    """The table `[tool.logreport.check]`: `rules`, texts or tables with a `rule` and options; `baseline`, and whether
    it may be missing; and what holds for rules that do not say otherwise, `min_calls`, `level`, `allow_inconclusive`.

    Raises:
        BadInput: something in it is not what it should be.
    """
    where = f"{said.file}: check"
    table = said.value
    if not isinstance(table, dict):
        raise BadInput(
            f"{where} is not a table", 'write [tool.logreport.check] and rules = ["errors.rate < 2%"] under it'
        )
    for key in table:
        if key not in {*_OF_ALL, *_FOR_ALL}:
            raise BadInput(f"{where}: there is no setting {key!r}", f"it can have {', '.join((*_OF_ALL, *_FOR_ALL))}")
    given, baseline, may_miss = (table.get(key, unsaid) for key, unsaid in _OF_ALL.items())
    if not isinstance(may_miss, bool):
        raise BadInput(f"{where}: allow_missing_baseline is true or false", "write allow_missing_baseline = true")
    if not isinstance(given, list) or not (baseline is None or isinstance(baseline, str)):
        raise BadInput(f"{where}: rules is a list, and baseline a text", f"write {_RULES}")
    for_all = {key: table[key] for key in _FOR_ALL if key in table}
    rules = tuple(_of_settings(one, for_all, where) for one in given)
    # A file is looked for beside the settings, as that of prices is.
    beside = said.file.parent / baseline if baseline else None
    there = str(beside) if beside and beside.exists() else baseline
    return CheckSettings(rules=rules, baseline=there, allow_missing_baseline=may_miss)


#: What else can be set, with what holds where it is not, and the options of rules that can be said once for all.
_RULES: Final = 'rules = ["errors.rate < 2%", {rule = "cost.total <= 25 USD", level = "warn"}]'
_OF_ALL: Final[dict[str, Any]] = {"rules": [], "baseline": None, "allow_missing_baseline": False}
_FOR_ALL: Final = ("min_calls", "level", "allow_inconclusive")


def _of_settings(one: Any, for_all: Mapping[str, Any], where: str) -> Rule:
    table = {"rule": one} if isinstance(one, str) else one
    if not isinstance(table, dict) or not isinstance(table.get("rule"), str):
        raise BadInput(
            f"{where}: not a rule: {one}", 'write "errors.rate < 2%" or {rule = "errors.rate < 2%", level = "warn"}'
        )
    body, *options = _parts(table["rule"])
    made = with_options(rule(body, where=where), for_all, where)
    own = dict(_option(option) for option in options if option)
    return with_options(made, own | {key: value for key, value in table.items() if key != "rule"}, where)


# ---------------------------------------------------------------- bounds


def bound(text: str, where: str, rule_: str) -> Bound:
    """The bound that a text is.

    Raises:
        BadInput: it is none, or adds what cannot be added.
    """
    reader = _Reader(_tokens(text, where, rule_), where, rule_)
    found = reader.sum()
    if reader.rest:
        raise reader.wrong()
    if not math.isfinite(found.of(_LARGEST)):
        raise reader.wrong("its bound is larger than any number")
    return found


def _tokens(text: str, where: str, rule_: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    at = 0
    while at < len(text.rstrip()):
        token = _TOKEN.match(text, at)
        if token is None or len(found) == _MOST_TOKENS:
            raise BadInput(f"{where}: {rule_}: not a bound: {text[at:].strip()}", _HOW)
        at = token.end()
        if token["word"]:
            found.append(("word", token["word"]))
        elif token["sign"]:
            found.append(("sign", token["sign"]))
        else:
            unit = token["unit"] or token["dollars"]
            amount = float(token["amount"]) * _SIZES.get(token["size"] or "", 1.0)
            found.append(("amount", (amount / _UNITS[unit][1], _UNITS[unit][0]) if unit else (amount, None)))
    return found


_HOW: Final = "a bound is an amount as 2s, 25 USD, 2% or 1000, or baseline * 1.2, max(baseline * 1.3, baseline + 50ms)"


class _Reader:
    """Reads a bound from the left, each method one level of what binds more closely."""

    def __init__(self, tokens: list[tuple[str, Any]], where: str, rule_: str) -> None:
        self.rest = tokens
        self._where = where
        self._rule = rule_

    def wrong(self, why: str = "its bound cannot be understood") -> BadInput:
        return BadInput(f"{self._where}: {self._rule}: {why}", _HOW)

    def sum(self) -> Bound:
        found = self._product()
        while self._next("sign", "+", "-"):
            sign = 1.0 if self.rest.pop(0)[1] == "+" else -1.0
            found = self._added(found, self._product(), sign)
        return found

    def _product(self) -> Bound:
        found = self._part()
        while self._next("sign", "*"):
            self.rest.pop(0)
            found = self._times(found, self._part())
        return found

    def _part(self) -> Bound:
        if not self.rest:
            raise self.wrong()
        kind, value = self.rest.pop(0)
        if kind == "amount":
            amount, unit = value
            return Bound(of=lambda _: amount, unit=unit, bare=unit is None)
        if (kind, value) == ("word", "baseline"):
            return Bound(of=lambda base: base, relative=True)
        if kind == "word":
            return self._picked(max if value == "max" else min)
        if value == "(":
            found = self.sum()
            self._take(")")
            return found
        raise self.wrong()

    def _picked(self, pick: Callable[..., float]) -> Bound:
        self._take("(")
        one = self.sum()
        self._take(",")
        other = self.sum()
        self._take(")")
        return self._joined(one, other, lambda base: pick(one.of(base), other.of(base)))

    def _added(self, one: Bound, other: Bound, sign: float) -> Bound:
        return self._joined(one, other, lambda base: one.of(base) + sign * other.of(base))

    def _joined(self, one: Bound, other: Bound, of: Callable[[float], float]) -> Bound:
        units = {part.unit for part in (one, other) if part.unit or part.bare}
        if len(units) > 1:
            raise self.wrong("its bound adds up or compares amounts of different units")
        return Bound(
            of=of, relative=one.relative or other.relative, unit=next(iter(units), None), bare=one.bare or other.bare
        )

    def _times(self, one: Bound, other: Bound) -> Bound:
        plain = [part for part in (one, other) if part.bare and not part.relative]
        if not plain:
            raise self.wrong("its bound multiplies two amounts")
        kept = other if plain[0] is one else one
        return Bound(
            of=lambda base: one.of(base) * other.of(base), relative=kept.relative, unit=kept.unit, bare=kept.bare
        )

    def _take(self, sign: str) -> None:
        if not self._next("sign", sign):
            raise self.wrong()
        self.rest.pop(0)

    def _next(self, kind: str, *values: str) -> bool:
        return bool(self.rest) and self.rest[0][0] == kind and self.rest[0][1] in values

"""What a number is bound by, as people write it: `2s`, `25 USD`, `max(baseline * 1.3, baseline + 50ms)`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from logreport.errors import BadInput
from logreport.measured import Unit

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

_SIZES: Final = {"k": 1e3, "M": 1e6, "G": 1e9}

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<dollars>\$)?(?P<amount>\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(?P<size>[kMG](?![A-Za-z]))?\s*"
    r"(?P<unit>USD|tokens|calls|min|ms|us|µs|s|h|%|\$)?(?![A-Za-z])|(?P<word>baseline|max|min)(?![A-Za-z])|(?P<sign>[-+*(),]))"
)

_HOW: Final = "a bound is an amount as 2s, 25 USD, 2% or 1000, or baseline * 1.2, max(baseline * 1.3, baseline + 50ms)"


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A bound: `of` makes it of the baseline's number, which it needs where `relative`. `unit` None has none.

    `bare` says that there is an amount without a unit in it, other than as a factor.
    """

    of: Callable[[float], float]
    relative: bool = False
    unit: Unit | None = None
    bare: bool = False


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

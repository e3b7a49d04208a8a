"""Prices of a user's own, which add to those of the price list or take their place.

TOML, one table a price, or JSON of the same shape:

    [[price]]
    model = "llama-3-70b*"    # as the log has it; * stands for anything
    provider = "vllm"         # only there, where it is given
    service_tier = "batch"    # only at that tier, where it is given
    since = 2026-01-01        # only from that day on (UTC), where it is given
    input = 0.5               # US dollars a million tokens
    output = 1.5
    cache_read = 0.05
    cache_write = 0.6
    call = 0.0                # US dollars a call, besides

Of several that fit a call, the last one counts. A rate for a cache that is not given is that of other input tokens.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any, Final

from logreport.errors import BadInput
from logreport.rates import Priced

_TEXTS: Final = ("model", "provider", "service_tier")
_AMOUNTS: Final = ("input", "output", "cache_read", "cache_write", "call")
_EXAMPLE: Final = 'write [[price]] with model = "NAME", input = 0.5 and output = 1.5, in dollars a million tokens'
#: Dollars a million tokens that no token costs: who writes more means another unit.
_BEYOND: Final = 1e5


@dataclass(frozen=True, kw_only=True)
class OwnPrice:
    """One price of a file. Amounts are US dollars a million tokens; `call` is dollars a call."""

    model: str
    provider: str | None = None
    service_tier: str | None = None
    since: date | None = None
    input: float
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    call: float = 0.0

    def fits(self, priced: Priced) -> bool:
        """Whether calls of this kind have this price, since it holds."""
        return all(
            pattern is None or (name is not None and _pattern(pattern).fullmatch(name) is not None)
            for pattern, name in (
                (self.model, priced.model),
                (self.provider, priced.provider),
                (self.service_tier, priced.service_tier),
            )
        )


@dataclass(frozen=True, kw_only=True)
class OwnPrices:
    """The prices of a file, in its order."""

    name: str
    prices: tuple[OwnPrice, ...]


def read_prices(path: str) -> OwnPrices:
    """The prices of a TOML or JSON file.

    Raises:
        BadInput: it cannot be read, or one of its prices is none; the message names it and what to write.
    """
    entries = _document(path).get("price")
    if not isinstance(entries, list) or not entries:
        raise BadInput(f"{path}: has no prices", _EXAMPLE)
    return OwnPrices(
        name=Path(path).name,
        prices=tuple(_price(entry, f"{path}: price {number}") for number, entry in enumerate(entries, 1)),
    )


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.IGNORECASE | re.DOTALL)


def _document(path: str) -> Mapping[str, Any]:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "is not UTF-8"
        raise BadInput(f"cannot read prices from {path}: {reason}", "name a TOML or JSON file") from problem
    try:
        found: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as problem:
        raise BadInput(f"{path}: is neither TOML nor JSON: {problem}", _EXAMPLE) from problem
    return found if isinstance(found, dict) else {}


def _price(entry: Any, where: str) -> OwnPrice:
    if not isinstance(entry, dict):
        raise BadInput(f"{where} is not a table", _EXAMPLE)
    strange = [key for key in entry if key not in OwnPrice.__annotations__]
    if strange:
        known = ", ".join(OwnPrice.__annotations__)
        raise BadInput(f"{where} has an unknown key {strange[0]!r}", f"a price has {known}")
    for key in ("model", "input"):
        if key not in entry:
            raise BadInput(f"{where} has no {key}", _EXAMPLE)
    given: dict[str, Any] = {key: _text(entry[key], key, where) for key in _TEXTS if key in entry}
    given |= {key: _amount(entry[key], key, where) for key in _AMOUNTS if key in entry}
    if "since" in entry:
        given["since"] = _day(entry["since"], where)
    return OwnPrice(**given)


def _text(value: Any, key: str, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadInput(f"{where}: {key} is not a name", f'write {key} = "NAME"')
    return value


def _amount(value: Any, key: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
        raise BadInput(f"{where}: {key} is not an amount of dollars", f"write {key} = 0.5")
    if value > _BEYOND:
        raise BadInput(f"{where}: {key} = {value:,} is too much", "prices are in US dollars a million tokens")
    return float(value)


def _day(value: Any, where: str) -> date:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise BadInput(f"{where}: since is not a day", "write since = 2026-01-01")
    return value

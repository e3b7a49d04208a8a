"""From the models that were called to their rates: prices of genai-prices, which are dated and come with the package.

Nothing is fetched: the list is as old as the installed package. It is asked once for each kind of call (model,
provider, service tier) and each span in which prices stay the same, never for a call.

What the list does not say is not made up: a model without a price has no rate. Three things are charged like another,
and counted as such (`Rate.stands_in`): a cache's tokens without a rate of their own cost what other prompt tokens do; a
service tier without a price costs what the standard one does, and one whose price is known from some day on only costs
the same share of the standard price before it. Prices have at most six decimals here; the list's others are noise of
floating numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, TypeVar

from logreport import model_names
from logreport.price_file import OwnPrice, OwnPrices
from logreport.rates import PICO, Priced, Rate, Rates

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, PriceCalculation, PriceVariant

#: Service tiers that are no tier: what every price is for.
_STANDARD: Final = frozenset({"", "auto", "default", "on_demand", "on-demand", "standard", "standard_only"})

#: What the price list calls the tiers that it has another word for.
_CONTEXTS: Final = {"batch": {"processing": "batch"}}

_PARTS: Final = ("input", "output", "cache_read", "cache_write")

_Places = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Span:
    """The calls to be priced: from the first to the last (UTC, None without times), with prompts of at most so many
    tokens. `now` prices what has no time at all.
    """

    first: datetime | None
    last: datetime | None
    most_prompt_tokens: int | None
    now: datetime


@dataclass(frozen=True, kw_only=True)
class _Cents:
    """What a token of each part costs for prompts above so many tokens, in picodollars; None where it has no price."""

    above: int
    parts: dict[str, int | None]
    call: int = 0
    lacks_tier: bool = False


def load() -> list[Any]:
    """The providers of the price list, loaded from its package the first time."""
    from genai_prices.data_snapshot import get_snapshot

    return get_snapshot().providers


def rates(keys: Sequence[Priced], span: Span, own: OwnPrices | None = None) -> Rates:
    """The rates of these kinds of calls over a span, those of a user's own file before those of the list."""
    sources = [source for key in keys if (source := _source(key, own)) is not None]
    if not sources:
        return Rates(told=_told(keys, own, span.now) if keys else "")
    dates = sorted({moment for source in sources for moment in source.dates() if _within(moment, span)})
    clocks = sorted({clock for source in sources for clock in source.clocks()} - {time(0)})
    grids = {source.key: _grid(source, _begins(dates, span), clocks) for source in sources}
    steps = [step for grid in grids.values() for row in grid for found in row for step in found]
    sizes = sorted({step.above for step in steps if 0 < step.above < (span.most_prompt_tokens or 0)})
    return Rates(
        found=tuple(rate for key, grid in grids.items() for rate in _found(key, grid, [0, *sizes])),
        dates=tuple(dates),
        sizes=tuple(sizes),
        clocks=tuple(clocks),
        told=_told(keys, own, span.now),
    )


#: What prompts cost by their size, for each time of day, for each span between dates.
_Grid = list[list[list["_Cents"]]]


def _grid(source: _Own | _Listed, begins: Sequence[datetime], clocks: Sequence[time]) -> _Grid:
    """The source is asked once between boundaries of its own, however many others have."""
    dates, hours = sorted({*source.dates()}), sorted({*source.clocks()})
    known: dict[tuple[int, int], list[_Cents]] = {}

    def cents(day: datetime, clock: time) -> list[_Cents]:
        moment = _at(day, clock, clocks)
        place = bisect_right(dates, moment), bisect_right(hours, moment.time()) if hours else 0
        if place not in known:
            known[place] = source.cents(moment)
        return known[place]

    return [[cents(day, clock) for clock in (time(0), *clocks)] for day in begins]


def _found(key: Priced, grid: _Grid, sizes: Sequence[int]) -> Iterator[Rate]:
    """The rates of a grid, as few as there are prices in it."""
    for row, dates in _runs(grid):
        for steps, clocks in _runs(row):
            if steps:
                for step, at in _runs([replace(_step(steps, size), above=0) for size in sizes]):
                    yield _rate(key, step, dates, at, clocks)


def _runs(values: Sequence[T]) -> Iterator[tuple[T, tuple[int, int]]]:
    """Equal neighbours as one, with the first of their places and the last."""
    at = 0
    for value, same in groupby(values):
        count = sum(1 for _ in same)
        yield value, (at, at + count - 1)
        at += count


def _within(moment: datetime, span: Span) -> bool:
    return span.first is not None and span.last is not None and _plain(span.first) < moment <= _plain(span.last)


def _begins(dates: Sequence[datetime], span: Span) -> list[datetime]:
    """A time in each span between two dates: calls before the first date, and after each."""
    return [_plain(span.first or span.now), *dates]


def _at(day: datetime, clock: time, clocks: Sequence[time]) -> datetime:
    """The moment for which a price is asked: with prices by the time of day, on that day at that time."""
    return datetime.combine(day.date(), clock) if clocks else day


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _step(steps: Sequence[_Cents], size: int) -> _Cents:
    """The price of prompts just above this size."""
    return [step for step in steps if step.above <= size][-1]


def _rate(key: Priced, step: _Cents, dates: _Places, sizes: _Places, clocks: _Places) -> Rate:
    input_ = step.parts["input"]
    assert input_ is not None  # a source without one has no steps
    read, write = step.parts["cache_read"], step.parts["cache_write"]
    lacks = {"tier": step.lacks_tier, "read": read is None, "write": write is None}
    return Rate(
        priced=key,
        dates=dates,
        sizes=sizes,
        clocks=clocks,
        input=input_,
        cache_read=input_ if read is None else read,
        cache_write=input_ if write is None else write,
        output=step.parts["output"],
        call=step.call,
        stands_in=tuple(part for part, lacking in lacks.items() if lacking),
    )


def _source(key: Priced, own: OwnPrices | None) -> _Own | _Listed | None:
    """Where the price of a kind of calls is from; None where there is none."""
    listed = _listed(key)
    fitting = tuple(price for price in own.prices if price.fits(key)) if own else ()
    return _Own(key, fitting, listed) if fitting else listed


@dataclass(frozen=True)
class _Own:
    """Prices of the user's, and what holds before the first of them."""

    key: Priced
    prices: tuple[OwnPrice, ...]
    before: _Listed | None

    def dates(self) -> Iterator[datetime]:
        yield from (_midnight(price.since) for price in self.prices if price.since)
        if self.before:
            yield from self.before.dates()

    def clocks(self) -> Iterator[time]:
        if self.before:
            yield from self.before.clocks()

    def cents(self, moment: datetime) -> list[_Cents]:
        holding = [price for price in self.prices if price.since is None or _midnight(price.since) <= moment]
        if not holding:
            return self.before.cents(moment) if self.before else []
        price = holding[-1]
        parts = {part: _pico(getattr(price, part)) for part in _PARTS}
        return [_Cents(above=0, parts=parts, call=round(price.call * PICO))]


@dataclass(frozen=True)
class _Listed:
    """A model of the price list, and what of a call its price depends on."""

    key: Priced
    model: ModelInfo
    reference: model_names.Reference
    context: dict[str, str]
    #: When the price of the tier is known from; None where it is the standard one, or unknown.
    tier_since: date | None
    lacks_tier: bool

    def dates(self) -> Iterator[datetime]:
        for constraint in self._constraints():
            if since := getattr(constraint, "start_date", None):
                yield _midnight(since)

    def clocks(self) -> Iterator[time]:
        for constraint in self._constraints():
            for end in ("start_time", "end_time"):
                if (clock := getattr(constraint, end, None)) is not None:
                    yield clock.replace(tzinfo=None)

    def cents(self, moment: datetime) -> list[_Cents]:
        # The tiers' prices are known since they were looked up, not since they hold.
        since = self.tier_since
        early = since is not None and moment.date() < since
        prices = _asked(self.reference, moment, {} if early else self.context).model_price
        found = {part: getattr(prices, f"{part}_mtok") for part in _PARTS}
        if found["input"] is None:
            return []
        shares = self._shares(_midnight(since)) if early and since else dict.fromkeys(_PARTS, Decimal(1))
        call = getattr(prices, "requests_kcount", None)
        steps = sorted({0, *(tier.start for price in found.values() for tier in getattr(price, "tiers", ()))})
        return [
            _Cents(
                above=step,
                parts={part: _pico(_times(_above(price, step), shares[part])) for part, price in found.items()},
                call=round(call * (PICO // 1000)) if isinstance(call, Decimal) else 0,
                lacks_tier=self.lacks_tier or early,
            )
            for step in steps
        ]

    def _shares(self, moment: datetime) -> dict[str, Decimal]:
        """What share of the standard price the tier's was at this moment, by part; that of prompts where one lacks."""
        tier, standard = (_asked(self.reference, moment, context).model_price for context in (self.context, {}))
        pairs = {part: [_above(getattr(one, f"{part}_mtok"), 0) for one in (tier, standard)] for part in _PARTS}
        shares = {part: ours / theirs for part, (ours, theirs) in pairs.items() if ours is not None and theirs}
        return {part: shares.get(part, shares.get("input", Decimal(1))) for part in _PARTS}

    def _constraints(self) -> Iterator[Any]:
        prices = self.model.prices
        if isinstance(prices, list):
            yield from (price.constraint for price in prices)
        if self.context:
            yield from (variant.constraint for variant in _variants(self.model, self.context))


def _listed(key: Priced) -> _Listed | None:
    """The model of the price list that a kind of calls went to."""
    if key.model is None:
        return None
    for reference in model_names.references(key.model, key.provider, _knows_provider):
        try:
            found = _asked(reference, None, {})
        except LookupError:
            continue
        return _with_tier(key, reference, found)
    return None


def _with_tier(key: Priced, reference: model_names.Reference, found: PriceCalculation) -> _Listed:
    tier = (key.service_tier or "").strip().lower()
    plain = _Listed(key, found.model, reference, {}, None, lacks_tier=tier not in _STANDARD)
    if not plain.lacks_tier:
        return plain
    context = _CONTEXTS.get(tier, {"service_tier": tier})
    # Another provider's model that this one offers as well has that one's tiers, which are not offered here.
    own = any(model is found.model for model in found.provider.models)
    variants = list(_variants(found.model, context)) if own else []
    if not variants:
        return plain
    starts = [getattr(variant.constraint, "start_date", None) for variant in variants]
    return replace(
        plain, context=context, lacks_tier=False, tier_since=None if None in starts else min(filter(None, starts))
    )


def _variants(model: ModelInfo, context: dict[str, str]) -> Iterator[PriceVariant]:
    return (variant for variant in model.price_variants or () if variant.when.items() <= context.items())


def _asked(reference: model_names.Reference, moment: datetime | None, context: dict[str, str]) -> PriceCalculation:
    """What the list says; LookupError where it does not know the model or its provider."""
    import genai_prices

    provider, model = reference
    when = moment.replace(tzinfo=UTC) if moment else None
    return genai_prices.calc_price(
        genai_prices.Usage(), model, provider_id=provider, genai_request_timestamp=when, price_context=context or None
    )


def _knows_provider(name: str) -> bool:
    from genai_prices.data_snapshot import find_provider_by_id

    return find_provider_by_id(load(), name) is not None


def _above(price: Any, size: int) -> Decimal | None:
    """The price for prompts just above a size: providers charge the whole prompt at the rate of its size."""
    if price is None or isinstance(price, Decimal):
        return price
    found: Decimal = price.base
    for tier in price.tiers:  # sorted
        if tier.start <= size:
            found = tier.price
    return found


def _times(price: Decimal | None, share: Decimal) -> Decimal | None:
    return None if price is None else price * share


def _pico(dollars: Decimal | float | None) -> int | None:
    """Picodollars a token from dollars a million tokens."""
    if dollars is None:
        return None
    exact = dollars if isinstance(dollars, Decimal) else Decimal(repr(dollars))
    return int((exact * (PICO // 10**6)).to_integral_value(ROUND_HALF_EVEN))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _told(keys: Sequence[Priced], own: OwnPrices | None, now: datetime) -> str:
    """Where prices are from, and how old they may be: the list does not tell its own date."""
    import genai_prices

    newest = max(_starts(now.date()), default=None)
    changed = f", whose newest price in force is of {newest}" if newest else ""
    before = f"{own.name}{'' if _fits(keys, own) else ' (which fits no call)'}, then " if own else ""
    return f"{before}genai-prices {genai_prices.__version__}{changed}"


def _fits(keys: Sequence[Priced], own: OwnPrices) -> bool:
    return any(price.fits(key) for price in own.prices for key in keys)


def _starts(today: date) -> Iterator[date]:
    """The days on which a price of the list began to hold, up to today."""
    for provider in load():
        for model in provider.models:
            listed = model.prices if isinstance(model.prices, list) else ()
            for price in (*listed, *(model.price_variants or ())):
                start = getattr(price.constraint, "start_date", None)
                if start is not None and start <= today:
                    yield start

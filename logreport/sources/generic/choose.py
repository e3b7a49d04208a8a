"""Which places of a log become which columns: by their names, and by values that are what the name says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any, Final

from logreport import Field
from logreport.sources.generic.names import CLOCKS, DOLLARS, FOREIGN, NAMES, OTHER_KEYS, RUNNING, SECONDS
from logreport.sources.generic.paths import Place, places

#: How many places are looked at for one column, one after the other.
_OTHERWISE: Final = 3
#: What is a number of seconds since 1970, or finer, and not since the beginning of a log.
_CALENDAR: Final = 100_000_000
_TIME: Final = re.compile(
    r"\d{4}-?\d\d-?\d\d[ Tt]\d\d:?\d\d.*|\d{9,19}(\.\d+)?|[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} .*"
    r"|\[?\d\d/[A-Z][a-z]{2}/\d{4}:.*"
)
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WHOLE: Final = re.compile(r"-?\d+(\.0+)?")
_SPLIT: Final = re.compile(r"[A-Za-z]")
#: A status word is short, and of a log's values one at least says how a call went. Requests have few types.
_OUTCOME: Final = re.compile(
    r"(ok|succ|fail|err|timeout|timed|cancel|abort|complete|true|false|[1-5]\d\d$)", re.IGNORECASE
)
_WORD: Final = 40
_TYPES: Final = 50
_NAME: Final = 200
#: Words before a name that add nothing to it.
_BEFORE: Final = {"usage", "llm", "ai", "openai", "anthropic"}
#: Names of moments as well as of spans: the values tell which.
_AMBIGUOUS: Final = {"first_token", "first_token_time", "time_first_token", "response_time", "completion_time"}
#: What stands in an object that describes an error is about the error.
_ERRORS: Final = {"error", "err", "exception", "errors", "failure"}
_FAILURES: Final = {"error", "status"}
_SPANS: Final = {"duration", "time_to_first_token"}
_TIMES: Final = {"created", "ended", "first_token"}


@dataclass
class Choice:
    """What was chosen: a field a column, the places behind them, and what a reader should know."""

    columns: dict[str, Field] = field(default_factory=dict)
    chosen: dict[str, list[Place]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    """A place that may be a column's: how good its name is, and what its values are multiplied by."""

    place: Place
    rank: int
    scale: float | None


def choose(records: Sequence[Mapping[str, Any]]) -> Choice:
    """The mapping that fits these records."""
    known = places(records)
    found = Choice()
    taken: set[tuple[str, ...]] = set()
    for column in NAMES:
        candidates = [one for one in _candidates(column, known) if one.place.path not in taken]
        candidates.sort(key=lambda one: (one.rank, len(one.place.keys)))
        _take(column, candidates, found, taken)
    found.running = [".".join(place.path) for place in known if _runs(place)]
    _refuse_running(found, records)
    for path in found.running:
        found.notes.append(f"`{path}` is a running total, which is not added up")
    _day_and_clock(found, known)
    _relative(found, known, taken)
    _counted_apart(found, records)
    return found


def _take(column: str, candidates: Sequence[_Candidate], found: Choice, taken: set[tuple[str, ...]]) -> None:
    if not candidates:
        return
    first = candidates[0]
    scale = first.scale if first.scale is not None else _unit(column, first.place, found)
    if scale is None:
        return
    chosen, seen = [first.place], set(first.place.records)
    for one in candidates[1:]:
        # Another place only for records that have nothing at the first.
        alike = (one.scale if one.scale is not None else scale) == scale
        if alike and len(chosen) <= _OTHERWISE and one.place.records - seen and _close(column):
            chosen.append(one.place)
            seen |= one.place.records
    taken.update(place.path for place in chosen)
    found.chosen[column] = chosen
    found.columns[column] = Field(chosen[0].path, scale=scale, otherwise=tuple(place.path for place in chosen[1:]))


def _close(column: str) -> bool:
    """Whether names of this column mean the same, so that one may stand in for another."""
    return column not in {"request_type", "request_id", "user_id", "session_id"}


def _candidates(column: str, known: Sequence[Place]) -> list[_Candidate]:
    names = {name: rank for rank, name in enumerate(NAMES[column].split())}
    found = []
    for place in known:
        if OTHER_KEYS.intersection(place.keys[:-1]) or (column not in _FAILURES and _ERRORS & set(place.keys[:-1])):
            continue
        named = _named(column, place.keys, names)
        if named is not None and _fits(column, place):
            found.append(_Candidate(place, *named))
    return found


def _named(column: str, keys: tuple[str, ...], names: Mapping[str, int]) -> tuple[int, float | None] | None:
    """How good the name is (0 is best) and the scale that it tells; the scale is None where a unit is to be found."""
    for count in (1, 2, 3):
        if count > len(keys):
            return None
        words = "_".join(keys[-count:]).split("_")
        plain, scale = _without_unit(column, words)
        if plain not in names and len(words) > 1 and words[0] in _BEFORE:
            plain = plain.partition("_")[2]
        if plain in names and not RUNNING.intersection(words):
            return names[plain], scale
    return None


def _without_unit(column: str, words: list[str]) -> tuple[str, float | None]:
    if column in _TIMES:
        while len(words) > 1 and (words[-1] in CLOCKS or words[-1] in SECONDS):
            words = words[:-1]
    elif column == "cost":
        return _without_currency(words)
    elif column in _SPANS:
        return _without_seconds(words)
    return "_".join(words), 1.0


def _without_currency(words: list[str]) -> tuple[str, float | None]:
    if words[-1] in FOREIGN:
        return "", 1.0
    for size in (2, 1):
        unit = "_".join(words[-size:])
        if len(words) > size and unit in DOLLARS:
            return "_".join(words[:-size]), DOLLARS[unit]
    return "_".join(words), 1.0


def _without_seconds(words: list[str]) -> tuple[str, float | None]:
    if len(words) > 1 and words[-1] in SECONDS:
        rest = words[:-2] if words[-2] == "in" and len(words) > 2 else words[:-1]
        return "_".join(rest), SECONDS[words[-1]]
    if len(words) > 1 and words[0] in SECONDS:
        return "_".join(words[1:]), SECONDS[words[0]]
    return "_".join(words), None


def _fits(column: str, place: Place) -> bool:
    """Whether the values are what the column holds."""
    if column == "error":  # may be an object, or missing in every record of a sample
        return bool(place.known) or place.nulls
    values = [value for value in place.known if not isinstance(value, dict)]
    return bool(values) and _FITS[column](place, values)


def _count_fits(_: Place, values: Sequence[Any]) -> bool:
    return _most(values, _is_count)


def _number_fits(place: Place, values: Sequence[Any]) -> bool:
    return _most(values, _is_number) and not (_AMBIGUOUS.intersection(place.keys[-1:]) and _most(values, _is_time))


def _time_fits(_: Place, values: Sequence[Any]) -> bool:
    return _most(values, _is_time)


def _flag_fits(_: Place, values: Sequence[Any]) -> bool:
    return all(isinstance(value, bool) or str(value).lower() in ("true", "false") for value in values)


def _status_fits(_: Place, values: Sequence[Any]) -> bool:
    return all(len(str(value)) <= _WORD for value in values) and any(_OUTCOME.match(str(value)) for value in values)


def _type_fits(_: Place, values: Sequence[Any]) -> bool:
    return _most(values, _is_word) and len(set(values)) <= _TYPES


def _word_fits(_: Place, values: Sequence[Any]) -> bool:
    return _most(values, _is_word)


def _id_fits(place: Place, values: Sequence[Any]) -> bool:
    if place.keys[-1] in ("id", "uuid"):  # the number of a row names nothing in the world
        texts = [value for value in values if isinstance(value, str) and len(value) >= 8 and not value.isdigit()]
        return len(place.keys) <= 2 and len(texts) == len(values) and len(set(texts)) > len(texts) // 2
    return all(isinstance(value, str | int) and len(str(value)) <= _NAME for value in values)


_FITS: Final[dict[str, Callable[[Place, Sequence[Any]], bool]]] = {
    **dict.fromkeys(("created", "ended", "first_token"), _time_fits),
    **dict.fromkeys(("duration", "time_to_first_token", "temperature", "cost"), _number_fits),
    **dict.fromkeys((column for column in NAMES if column.endswith("tokens")), _count_fits),
    **dict.fromkeys(("model", "provider", "finish_reason", "service_tier"), _word_fits),
    **dict.fromkeys(("user_id", "session_id", "request_id"), _id_fits),
    "request_type": _type_fits,
    "status": _status_fits,
    "stream": _flag_fits,
}


def _most(values: Sequence[Any], is_one: Callable[[Any], bool]) -> bool:
    return 2 * sum(1 for value in values if is_one(value)) >= len(values)


def _is_count(value: Any) -> bool:
    if isinstance(value, str):
        return _WHOLE.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    if isinstance(value, str):
        return _TIME.fullmatch(value.strip()) is not None
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= _CALENDAR


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200 and _SPLIT.search(value) is not None and "\n" not in value


def _unit(column: str, place: Place, found: Choice) -> float | None:
    """Seconds or milliseconds, where the name does not say: told by values that can only be one of them."""
    values = [abs(float(value)) for value in place.known if _is_number(value) and float(value) != 0]
    if "prompt_eval_count" in found.columns.get("prompt_tokens", Field("")).path:
        return 1e-9  # as Ollama counts
    if not values:
        return None
    middle, whole = median(values), all(value.is_integer() for value in values)
    if middle < 5 or (not whole and middle < 60 and max(values) < 3600):
        return 1.0
    if middle >= 100 and max(values) >= 1000:
        return 1e-3
    path = ".".join(place.path)
    found.notes.append(f"`{path}` does not tell its unit: `--map {column}={path}:ms` (or :s) does")
    return None


def _runs(place: Place) -> bool:
    """Whether a place holds a running total of tokens."""
    words = set("_".join(place.keys).split("_"))
    return bool(RUNNING & words) and "tokens" in words and _most(place.known or [""], _is_count)


def _refuse_running(found: Choice, records: Sequence[Mapping[str, Any]]) -> None:
    """Take counts for running totals that in every longer session do nothing but grow, as far as all of its calls."""
    columns = [column for column in ("completion_tokens", "tokens", "prompt_tokens") if column in found.chosen]
    if "session_id" not in found.chosen or not columns:
        return
    session = found.chosen["session_id"][0].path
    sessions: dict[Any, list[tuple[float, ...]]] = {}
    for record in records:
        counts = [_number(record, found.chosen[column][0].path) for column in columns]
        name = _at(record, session)
        if isinstance(name, str | int) and None not in counts:
            sessions.setdefault(name, []).append(tuple(count for count in counts if count is not None))
    long = [counts for counts in sessions.values() if len(counts) >= _LONG]
    if long and all(_only_grow(counts) for counts in long):
        for column in columns:
            found.running += [".".join(place.path) for place in found.chosen.pop(column)]
            del found.columns[column]


#: How many records of a session it takes to see that its counts do nothing but grow.
_LONG: Final = 6


def _only_grow(counts: Sequence[tuple[float, ...]]) -> bool:
    for column in zip(*counts, strict=True):
        if any(later < earlier for earlier, later in pairwise(column)):
            return False
    first, last = counts[0][0], counts[-1][0]
    rising = all(later > earlier for (earlier, *_), (later, *_) in pairwise(counts))
    return rising and first > 0 and last >= first * len(counts) / 2


def _day_and_clock(found: Choice, known: Sequence[Place]) -> None:
    """A date and a time of day that stand beside each other, as in spreadsheets."""
    if "created" in found.columns:
        return
    for day in known:
        if not (_DAYS.intersection(day.keys[-1:]) and _all(day, _DAY)):
            continue
        for clock in known:
            beside = clock.path[:-1] == day.path[:-1] and _CLOCKS.intersection(clock.keys[-1:])
            if beside and _all(clock, _CLOCK):
                found.columns["created"] = Field(day.path, clock=clock.path)
                found.chosen["created"] = [day, clock]
                return


_DAYS: Final = {"date", "day", "request_date", "created_date", "log_date", "start_date"}
_CLOCKS: Final = {"time", "clock", "time_of_day", "request_time", "created_time", "log_time", "start_time"}
_DAY: Final = re.compile(r"\d{4}-?\d\d-?\d\d")
_CLOCK: Final = re.compile(r"\d\d:\d\d(:\d\d([.,]\d{1,9})?)?( ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?")


def _all(place: Place, pattern: re.Pattern[str]) -> bool:
    return bool(place.known) and all(pattern.fullmatch(str(value)) for value in place.known)


def _relative(found: Choice, known: Sequence[Place], taken: set[tuple[str, ...]]) -> None:
    """A clock that begins with the log: small numbers that never go back."""
    if "created" in found.columns:
        return
    names = {name: rank for rank, name in enumerate(NAMES["created"].split())}
    for place in known:
        named = _named("created", place.keys, names)
        values = [float(value) for value in place.known if _is_number(value)]
        if named is None or place.path in taken or len(values) < len(place.known) or not values:
            continue
        forward = all(earlier <= later for earlier, later in pairwise(values))
        if forward and min(values) >= 0 and max(values) < _CALENDAR and (len(values) > 1 or values[0] == 0):
            unit = "_".join(place.keys).split("_")[-1]
            found.columns["elapsed"] = Field(place.path, scale=SECONDS.get(unit, 1.0))
            found.chosen["elapsed"] = [place]
            return


def _counted_apart(found: Choice, records: Sequence[Mapping[str, Any]]) -> None:
    """Take counts that leave out others for what they are: Anthropic's the cache's, Gemini's those of thoughts."""
    prompt = found.chosen.get("prompt_tokens", [])
    cached = [*found.chosen.get("cache_read_tokens", ()), *found.chosen.get("cache_write_tokens", ())]
    for place in prompt[:1]:
        beside = {one.keys[-1] for one in cached if one.path[:-1] == place.path[:-1]}
        if place.keys[-1] == "input_tokens" and _ANTHROPIC & beside and not _inside(found, records):
            _rename(found, "prompt_tokens", "uncached_tokens")
    thoughts = {place.keys[-1] for place in found.chosen.get("reasoning_tokens", ())}
    if "thoughts_token_count" in thoughts and "completion_tokens" in found.chosen:
        _rename(found, "completion_tokens", "answer_tokens")


def _rename(found: Choice, column: str, other: str) -> None:
    found.columns[other] = found.columns.pop(column)
    found.chosen[other] = found.chosen.pop(column)


_ANTHROPIC: Final = {"cache_read_input_tokens", "cache_creation_input_tokens"}


def _inside(found: Choice, records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the log's own totals show that cached tokens are counted in the prompt's."""
    wanted = ("prompt_tokens", "completion_tokens", "tokens")
    if any(column not in found.chosen for column in wanted):
        return False
    for record in records:
        prompt, completion, total = (_number(record, found.chosen[column][0].path) for column in wanted)
        cached = sum(_number(record, found.chosen[column][0].path) or 0 for column in _CACHED if column in found.chosen)
        if None not in (prompt, completion, total) and cached:
            return total == prompt + completion  # type: ignore[operator]
    return False


_CACHED: Final = ("cache_read_tokens", "cache_write_tokens")


def _at(record: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = record
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _number(record: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    found = _at(record, path)
    return float(found) if _is_number(found) else None

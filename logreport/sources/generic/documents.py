"""The records that a log of somebody's own holds: inside documents, inside texts, in the words of several providers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from logreport import decoded, tokens_of
from logreport.sources.generic.names import NAMES
from logreport.sources.generic.paths import spelled

#: How deep a document's lists of records may lie.
_DEEPEST: Final = 3
_TOKENS: Final = frozenset(
    name for column in ("prompt_tokens", "completion_tokens", "tokens") for name in NAMES[column].split()
)
#: What records inherit from the document that they stand in.
_INHERITED: Final = frozenset(
    name
    for column in ("model", "provider", "temperature", "max_tokens", "stream", "user_id", "session_id")
    for name in NAMES[column].split()
)
#: Keys of usage blocks that do not count as OpenAI's do: they are counted anew.
_OTHERS: Final = frozenset(
    {
        "cacheReadInputTokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "input_tokens_details",
        "promptTokenCount",
        "prompt_token_count",
        "thoughtsTokenCount",
    }
)


def unfold(document: Any) -> Iterator[Any]:
    """The records of a document that holds several, or the document itself, its usage block in our own words."""
    if not isinstance(document, dict):
        yield document
        return
    document = _opened(document)
    lists = tuple(_lists(document, {}, _DEEPEST))
    if not lists or (_is_call(document) and not _sums_up(document, lists)):
        yield _counted(document)
        return
    for inherited, records in lists:
        for record in records:
            if isinstance(record, dict):
                for inner in unfold(record):
                    yield {**inherited, **inner} if isinstance(inner, dict) else inner


def _opened(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the objects that it carries as texts of JSON."""
    texts = [key for key, value in record.items() if isinstance(value, str) and value[:1] == "{"]
    opened = {key: inner for key in texts if isinstance(inner := decoded(record[key].strip()), dict)}
    return {**record, **opened} if opened else record


def _is_call(record: Mapping[str, Any]) -> bool:
    """Whether it counts tokens itself, and says of what: a document may sum up those of its records."""
    names = {spelled(key) for key in record}
    return bool(names & _MODELS or names & _WHEN) and _counts(record)


_MODELS: Final = frozenset(NAMES["model"].split())
_WHEN: Final = frozenset(NAMES["created"].split())


def _sums_up(document: Mapping[str, Any], lists: Sequence[tuple[Mapping[str, Any], list[Any]]]) -> bool:
    """Whether the document's own counts are totals of its records', or it has nothing but a total."""
    own = _first_count(document, _PROMPTS)
    if own is None:
        return True
    inner = [_first_count(record, _PROMPTS) for _, records in lists for record in records if isinstance(record, dict)]
    return sum(count for count in inner if count is not None) == own


def _first_count(record: Mapping[str, Any], names: frozenset[str], deep: int = _DEEPEST) -> float | None:
    for key, value in record.items():
        if spelled(key) in names and isinstance(value, int | float):
            return value
        if isinstance(value, dict) and deep and (found := _first_count(value, names, deep - 1)) is not None:
            return found
    return None


_PROMPTS: Final = frozenset(NAMES["prompt_tokens"].split())
#: Lists that belong to one call.
_OF_A_CALL: Final = frozenset(
    ["messages", "choices", "content", "contents", "input", "output", "outputs", "prompt", "tools", "logprobs"]
)


def _counts(record: Mapping[str, Any], deep: int = _DEEPEST) -> bool:
    for key, value in record.items():
        if isinstance(value, dict):
            if deep and _counts(value, deep - 1):
                return True
        elif not isinstance(value, list) and value is not None and spelled(key) in _TOKENS:
            return True
    return False


def _lists(
    document: Mapping[str, Any], inherited: Mapping[str, Any], deep: int
) -> Iterator[tuple[Mapping[str, Any], list[Any]]]:
    """The lists of objects in which tokens are counted, each with what its records inherit."""
    here = {
        key: value
        for key, value in document.items()
        if not isinstance(value, dict | list) and spelled(key) in _INHERITED
    }
    inherited = {**inherited, **here}
    for key, value in document.items():
        if isinstance(value, list):
            if spelled(key) not in _OF_A_CALL and any(isinstance(one, dict) and _counts(one) for one in value[:20]):
                yield inherited, value
        elif isinstance(value, dict) and deep:
            yield from _lists(value, inherited, deep - 1)


def _counted(record: dict[str, Any]) -> dict[str, Any]:
    """The record with a usage block that does not count as OpenAI's do counted anew, under the columns' names."""
    for key, value in record.items():
        if not isinstance(value, dict):
            continue
        if _OTHERS.isdisjoint(value):
            inner = _counted(value)
            if inner is not value:
                return {**record, key: inner}
        elif counted := {column: count for column, count in tokens_of(value).items() if count is not None}:
            words = {name: said for name, said in value.items() if isinstance(said, str)}
            return {**record, key: {**words, **counted}}
    return record

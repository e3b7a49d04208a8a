"""Anybody's own log: JSON, JSON Lines or CSV whose records carry the usual names, at any depth.

Names are looked up in a table (`names.py`), values must be what the name says, units are taken from the name. What was
chosen is told on stderr and on the page, and `--map` overrides it. A record without tokens and without a model is no
call; one that has a model, where others have tokens, is a call only if it tells how it went.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from logreport import Field, Source, hookimpl
from logreport.sources.generic.choose import choose
from logreport.sources.generic.documents import unfold
from logreport.sources.generic.names import NAMES

_TOKENS = ("prompt_tokens", "uncached_tokens", "completion_tokens", "answer_tokens", "tokens")
#: Beside a model, what only a call to a language model has.
_TELLING = ("time_to_first_token", "temperature", "max_tokens", "finish_reason", "duration", "cost", "stream")


def _records(records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for record in records for one in unfold(record) if isinstance(one, dict)]


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    found = choose(_records(records)).columns
    return any(column in found for column in _TOKENS) or (
        "model" in found and any(column in found for column in _TELLING)
    )


def _columns(records: Sequence[Mapping[str, Any]]) -> Mapping[str, Field]:
    found = choose(records).columns
    # A failure may come long after the records that are looked at.
    return {**found, "error": found.get("error", Field("error"))}


def _remarks(records: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    return choose(records).notes


def _missed(records: Sequence[Mapping[str, Any]]) -> str:
    found = choose(_records(records))
    if found.running:
        running = ", ".join(f"`{path}`" for path in found.running[:5])
        return f"{running} are running totals, which must not be added up, and there are no tokens of single calls"
    names = {column: ", ".join(NAMES[column].split()[:4]) for column in ("prompt_tokens", "tokens", "model")}
    seen = list(dict.fromkeys(str(key) for record in records for key in record))
    shown = ", ".join(f"`{key}`" for key in seen[:20]) + (" …" if len(seen) > 20 else "")
    return (
        f"looked for tokens ({names['prompt_tokens']}, {names['tokens']}, …) and a model ({names['model']}, …)"
        f" at any depth, and found {shown or 'no field'}"
    )


GENERIC = Source(
    name="generic",
    title="any log with the usual names",
    recognises=_recognises,
    columns=_columns,
    unfold=unfold,
    last_resort=True,
    missed=_missed,
    remarks=_remarks,
    unique_ids=False,
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [GENERIC]

"""What is true of every call, whichever log it is from: rules of counting, applied to rows that are converted already.

Written once, in SQL, for every way in which rows are read.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from logreport.call import CALL_COLUMNS

_NO_COUNT: Final = "CAST(NULL AS BIGINT)"
_COUNTS: Final = ("prompt_tokens", "completion_tokens", "tokens", "cache_read_tokens", "cache_write_tokens")
_FIRST: Final = "time_to_first_token"
#: What a failed call has as zero was never counted or measured.
_MEASURED: Final = (*_COUNTS, "reasoning_tokens", "uncached_tokens", "answer_tokens", _FIRST, "duration")


def ruled(
    select: str,
    has: Collection[str],
    *,
    origin: datetime | None = None,
    tells_errors: bool = False,
    silence_fails: bool = False,
) -> str:
    """The SELECT of calls from one of rows that have these columns of a source (`logreport.source.SOURCE_COLUMNS`).

    `origin` is when the log began, UTC without a zone, for rows with `elapsed`. For `tells_errors` and `silence_fails`
    see `logreport.source.Source`.
    """
    rows, columns = _judged(select, has, tells_errors=tells_errors, silence_fails=silence_fails)
    made = {column: f'"{column}"' for column in CALL_COLUMNS if column in columns}
    made |= _times(columns, origin)
    made |= _tokens(columns)
    if rows == select and set(made) == set(has) and all(made[column] == f'"{column}"' for column in made):
        return select
    chosen = ", ".join(f'{expression} AS "{column}"' for column, expression in made.items())
    return f"SELECT {chosen} FROM (\n{rows}\n) AS calls"


def _judged(select: str, has: Collection[str], *, tells_errors: bool, silence_fails: bool) -> tuple[str, set[str]]:
    """The rows with how each call went, and without zeros that nobody counted or measured."""
    failed = _outcome(has, tells_errors=tells_errors, silence_fails=silence_fails)
    known = [
        f"CASE WHEN ({failed}) = 'error' THEN NULLIF({column}, 0) ELSE {column} END AS {column}"
        for column in _MEASURED
        if column in has and failed and column != _FIRST
    ]
    if _FIRST in has:  # no token comes in no time: it is how logs write that none came
        known.append(f"NULLIF({_FIRST}, 0) AS {_FIRST}")
    if failed and "status" in has:
        known.append(f"{failed} AS status")
    replaced = f" REPLACE ({', '.join(known)})" if known else ""
    added = f", {failed} AS status" if failed and "status" not in has else ""
    if not replaced and not added:
        return select, set(has)
    return f"SELECT *{replaced}{added} FROM (\n{select}\n) AS told", {*has, "status"} if failed else set(has)


def _outcome(has: Collection[str], *, tells_errors: bool, silence_fails: bool) -> str:
    """How a call went; empty where no column tells."""
    told = ["status"] if "status" in has else []
    if "error" in has:
        told.append(f"CASE WHEN error IS NOT NULL THEN 'error'{' ELSE ' + repr('ok') if tells_errors else ''} END")
    if silence_fails and "completion_tokens" in has:
        told.append("CASE WHEN completion_tokens = 0 THEN 'error' WHEN completion_tokens > 0 THEN 'ok' END")
    return f"COALESCE({', '.join(told)})" if told else ""


def _times(has: Collection[str], origin: datetime | None) -> dict[str, str]:
    made: dict[str, str] = {}
    created = "created" if "created" in has else ""
    if "elapsed" in has:
        since = f"TIMESTAMP '{origin:%Y-%m-%d %H:%M:%S.%f}'" if origin else "CAST(NULL AS TIMESTAMP)"
        moment = f"make_timestamp(epoch_us({since}) + CAST(floor(elapsed * 1000000e0 + 0.5e0) AS BIGINT))"
        made["created"] = f"COALESCE(created, {moment})" if created else moment
    if created and "ended" in has:
        took = "CASE WHEN ended >= created THEN (epoch_us(ended) - epoch_us(created)) / 1000000e0 END"
        made["duration"] = f"COALESCE(duration, {took})" if "duration" in has else took
    if created and "first_token" in has:
        # A log that fills in the end where nothing was streamed does not know when the first token came.
        known = "first_token > created" + (" AND (ended IS NULL OR first_token < ended)" if "ended" in has else "")
        took = f"CASE WHEN {known} THEN (epoch_us(first_token) - epoch_us(created)) / 1000000e0 END"
        made["time_to_first_token"] = f"COALESCE(time_to_first_token, {took})" if "time_to_first_token" in has else took
    return made


def _tokens(has: Collection[str]) -> dict[str, str]:
    """Prompt tokens with those of the cache, completion tokens with those of reasoning, and the sum of both."""
    made: dict[str, str] = {}
    prompt = _prompt(has)
    completion = _completion(has, prompt)
    total = _column("tokens", has)
    # A log's own total stands, unless its parts were counted otherwise than they are here.
    anew = "tokens" not in has or (prompt, completion) != tuple(
        _column(column, has) for column in ("prompt_tokens", "completion_tokens")
    )
    if prompt != _column("prompt_tokens", has):
        made["prompt_tokens"] = prompt
    if "request_type" in has and completion != _NO_COUNT:
        embedding = "request_type IN ('embedding', 'embeddings')"
        completion = f"CASE WHEN {embedding} THEN NULLIF({completion}, 0) ELSE {completion} END"
        total = f"CASE WHEN {embedding} AND ({completion}) IS NULL THEN COALESCE({total}, {prompt}) ELSE {total} END"
    if completion not in (_NO_COUNT, _column("completion_tokens", has)):
        made["completion_tokens"] = completion
    if _NO_COUNT not in (prompt, completion):
        both = _counted(f"({prompt})::HUGEINT + ({completion})")
        smaller = f"WHEN {total} < {both} THEN {both} " if anew else ""
        made["tokens"] = f"CASE {smaller}WHEN {total} IS NULL THEN {both} ELSE {total} END"
    elif total != _column("tokens", has):
        made["tokens"] = total
    return made


def _prompt(has: Collection[str]) -> str:
    prompt = _column("prompt_tokens", has)
    parts = [column for column in ("cache_read_tokens", "cache_write_tokens") if column in has]
    cached = f"({' + '.join(f'COALESCE({column}, 0)::HUGEINT' for column in parts) or '0'})"
    if parts and "prompt_tokens" in has:
        # More is cached than was sent, or the log's own total has both: then it counts what is cached apart.
        apart = f"prompt_tokens < {cached}"
        if {"tokens", "completion_tokens"} <= set(has):
            apart += f" OR ({cached} > 0 AND tokens = prompt_tokens::HUGEINT + {cached} + completion_tokens)"
        prompt = f"CASE WHEN {apart} THEN {_counted(f'prompt_tokens + {cached}')} ELSE prompt_tokens END"
    if "uncached_tokens" in has:
        prompt = f"COALESCE({prompt}, {_counted(f'uncached_tokens::HUGEINT + {cached}')})"
    return prompt


def _completion(has: Collection[str], prompt: str) -> str:
    completion = _column("completion_tokens", has)
    reasoning = "COALESCE(reasoning_tokens, 0)::HUGEINT" if "reasoning_tokens" in has else "0"
    if {"reasoning_tokens", "completion_tokens"} <= set(has):
        apart = f"completion_tokens < {reasoning}"
        if "tokens" in has and prompt != _NO_COUNT:
            apart += f" OR (reasoning_tokens > 0 AND tokens = ({prompt})::HUGEINT + completion_tokens + {reasoning})"
        completion = f"CASE WHEN {apart} THEN {_counted(f'completion_tokens + {reasoning}')} ELSE completion_tokens END"
    if "answer_tokens" in has:
        completion = f"COALESCE({completion}, {_counted(f'answer_tokens::HUGEINT + {reasoning}')})"
    return completion


def _column(column: str, has: Collection[str]) -> str:
    return f'"{column}"' if column in has else _NO_COUNT


def _counted(sum_: str) -> str:
    """A sum of counts as a count; NULL where it does not fit into one."""
    return f"TRY_CAST({sum_} AS BIGINT)"

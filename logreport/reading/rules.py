"""What is true of every call, whichever log it is from: rules of counting, applied to rows that are converted already.

Written once, in SQL, for every way in which rows are read.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

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
    rows = _Rows(select, set(has))
    _judge(rows, tells_errors=tells_errors, silence_fails=silence_fails)
    _time(rows, origin)
    told = [column for column in ("prompt_tokens", "completion_tokens") if column in rows.has]
    rows.made(**{f"told_{column}": column for column in told})
    anew = _add_prompt(rows)
    anew |= _add_completion(rows)
    _add_total(rows, anew=anew)
    rows.made([f"told_{column}" for column in told])
    return rows.select


class _Rows:
    """A SELECT and the columns it has. Each rule is a SELECT around those before it, so that none is written twice."""

    def __init__(self, select: str, has: set[str]) -> None:
        self.select = select
        self.has = has

    def made(self, without: Collection[str] = (), /, **columns: str) -> None:
        """Make columns anew or add them, and leave some out."""
        gone = self.has.intersection(without)
        if not columns and not gone:
            return
        if not columns and gone == self.has:
            columns = {"model": "CAST(NULL AS VARCHAR)"}  # a row of nothing is a row
        excluded = f" EXCLUDE ({', '.join(sorted(gone))})" if gone else ""
        replaced = ", ".join(f"{made} AS {column}" for column, made in columns.items() if column in self.has)
        added = "".join(f", {made} AS {column}" for column, made in columns.items() if column not in self.has)
        replaced = f" REPLACE ({replaced})" if replaced else ""
        self.select = f"SELECT *{excluded}{replaced}{added} FROM (\n{self.select}\n) AS calls"
        self.has = (self.has - gone) | columns.keys()

    def column(self, column: str) -> str:
        return column if column in self.has else _NO_COUNT


def _judge(rows: _Rows, *, tells_errors: bool, silence_fails: bool) -> None:
    """Say how each call went, and leave out zeros that nobody counted or measured."""
    if failed := _outcome(rows.has, tells_errors=tells_errors, silence_fails=silence_fails):
        rows.made(status=failed)
        wrong = {
            column: f"CASE WHEN status = 'error' THEN NULLIF({column}, 0) ELSE {column} END"
            for column in _MEASURED
            if column in rows.has and column != _FIRST
        }
        rows.made(**wrong)
    if _FIRST in rows.has:  # no token comes in no time: it is how logs write that none came
        rows.made(**{_FIRST: f"NULLIF({_FIRST}, 0)"})


def _outcome(has: Collection[str], *, tells_errors: bool, silence_fails: bool) -> str:
    """How a call went; empty where no column tells."""
    told = ["status"] if "status" in has else []
    if "error" in has:
        told.append(f"CASE WHEN error IS NOT NULL THEN 'error'{' ELSE ' + repr('ok') if tells_errors else ''} END")
    elif tells_errors:
        told.append("'ok'")
    if silence_fails and "completion_tokens" in has:
        told.append("CASE WHEN completion_tokens = 0 THEN 'error' WHEN completion_tokens > 0 THEN 'ok' END")
    return f"COALESCE({', '.join(told)})" if told else ""


def _time(rows: _Rows, origin: datetime | None) -> None:
    has = rows.has
    made: dict[str, str] = {}
    if {"created", "ended"} <= has:
        took = "CASE WHEN ended >= created THEN (epoch_us(ended) - epoch_us(created)) / 1000000e0 END"
        made["duration"] = f"COALESCE(duration, {took})" if "duration" in has else took
    if {"created", "first_token"} <= has:
        # A log that fills in the end where nothing was streamed does not know when the first token came.
        known = "first_token > created" + (" AND (ended IS NULL OR first_token < ended)" if "ended" in has else "")
        took = f"CASE WHEN {known} THEN (epoch_us(first_token) - epoch_us(created)) / 1000000e0 END"
        made[_FIRST] = f"COALESCE({_FIRST}, {took})" if _FIRST in has else took
    if "elapsed" in has:
        since = f"TIMESTAMP '{origin:%Y-%m-%d %H:%M:%S.%f}'" if origin else "CAST(NULL AS TIMESTAMP)"
        moment = f"make_timestamp(epoch_us({since}) + CAST(floor(elapsed * 1000000e0 + 0.5e0) AS BIGINT))"
        made["created"] = f"COALESCE(created, {moment})" if "created" in has else moment
    rows.made(("ended", "first_token", "elapsed"), **made)


def _add_prompt(rows: _Rows) -> bool:
    """Prompt tokens with those of the cache; whether they are made otherwise than the log has them."""
    has = rows.has
    parts = [column for column in ("cache_read_tokens", "cache_write_tokens") if column in has]
    if "uncached_tokens" not in has and not (parts and "prompt_tokens" in has):
        return False
    rows.made(cached=" + ".join(f"COALESCE({column}, 0)::HUGEINT" for column in parts) or "0::HUGEINT")
    prompt = rows.column("prompt_tokens")
    if parts and "prompt_tokens" in has:
        # More is cached than was sent, or the log's own total has both: then it counts what is cached apart.
        apart = "prompt_tokens < cached"
        if {"tokens", "completion_tokens"} <= has:
            apart += " OR (cached > 0 AND tokens = prompt_tokens + cached + completion_tokens)"
        prompt = f"CASE WHEN {apart} THEN {_counted('prompt_tokens + cached')} ELSE prompt_tokens END"
    if "uncached_tokens" in has:
        prompt = f"COALESCE({prompt}, {_counted('uncached_tokens + cached')})"
    rows.made(("uncached_tokens", "cached"), prompt_tokens=prompt)
    return True


def _add_completion(rows: _Rows) -> bool:
    """Completion tokens with those of reasoning; whether they are made otherwise than the log has them."""
    has = rows.has
    completion, reasoning = rows.column("completion_tokens"), "reasoning_tokens::HUGEINT"
    if {"reasoning_tokens", "completion_tokens"} <= has:
        apart = "completion_tokens < reasoning_tokens"
        if {"tokens", "prompt_tokens"} <= has:
            apart += f" OR (reasoning_tokens > 0 AND tokens = {reasoning} + prompt_tokens + completion_tokens)"
        completion = f"CASE WHEN {apart} THEN {_counted(f'completion_tokens + {reasoning}')} ELSE completion_tokens END"
    if "answer_tokens" in has:
        more = f" + COALESCE({reasoning}, 0)" if "reasoning_tokens" in has else ""
        completion = f"COALESCE({completion}, {_counted(f'answer_tokens{more}')})"
    if completion == rows.column("completion_tokens"):
        return False
    rows.made(("answer_tokens",), completion_tokens=completion)
    return True


def _add_total(rows: _Rows, *, anew: bool) -> None:
    """The sum of both; an embedding has no completion, and is nothing but its prompt.

    `anew`: whether a part may be counted otherwise than the log has it; then the log's own total may be too small.
    """
    if anew:
        changed = (
            f"{rows.column(part)} IS DISTINCT FROM {rows.column(f'told_{part}')}"
            for part in ("prompt_tokens", "completion_tokens")
        )
        rows.made(anew=" OR ".join(changed))
    if "request_type" in rows.has:
        embedding = "request_type IN ('embedding', 'embeddings')"
        if "completion_tokens" in rows.has:
            rows.made(
                completion_tokens=f"CASE WHEN {embedding} THEN NULLIF(completion_tokens, 0) ELSE completion_tokens END"
            )
            embedding += " AND completion_tokens IS NULL"
        if "prompt_tokens" in rows.has:
            total = rows.column("tokens")
            rows.made(tokens=f"CASE WHEN {embedding} THEN COALESCE({total}, prompt_tokens) ELSE {total} END")
    if {"prompt_tokens", "completion_tokens"} <= rows.has:
        rows.made(total=_counted("prompt_tokens::HUGEINT + completion_tokens"))
        # A log's own total stands, unless its parts were counted otherwise than they are here.
        total = rows.column("tokens")
        smaller = f"CASE WHEN anew AND {total} < total THEN total ELSE {total} END" if anew else total
        rows.made(("total",), tokens=f"COALESCE({smaller}, total)")
    rows.made(("anew",))


def _counted(sum_: str) -> str:
    """A sum of counts as a count; NULL where it does not fit into one."""
    return f"TRY_CAST({sum_} AS BIGINT)"

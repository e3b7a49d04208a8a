"""Values of a log, in SQL: what a text or a piece of JSON says, exactly, or an error that makes the reader look closer.

Whatever these expressions accept, `convert` accepts with the same value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

from logreport.errors import Doubt
from logreport.reading import clock
from logreport.reading.fields import MOST_SECONDS, Target, divisor
from logreport.reading.words import FAILED, MOST_OF_A_REASON, NO_REASON, NOTHING, REASONS, SUCCEEDED

_NAIVE: Final = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
_OFFSET: Final = r"(Z|[+-](0[0-9]|1[0-3]):?[0-5][0-9])"
_NUMBER: Final = r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?"
_SPACE: Final = "concat(chr(9), chr(10), chr(13), ' ')"


#: What stands in a place: a piece of JSON; the cell of a CSV; a text, which holds no NUL where it is not a time; or
#: values that are typed already, a BIGINT, a DOUBLE, a BOOLEAN.
Form = Literal["json", "cell", "text", "whole", "number", "flag"]


class Leaf(NamedTuple):
    """Where a value stands: an SQL expression, and what stands there."""

    sql: str
    form: Form

    @property
    def json(self) -> bool:
        return self.form == "json"

    @property
    def text(self) -> str:
        return f"CAST({self.sql} AS VARCHAR)" if self.json else self.sql

    @property
    def null(self) -> str:
        return f"{self.sql} IS NULL"

    @property
    def quote(self) -> str:
        return '"' if self.json else ""


def expressions(target: Target, leaves: Sequence[Leaf], minus: Leaf | None, zone: str) -> Iterator[tuple[str, str]]:
    """The names and expressions of the inner SELECT from which `finished` makes the column."""
    column = name(target.column)
    if minus is not None:
        if target.kind not in ("seconds", "number") or len(leaves) > 1:
            raise Doubt("a difference that is not a number")
        yield column, _scaled(f"({_double(leaves[0])} - {_double(minus)})", target)
    elif target.kind == "time":
        if zone == "UTC":
            yield column, _first([_time(leaf, target.scale) for leaf in leaves])
        else:
            if len(leaves) > 1:
                raise Doubt("several times in a zone")
            yield name(target.column + " naive"), _time(leaves[0], target.scale, "naive")
            yield name(target.column + " instant"), _time(leaves[0], target.scale, "instant")
    else:
        yield column, _first([_value(target, leaf) for leaf in leaves])


def joined(date: Leaf, clock: Leaf) -> Leaf:
    """A date and a time of day as one text."""
    return Leaf(f"(CAST({date.sql} AS VARCHAR) || ' ' || CAST({clock.sql} AS VARCHAR))", "text")


def finished(target: Target, zone: str, *, difference: bool) -> str:
    """The column's expression in the outer SELECT."""
    column = name(target.column)
    if target.kind == "seconds" and (difference or target.scale != 1.0):
        return _within(column, f"{column} BETWEEN 0 AND {MOST_SECONDS!r}", "DOUBLE")
    if target.kind == "number" and (difference or target.scale != 1.0):
        return _within(column, f"isfinite({column})", "DOUBLE")
    if target.kind == "time" and zone == "UTC":
        return _in_years(column)
    if target.kind == "time":
        naive = name(target.column + " naive")
        instant = _in_years(name(target.column + " instant"))
        return f"COALESCE({instant}, {naive} - {_offset(naive, clock.offset_spans(zone))})"
    return column


def _in_years(time: str) -> str:
    return _within(time, f"{time} BETWEEN TIMESTAMP '1000-01-01' AND TIMESTAMP '2999-12-31'", "TIMESTAMP")


def name(key: str) -> str:
    return '"' + key.replace('"', '""') + '"'


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"COALESCE({', '.join(values)})"


def _value(target: Target, leaf: Leaf) -> str:
    kind = target.kind
    if kind == "count":
        if target.scale != 1.0:
            raise Doubt("a scaled count")
        return _count(leaf)
    if kind in ("seconds", "number"):
        return _scaled(_double(leaf, seconds=kind == "seconds" and target.scale == 1.0), target)
    return {"flag": _flag, "text": _text, "label": _label, "outcome": _outcome, "reason": _reason}[kind](leaf)


def _scaled(expression: str, target: Target) -> str:
    return _times(expression, target.scale)


def _times(expression: str, scale: float) -> str:
    if scale == 1.0:
        return expression
    parts = divisor(scale)
    return f"{expression} / CAST({parts!r} AS DOUBLE)" if parts else f"{expression} * CAST({scale!r} AS DOUBLE)"


def _count(leaf: Leaf) -> str:
    if leaf.form == "whole":
        return _within(leaf.sql, f"{leaf.sql} >= 0", "BIGINT")
    text, q = leaf.text, leaf.quote
    maybe = q and f"{q}?"
    number = f"TRY_CAST({text} AS BIGINT)"
    return (
        f"CASE WHEN CAST({number} AS VARCHAR) = {text} AND {number} >= 0 THEN {number} WHEN {leaf.null} THEN NULL "
        f"WHEN regexp_full_match({text}, '{q}[0-9]{{1,18}}{q}|{maybe}[0-9]{{1,15}}\\.0{maybe}') "
        f"THEN CAST(regexp_extract({text}, '[0-9]+') AS BIGINT) ELSE CAST(error('doubt') AS BIGINT) END"
    )


def _within(value: str, fine: str, type_: str) -> str:
    """A value that is typed already, or a doubt where it is not fine."""
    return f"CASE WHEN {fine} THEN {value} WHEN {value} IS NULL THEN NULL ELSE CAST(error('doubt') AS {type_}) END"


def _double(leaf: Leaf, *, seconds: bool = False) -> str:
    if leaf.form in ("whole", "number"):
        value = f"CAST({leaf.sql} AS DOUBLE)" if leaf.form == "whole" else leaf.sql
        return _within(value, f"{value} BETWEEN 0 AND {MOST_SECONDS!r}" if seconds else f"isfinite({value})", "DOUBLE")
    text = leaf.text
    number = f"TRY_CAST({text} AS DOUBLE)"
    fine = f"{number} BETWEEN 0 AND {MOST_SECONDS!r}" if seconds else f"isfinite({number})"
    if not leaf.json:  # a cast takes more than numbers: "1_000", " 7 "
        return (
            f"CASE WHEN {leaf.null} THEN NULL WHEN regexp_full_match({text}, '{_NUMBER}') AND {fine} THEN {number} "
            f"ELSE CAST(error('doubt') AS DOUBLE) END"
        )
    inside = f"CAST({leaf.sql}->>'$' AS DOUBLE)"
    fine_inside = f" AND {inside} BETWEEN 0 AND {MOST_SECONDS!r}" if seconds else ""
    return (
        f"CASE WHEN {fine} THEN {number} WHEN {leaf.null} THEN NULL "
        f"WHEN regexp_full_match({text}, '\"{_NUMBER}\"'){fine_inside} THEN {inside} "
        f"ELSE CAST(error('doubt') AS DOUBLE) END"
    )


def _flag(leaf: Leaf) -> str:
    if leaf.form == "flag":
        return leaf.sql
    q = leaf.quote
    true, false = (
        ", ".join(quoted(word) for word in dict.fromkeys((plain, f"{q}{plain}{q}", f"{q}{plain.title()}{q}")))
        for plain in ("true", "false")
    )
    return (
        f"CASE WHEN {leaf.text} IN ({true}) THEN true WHEN {leaf.text} IN ({false}) THEN false "
        f"WHEN {leaf.null} THEN NULL ELSE CAST(error('doubt') AS BOOLEAN) END"
    )


def _cell(text: str) -> str:
    """A cell of a CSV as a text: what stands for nothing there is NULL."""
    words = ", ".join(quoted(word) for word in ("", *sorted(NOTHING)))
    return f"CASE WHEN {text} IN ({words}) THEN NULL ELSE {text} END"


def _odd(cell: str) -> str:
    """Whether a cell holds what no database keeps, or begins with a space, which the other passes leave out."""
    return f"contains({cell}, chr(0)) OR starts_with({cell}, ' ')"


def _text(leaf: Leaf) -> str:
    if leaf.form == "text":
        return leaf.sql
    if leaf.form == "cell":
        return f"CASE WHEN {_odd(leaf.sql)} THEN error('doubt') ELSE {_cell(leaf.sql)} END"
    return (
        f"CASE WHEN starts_with({leaf.text}, '\"') AND NOT contains({leaf.text}, '\\u0000') THEN {leaf.sql}->>'$' "
        f"WHEN {leaf.null} THEN NULL ELSE error('doubt') END"
    )


def _label(leaf: Leaf) -> str:
    if leaf.form == "whole":
        return f"CAST({leaf.sql} AS VARCHAR)"
    if leaf.form == "text":
        return f"NULLIF({leaf.sql}, '')"
    if leaf.form == "cell":
        return _text(leaf)
    return (
        f"CASE WHEN {leaf.null} THEN NULL WHEN starts_with({leaf.text}, '\"') AND NOT contains({leaf.text}, '\\u0000') "
        f"THEN NULLIF({leaf.sql}->>'$', '') "
        f"WHEN regexp_full_match({leaf.text}, '-?[0-9]{{1,30}}') THEN {leaf.text} ELSE error('doubt') END"
    )


def _outcome(leaf: Leaf) -> str:
    value = leaf.sql
    if leaf.form == "flag":
        return f"CASE WHEN {value} THEN 'ok' WHEN NOT {value} THEN 'error' END"
    if leaf.form == "whole":
        failed = f"{value} BETWEEN 400 AND 599 OR {value} BETWEEN -999999 AND -1"
        return f"CASE WHEN {value} BETWEEN 100 AND 399 THEN 'ok' WHEN {failed} THEN 'error' END"
    q, text = leaf.quote, f"lower({leaf.text})"
    good, bad = (
        ", ".join((*(quoted(f"{q}{word}{q}") for word in (*sorted(words), plain)), quoted(plain)))
        for words, plain in ((SUCCEEDED, "true"), (FAILED, "false"))
    )
    maybe = q and f"{q}?"
    odd = {"json": "[{", "cell": "[{ "}.get(leaf.form)
    doubt = f"WHEN regexp_matches({text}, '^[{odd.replace('[', chr(92) + '[')}]') THEN error('doubt') " if odd else ""
    return (
        f"CASE WHEN {leaf.null} THEN NULL WHEN {text} IN ({good}) THEN 'ok' WHEN {text} IN ({bad}) THEN 'error' "
        f"WHEN regexp_full_match({text}, '{maybe}[123][0-9]{{2}}{maybe}') THEN 'ok' "
        f"WHEN regexp_full_match({text}, '{maybe}([45][0-9]{{2}}|-[1-9][0-9]{{0,5}}){maybe}') THEN 'error' "
        f"{doubt}ELSE NULL END"
    )


def _reason(leaf: Leaf) -> str:
    """Why a call failed, in one line; NULL where nothing did."""
    if leaf.form == "flag":
        return f"CASE WHEN {leaf.sql} THEN 'error' END"
    nothing = ", ".join(quoted(f"{leaf.quote}{word}{leaf.quote}") for word in ("", *sorted(NO_REASON)))
    if not leaf.json:
        odd = f"WHEN {_odd(leaf.sql)} THEN error('doubt') " if leaf.form == "cell" else ""
        return (
            f"CASE WHEN {leaf.null} OR {leaf.sql} IN ({nothing}) THEN NULL WHEN {leaf.sql} IN ('true', 'True') "
            f"THEN 'error' {odd}ELSE {_line(leaf.sql)} END"
        )
    text, string = leaf.text, f"({leaf.sql}->>'$')"
    members = []
    for key in REASONS:
        member = f"({leaf.sql}->>{quoted(key)})"
        kind = f"json_type({leaf.sql}, '$.{key}')"
        members.append(f"CASE WHEN {kind} IN ('VARCHAR', 'UBIGINT', 'BIGINT') THEN {_line(member)} END")
    return (
        f"CASE WHEN {leaf.null} OR {text} IN ('false', '0', '[]', '{{}}', {nothing}) THEN NULL "
        f"WHEN {text} IN ('true', '\"true\"', '\"True\"') THEN 'error' "
        f"WHEN contains({text}, '\\u0000') THEN error('doubt') WHEN starts_with({text}, '\"') THEN {_line(string)} "
        f"WHEN starts_with({text}, '{{') THEN COALESCE({', '.join(members)}, 'error') "
        f"WHEN starts_with({text}, '[') THEN 'error' "
        f"WHEN regexp_full_match({text}, '-?[0-9]{{1,18}}') THEN {text} ELSE error('doubt') END"
    )


def _line(text: str) -> str:
    stripped = f"trim({text}, {_SPACE})"
    return f"NULLIF(rtrim(left(regexp_extract({stripped}, '^[^\\n\\r]*'), {MOST_OF_A_REASON}), {_SPACE}), '')"


def _time(leaf: Leaf, scale: float, only: str = "") -> str:
    """A time in UTC; with `only`, NULL for times without an offset ("instant") or for all others ("naive").

    A number counts from 1970: seconds, or by its size milliseconds, microseconds or nanoseconds; with a scale,
    seconds after it.
    """
    none = "CAST(NULL AS TIMESTAMP)"
    text = leaf.sql
    if leaf.form in ("whole", "number"):
        number = f"CAST({text} AS DOUBLE)" if leaf.form == "whole" else text
        moment = _epoch(number, text if leaf.form == "whole" else None, scale)
        return none if only == "naive" else _within(moment, f"{text} >= 0", "TIMESTAMP")
    naive = f"TRY_CAST({text} AS TIMESTAMP)"
    there = f"TRY_CAST({text} AS TIMESTAMPTZ)"
    found = none if only == "instant" else naive
    instant, utc = (none, none) if only == "naive" else (f"make_timestamp(epoch_us({there}))", naive)
    number, integer = f"CAST({text} AS DOUBLE)", f"TRY_CAST({text} AS BIGINT)"
    whole, broken = (none if only == "naive" else _epoch(number, either, scale) for either in (integer, None))
    return (
        f"CASE WHEN {leaf.null} THEN NULL WHEN contains({text}, '-') THEN CASE "
        # As most logs write it, told without a regular expression.
        f"WHEN CAST({naive} AS VARCHAR) = replace(rtrim({text}, 'Z'), 'T', ' ') "
        f"THEN CASE WHEN ends_with({text}, 'Z') THEN {utc} ELSE {found} END "
        f"WHEN regexp_full_match({text}, '{_NAIVE}') AND {naive} IS NOT NULL THEN {found} "
        f"WHEN regexp_full_match({text}, '{_NAIVE}Z') AND {naive} IS NOT NULL THEN {utc} "
        f"WHEN regexp_full_match({text}, '{_NAIVE}{_OFFSET}') AND {there} IS NOT NULL THEN {instant} "
        f"ELSE CAST(error('doubt') AS TIMESTAMP) END "
        f"WHEN regexp_full_match({text}, '[0-9]{{1,19}}') THEN {whole} "
        f"WHEN regexp_full_match({text}, '[0-9]{{1,17}}\\.[0-9]{{1,15}}') THEN {broken} "
        f"ELSE CAST(error('doubt') AS TIMESTAMP) END"
    )


def _epoch(number: str, integer: str | None, scale: float) -> str:
    """The time at a number from 1970 on, a DOUBLE; `integer` is the same as a BIGINT, where it is whole."""
    if scale != 1.0:
        return f"make_timestamp(CAST(floor(({_times(number, scale)}) * 1000000e0 + 0.5e0) AS BIGINT))"
    s, ms, us = (repr(limit) for limit in clock.LIMITS)
    if integer:
        return (
            f"CASE WHEN {integer} = 0 THEN NULL WHEN {integer} < {s} THEN make_timestamp({integer} * 1000000) "
            f"WHEN {integer} < {ms} THEN make_timestamp({integer} * 1000) "
            f"WHEN {integer} < {us} THEN make_timestamp({integer}) "
            f"WHEN {integer} IS NOT NULL THEN make_timestamp({integer} // 1000) "
            "ELSE CAST(error('doubt') AS TIMESTAMP) END"
        )
    factor = f"CASE WHEN {number} < {s} THEN 1000000e0 WHEN {number} < {ms} THEN 1000e0 ELSE 1e0 END"
    return (
        f"CASE WHEN {number} = 0 THEN NULL WHEN {number} < {us} "
        f"THEN make_timestamp(CAST(floor({number} * {factor} + 0.5e0) AS BIGINT)) "
        "ELSE CAST(error('doubt') AS TIMESTAMP) END"
    )


def _offset(column: str, spans: Sequence[tuple[Any, Any]]) -> str:
    """The zone's offset at a local time: a binary search over the spans, written out."""
    if len(spans) == 1:
        offset = spans[0][1]
        if offset is None:
            return "CAST(error('doubt') AS INTERVAL)"
        return f"to_seconds({int(offset.total_seconds())})"
    middle = len(spans) // 2
    border = spans[middle][0].isoformat(sep=" ")
    later = f"CASE WHEN {column} >= TIMESTAMP '{border}' THEN {_offset(column, spans[middle:])}"
    earlier = f"ELSE {_offset(column, spans[:middle])} END"
    return f"{later} {earlier}"

"""Why calls failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: So many reasons have a row of their own; all others share one.
MOST: Final = 50

_REST: Final = "all other reasons"

#: A longer reason is cut.
_LONGEST: Final = 200

#: What stands for an id or a number of one call only.
_SOME: Final = "#"

# Signs that no log has. One stands before a number that is to stay, the other before what may be an id.
_KEPT: Final = "\ue000"
_ID: Final = "\ue001"

#: What stands before and after a word; and before a number that is not of a name, as those of gemini-1.5 are.
_BEGINS: Final = "(^|[^0-9A-Za-z])"
_ENDS: Final = "([^0-9A-Za-z]|$)"
_ALONE: Final = f"(^|[^0-9A-Za-z_.+{_KEPT}-]|[^0-9][.])[+-]*"

_HEX: Final = "[0-9A-Fa-f]"
_UUID: Final = "-".join(f"{_HEX}{{{count}}}" for count in (8, 4, 4, 4, 12))
_CLOCK: Final = "[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_TIME: Final = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:{_CLOCK})?(?: ?UTC|Z|[+-][0-9]{{2}}:?[0-9]{{2}})?"
_IPV4: Final = "[.]".join(["[0-9]{1,3}"] * 4)

#: What an id begins with; `_` or `-` follows, and a word with a digit.
_PREFIXES: Final = (
    *("asst", "batch", "bdrk", "call", "chatcmpl", "cmpl", "conv", "evt", "file", "gen", "job", "key", "msg", "org"),
    *("pod", "proj", "req", "request", "resp", "rs", "run", "sess", "session", "sk", "span", "task", "thread"),
    *("toolu", "tooluse", "trace", "user", "vrtx"),
)

#: After these words a number from 400 to 599 is a status of HTTP, which is a reason and stays.
_BEFORE_STATUS: Final = (
    "[Cc][Oo][Dd][Ee]|[Ss][Tt][Aa][Tt][Uu][Ss]|[Hh][Tt][Tt][Pp](?:/[0-9](?:[.][0-9])?)?|[Ee][Rr][Rr][Oo][Rr]|"
    "[Rr][Ee][Ss][Pp][Oo][Nn][Ss][Ee]|[Rr][Ee][Tt][Uu][Rr][Nn][Ee][Dd]"
)

#: What is replaced in the text of an error, in this order, so that errors that differ by an id or a number are one.
#: The patterns mean the same to every database: no classes by name, no boundaries, no looking ahead, and never two ways
#: to match the same text, of which some databases take the first and some the longest.
_RULES: Final = (
    ("[\t\n\r\f\v]", " "),
    (" {2,}", " "),
    # Of an address on the web: who asks, and what stands behind its path.
    ("://[^ /?#@\"'<>]*@", "://"),
    ("(://[^ ?#\"'`<>]*)[?#][^] \"'`<>)}]*", "\\1"),
    # An address of mail; a UUID; a day with or without a time; an address in memory.
    ("[^ <>@\"'(),;:=]+@[0-9A-Za-z-]+(?:[.][0-9A-Za-z-]+)+", _SOME),
    (_UUID, _SOME),
    (_TIME, _SOME),
    (f"{_BEGINS}0[Xx]{_HEX}+", f"\\1{_SOME}"),
    # An address of IPv4 with its port; of IPv6, which has a digit, unlike the colons of a name in C++.
    (f"{_BEGINS}{_IPV4}(?::[0-9]+)?", f"\\1{_SOME}"),
    (f"(^|[^0-9A-Za-z:.])((?:{_HEX}{{0,4}}:){{2,7}}[0-9A-Fa-f.]*)", f"\\1{_ID}\\2"),
    (f"{_ID}[:A-Fa-f]*[0-9][0-9A-Fa-f:.]*", _SOME),
    # An id: with a prefix; of eight signs or more, hexadecimal, or of letters and digits in turn.
    (f"((?:^|[^0-9A-Za-z])(?:{'|'.join(_PREFIXES)})[-_])[0-9A-Za-z]*[0-9][0-9A-Za-z]*", f"\\1{_SOME}"),
    ("([0-9A-Za-z]{8,})", f"{_ID}\\1"),
    (f"{_ID}(?:[0-9]+[A-Fa-f]|[A-Fa-f]+[0-9]){_HEX}*{_ENDS}", f"{_SOME}\\1"),
    (f"{_ID}[A-Za-z]*[0-9]+[A-Za-z]+[0-9][0-9A-Za-z]*", _SOME),
    # A status of HTTP: at the beginning, after one of those words, or before its name, as in 429 Too Many Requests.
    (
        f"(^[^0-9A-Za-z]{{0,3}}|(?:{_BEFORE_STATUS})[^0-9A-Za-z]{{0,4}})([45][0-9][0-9]){_ENDS}",
        f"\\1{_KEPT}\\2\\3",
    ),
    (f"{_BEGINS}([45][0-9][0-9] [A-Z])", f"\\1{_KEPT}\\2"),
    # A text that is all a number is a code.
    ("^([-+]?[0-9]{1,6})$", f"{_KEPT}\\1"),
    # How long something took, as 1h2m3.5s; any other number; a long one even within a name.
    (f"{_ALONE}(?:[0-9]+[dhm])*[0-9]+(?:[.][0-9]+)?(?:d|h|m|ms|s){_ENDS}", f"\\1{_SOME}\\2"),
    (f"{_ALONE}[0-9]+(?:[.,:/x-][0-9]+)*", f"\\1{_SOME}"),
    (f"(^|[^0-9{_KEPT}])[0-9]{{4,}}", f"\\1{_SOME}"),
    (f"{_SOME}{{2,}}", _SOME),
    (f"[{_KEPT}{_ID}]", ""),
    ("^ | $", ""),
)


def _query(window: Window) -> sa.Select[Any]:
    """One row a reason, the most frequent first and what is beyond the fiftieth last."""
    ranked = _ranked(_reasons(window))
    place = sa.func.least(ranked.c.place, MOST + 1)
    # The greatest of one text is that text.
    reason = sa.func.max(sa.case((ranked.c.place <= MOST, ranked.c.text), else_=_REST)).label("reason")
    of_calls = sa.func.max(ranked.c.of_calls, type_=sa.BigInteger()).label("of_calls")
    columns: list[sa.ColumnElement[Any]] = [reason, sql.total(ranked.c.errors).label("errors"), of_calls]
    return sa.select(*columns).group_by(place).order_by(place)


def _reasons(window: Window) -> sa.Subquery:
    """How many calls failed for each reason, and in a row of its own how many did not."""
    failed = Call.status == "error"
    # First the texts as they are: logs repeat themselves, and few are left to be cleaned.
    texts = (
        window.select(
            failed.label("failed"), sa.case((failed, Call.error)).label("told"), sa.func.count().label("calls")
        )
        .where(Call.status.is_not(None))
        .group_by("failed", "told")
        .subquery("texts")
    )
    return sa.select(texts.c.failed, _cleaned(texts.c.told).label("text"), texts.c.calls).subquery("cleaned")


def _ranked(reasons: sa.Subquery) -> sa.Subquery:
    calls = sa.func.sum(reasons.c.calls)
    summed = (
        sa.select(reasons.c.failed, reasons.c.text, calls.label("errors"), sa.func.sum(calls).over().label("of_calls"))
        .group_by(reasons.c.failed, reasons.c.text)
        .subquery("summed")
    )
    order = (summed.c.errors.desc(), sql.by_name(summed.c.text))
    return (
        sa.select(summed, sa.func.row_number().over(order_by=order).label("place"))
        .where(summed.c.failed)
        .subquery("ranked")
    )


def _cleaned(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The text without what is of one call only; NULL where nothing is left."""
    for pattern, replacement in _RULES:
        text = sa.func.regexp_replace(text, pattern, replacement, "g", type_=sa.Text())
    return sa.func.nullif(sa.func.left(text, _LONGEST), "", type_=sa.Text())


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    place = figures.MOST if len(frame) <= figures.MOST else figures.MOST - 1
    shown, rest = frame.iloc[:place], frame.iloc[place:]
    names = figures.labels(shown["reason"]) + [_REST] * bool(len(rest))
    errors = [int(count) for count in [*shown["errors"], rest["errors"].sum()]][: len(names)]
    whole = int(frame["errors"].sum())
    bars = go.Bar(
        x=errors,
        y=names,
        orientation="h",
        text=[f"{units.count(count)} ({units.share(count, whole)})" for count in errors],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [figures.STATES["error"]] * len(shown) + [figures.NEUTRAL] * bool(len(rest))},
        hovertemplate=f"%{{y}}: %{{x:,}} of {whole:,} failed calls<extra></extra>",
    )
    # Long reasons leave little room beside them: few ticks, rather than one.
    axis = figures.ticks_of_counts(errors) or {"nticks": 3}
    return go.Figure(bars, figures.layout(x="failed calls", y="reason", bars=len(names), xaxis=axis))


def _notes(frame: pd.DataFrame) -> list[str]:
    if frame.empty:
        return []
    errors, calls = int(frame["errors"].sum()), int(frame["of_calls"].iloc[0])
    told = "call that tells how it went" if calls == 1 else "calls that tell how they went"
    notes = [f"{errors:,} of {calls:,} {told} failed ({units.share(errors, calls)})."]
    if any(_SOME in str(reason) for reason in frame["reason"]):
        notes.append(f"In a reason, {_SOME} stands for an id or a number, which may differ from call to call.")
    return notes


METRIC = Metric(
    name="errors",
    title="Errors by reason",
    description="Why calls failed: the longest bar is what to mend first.",
    requires=("status",),
    query=_query,
    figure=_figure,
    kinds="reason",
    notes=_notes,
    nothing="no call of this window failed",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]

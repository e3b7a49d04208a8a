"""One span: the call that it is, or what it is instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

from logreport import Skipped, decoded, tokens_of
from logreport.sources.otlp import names

Span = Mapping[str, Any]
Row = dict[str, Any]

#: What a span that is not as it should be makes the code below raise.
STRANGE: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
REPEATS: Final = Skipped("a span that repeats the calls inside it")
_OTHER: Final = Skipped("a span that is no call to a model")
_rank = itemgetter(0)


def outcome_of(span: Span) -> Row | Skipped:
    """The call that a span is, or what it is instead; the span has OTLP's names."""
    row: Row = {"created": span["startTimeUnixNano"], "ended": span.get("endTimeUnixNano")}
    older: list[tuple[int, str, Any]] = []
    current, others = names.CURRENT.get, names.OLDER
    attributes = span.get("attributes") or ()
    if type(attributes) is dict:
        attributes = [{"key": key, "value": value} for key, value in _flat(attributes, "")]
    for attribute in attributes:
        name = attribute["key"]
        known = current(name)
        if known is not None:
            column, kind = known
            try:
                row[column] = attribute["value"][kind]
            except STRANGE:
                row[column] = _plain(attribute.get("value"))
        elif name in others:
            older.append((*others[name], _plain(attribute.get("value"))))
    if told := span.get("kind_told"):
        older.append((*others["openinference.span.kind"], told))
    if older or row.get("request_type") not in names.OPERATIONS:
        what = _translated(row, older)
        if what is not None:
            return what
    _finish(row, span)
    return row


def usual(span: Span) -> Span:
    """A span under OTLP's names, from any other spelling."""
    context = span.get("context")
    ids = context if isinstance(context, dict) else span
    status = span.get("status")
    told = status if isinstance(status, dict) else {"code": status}
    attributes = span.get("attributes")
    if attributes is None:
        attributes = {key[11:]: value for key, value in span.items() if key.startswith("attributes.")}
    return {
        "traceId": first(ids, "traceId", "trace_id", "context.trace_id") or span.get("trace_id"),
        "spanId": first(ids, "spanId", "span_id", "context.span_id"),
        "parentSpanId": first(span, "parentSpanId", "parent_span_id", "parent_id", "parentId"),
        "startTimeUnixNano": first(span, *names.STARTS),
        "endTimeUnixNano": first(span, "endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime"),
        "attributes": decoded(attributes),
        "kind_told": span.get("span_kind"),
        "events": decoded(span.get("events")),
        "status": {
            "code": first(told, "code", "status_code") or first(span, "status_code", "statusCode"),
            "message": first(told, "message", "description") or first(span, "status_message", "statusMessage"),
        },
    }


def first(record: Mapping[str, Any], *keys: str) -> Any:
    """What stands under the first of these keys that has something."""
    for key in keys:
        value = record.get(key)
        if value is not None:
            return value
    return None


def _flat(attributes: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Attributes under their full names, where objects stand for the dots in them."""
    for key, value in attributes.items():
        if type(value) is dict:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _plain(value: Any) -> Any:
    """The value of an attribute: the one thing in the object that says its type, or itself."""
    return first(value, *value) if type(value) is dict else value


def _finish(row: Row, span: Span) -> None:
    """Fill in what stands outside of the attributes, or has a shape of its own."""
    asked = row.pop("asked_model", None)
    if asked and not row.get("model"):
        row["model"] = asked
    reasons = row.get("finish_reason")
    if reasons is not None and (type(reasons) is not str or reasons[:1] == "["):
        row["finish_reason"] = _first_of_list(reasons)
    status = span.get("status")
    if status:
        outcome = names.STATUS.get(status.get("code"))
        if outcome is not None:
            row["status"] = outcome
            if outcome == "error":
                row["error"] = _error(row, span)
            elif "error" in row:
                del row["error"]
    events = span.get("events")
    if events and row.get("time_to_first_token") is None and "first_token" not in row:
        row["first_token"] = _first_token(events)
    trace, name = span.get("traceId"), span.get("spanId")
    # Other ids are made up by hand, and may well be those of another trace elsewhere.
    if type(trace) is str and name and (len(trace) == 32 or trace[:2] == "0x" or trace[-2:] == "=="):
        row["request_id"] = f"{trace}:{name}"


def _error(row: Row, span: Span) -> Any:
    return span["status"].get("message") or row.get("error") or _exception(span)


def _first_of_list(value: Any) -> Any:
    """The first of a list, as OTLP writes it, as JSON has it, or as a text of JSON."""
    if type(value) is dict and value.get("values"):
        return _plain(value["values"][0])
    listed = decoded(value)
    if isinstance(listed, list):
        return listed[0] if listed else None
    return None if isinstance(listed, dict) else listed


def _first_token(events: Any) -> Any:
    for event in events:
        if event.get("name") in names.FIRST_TOKEN_EVENTS:
            return first(event, "timeUnixNano", "time_unix_nano", "timestamp", "time")
    return None


def _exception(span: Span) -> Any:
    """What the last exception on a failed span says."""
    said: Any = None
    for event in span.get("events") or ():
        if event.get("name") == "exception":
            attributes = event.get("attributes") or {}
            if isinstance(attributes, list):
                attributes = {one["key"]: _plain(one.get("value")) for one in attributes}
            said = first(attributes, "exception.message", "exception.type") or said
    return said


def _translated(row: Row, older: list[tuple[int, str, Any]]) -> Skipped | None:
    """Fill the row from older names, the best first; what the span is where it is no call."""
    older.sort(key=_rank)
    parts: Row = {}
    for _, slot, value in older:
        into = row if slot in names.COLUMNS else parts
        if into.get(slot) is None:
            into[slot] = value
    what = _kind(row, parts)
    if what is not None:
        return what
    if "provider" in row:
        row["provider"] = names.provider(row["provider"])
    if parts:
        _unpack(row, parts)
    return None


def _kind(row: Row, parts: Row) -> Skipped | None:
    vercel = parts.get("operation_id")
    if isinstance(vercel, str):
        kind: Any = names.VERCEL.get(vercel.rpartition(".")[2], REPEATS)
        if vercel.endswith(".doStream"):
            row.setdefault("stream", True)
    else:
        told = (row.get("request_type"), parts.get("request_kind"), parts.get("kind"), parts.get("step"))
        kinds = (names.KINDS.get(word.lower()) for word in told if isinstance(word, str))
        kind = next((kind for kind in kinds if kind is not None), None)
    if isinstance(kind, Skipped):
        return kind
    if kind is None and not _looks_like_a_call(row):
        return _OTHER
    if kind:
        row["request_type"] = kind
    return None


def _looks_like_a_call(row: Row) -> bool:
    """Whether a span that does not say what it is has tokens, or a model and who serves it."""
    if first(row, "prompt_tokens", "completion_tokens", "tokens") is not None:
        return True
    return first(row, "model", "asked_model") is not None and row.get("provider") is not None


def _unpack(row: Row, parts: Row) -> None:
    """Fill in what is written as JSON into one attribute, or in other units."""
    found: Row = {}
    parameters, usage = decoded(parts.get("parameters")), decoded(parts.get("usage"))
    if isinstance(parameters, dict):
        found = {column: first(parameters, *keys) for column, keys in names.PARAMETERS.items()}
    if isinstance(usage, dict):
        theirs = "input" in usage or "output" in usage
        found |= {column: first(usage, *keys) for column, keys in names.USAGE.items()} if theirs else tokens_of(usage)
    if (milliseconds := parts.get("first_token_ms")) is not None:
        found["time_to_first_token"] = float(milliseconds) / 1000
    if (moment := parts.get("first_token_at")) is not None:
        found["first_token"] = str(moment).strip('"')
    if "cost_in" in parts and "cost_out" in parts:
        found["cost"] = float(parts["cost_in"]) + float(parts["cost_out"])
    for column, value in found.items():
        if value is not None and row.get(column) is None:
            row[column] = value

"""Answers of the Anthropic Messages API, as they came: messages, results of a batch, events of a stream.

Format: anthropic-sdk-python's `src/anthropic/types/message.py`, `usage.py`, `raw_message_stream_event.py` and
`messages/message_batch_individual_response.py`; Bedrock and Vertex answer in it, too, and say so in the message's id.
What is around a message may be an object of whoever wrote the log, with the request beside.

`input_tokens` are without those read from and written to the cache, `output_tokens` with thinking. A message tells
neither when it was written nor how long it took. Counts in a stream are cumulative; its first event's are not final.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from logreport import Outcome, Rejected, Skipped, Source, hookimpl, tokens_of, wrapped

Record = Mapping[str, Any]

#: What logs of others have, which may hold a message, too.
_FOREIGN = frozenset(
    {
        "call_type",
        "response_cost",
        "traceId",
        "usageDetails",
        "usage_details",
        "request_created_at",
        "schemaType",
        "sessionId",
    }
)
_ENDS_OF_A_BATCH = frozenset({"succeeded", "errored", "canceled", "expired"})
_EVENTS = frozenset(
    {
        "message_start",
        "message_delta",
        "message_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "ping",
    }
)
_PART = Skipped("a part of a streamed answer")
_NO_ANSWER = Skipped("a record without an answer")


def _recognises(records: Sequence[Record]) -> bool:
    ours = any(_FOREIGN.isdisjoint(record) and _is_ours(record) for record in records)
    return ours and not any(_wraps_another(record) for record in records)


def _wraps_another(record: Record) -> bool:
    """Whether it is a line of a log of several providers' answers, which counts each of them by its usage block."""
    answer = wrapped.answer_in(record)[0]
    return answer is not None and answer.get("object") in ("chat.completion", "response") and "usage" in answer


def _is_ours(record: Record) -> bool:
    if _is_message(record):
        return True
    if record.get("type") == "message_start":
        return _is_message(record.get("message"))
    answer = wrapped.answer_in(record)[0]
    return _is_message(answer) or _is_batch(record, answer)


def _is_message(record: Any) -> bool:
    return isinstance(record, dict) and record.get("type") == "message" and isinstance(record.get("usage"), dict)


def _is_batch(record: Record, result: Record | None) -> bool:
    return (
        "custom_id" in record and "result" in record and result is not None and result.get("type") in _ENDS_OF_A_BATCH
    )


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    """One outcome for each record; that of a stream's first event is its call, which is known when it ends."""
    streamed: dict[str, Any] | None = None
    for record in records:
        kind = record.get("type") if isinstance(record, dict) else None
        if isinstance(kind, str) and (kind in _EVENTS or (kind == "error" and streamed is not None)):
            if kind == "message_start" and _is_message(record.get("message")):
                if streamed is not None:
                    yield _streamed(streamed)
                streamed = _begun(record["message"])
                continue
            yield _PART
            if streamed is None:
                continue
            _add_event(streamed, record)
            if kind in ("message_stop", "error"):
                yield _streamed(streamed)
                streamed = None
        elif isinstance(record, dict):
            yield _message(record) if _is_message(record) else _wrapped(record)
        else:
            yield Rejected(reason="is not an object")
    if streamed is not None:
        yield _streamed(streamed)


def _begun(message: Record) -> dict[str, Any]:
    # What the first event has as output is a beginning, not a count.
    return {**message, "usage": {**message["usage"], "output_tokens": None}}


def _add_event(message: dict[str, Any], event: Record) -> None:
    usage, delta = event.get("usage"), event.get("delta")
    if isinstance(usage, dict):
        message["usage"] |= {name: value for name, value in usage.items() if value is not None}
    if event.get("type") == "message_delta" and isinstance(delta, dict):
        message["stop_reason"] = delta.get("stop_reason")
    if event.get("type") == "error":
        message["error"] = event.get("error") or "error"


def _streamed(message: Record) -> Outcome:
    call = _message(message)
    call["stream"] = True
    if "error" in message:
        call["error"] = message["error"]
    return call


def _message(message: Record) -> dict[str, Any]:
    usage = message["usage"]
    call = tokens_of(usage)
    call["model"] = message.get("model")
    call["provider"] = _provider(message)
    call["request_type"] = "chat"
    call["finish_reason"] = message.get("stop_reason")
    call["service_tier"] = usage.get("service_tier")
    call["request_id"] = message.get("id")
    return call


def _provider(message: Record) -> str | None:
    name = message.get("id")
    if isinstance(name, str):
        if name.startswith("msg_bdrk_"):
            return "aws.bedrock"
        if name.startswith("msg_vrtx_"):
            return "gcp.vertex_ai"
    # Others answer in this form, too, with models of their own.
    return "anthropic" if str(message.get("model")).startswith("claude") else None


def _wrapped(record: Record) -> Outcome:
    """A call from an object that holds a message or tells of an error: someone's log, or a batch's."""
    answer, code = wrapped.answer_in(record)
    if _is_batch(record, answer):
        return _batched(answer or {})
    error = wrapped.error_in(record.get("error"))
    if answer is not None and _is_message(answer):
        return wrapped.with_beside(_message(answer), record, error, code)
    error = error or wrapped.error_in((answer or {}).get("error"))
    if error or wrapped.failed(code) or wrapped.failed(record.get("status_code")):
        return wrapped.with_beside({}, record, error, code)
    return _not_understood(record, answer)


def _batched(result: Record) -> Outcome:
    kind, message = result.get("type"), result.get("message")
    if _is_message(message):
        return _message(message or {}) | {"status": kind}
    return {"status": "error", "error": wrapped.error_in(result.get("error")) or kind}


def _not_understood(record: Record, answer: Record | None) -> Outcome:
    looks_like_a_call = "usage" in record or "usage" in (answer or {})
    return Rejected(reason="holds no message of a known kind") if looks_like_a_call else _NO_ANSWER


ANTHROPIC = Source(
    name="anthropic",
    title="Anthropic API answers",
    recognises=_recognises,
    read=_read,
    repeats="repeats of one message",
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [ANTHROPIC]

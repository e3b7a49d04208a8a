"""The log of model invocations that Amazon Bedrock writes to S3 or CloudWatch.

Format: the Amazon Bedrock user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3". In S3 a record is
a line; CloudWatch has it as a text in `message`, in documents of many events or in the results of Insights queries.
`inputTokenCount` counts neither what was read from a cache nor what was written to it. A record has an `errorCode` or
is of a call that succeeded. Latency is not in the record itself, but in the answer of some operations: Converse has
`metrics`, streams have `amazon-bedrock-invocationMetrics` in their last event. Large bodies stand elsewhere in S3.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from logreport import Outcome, Rejected, Skipped, Source, decoded, first_of, hookimpl, object_in

_KEYS: Final = {"accountId", "requestId", "operation", "modelId"}
#: The resources whose names say which model it is; others (profiles of an application, custom models) have opaque ids.
_NAMED: Final = (":foundation-model/", ":inference-profile/", ":default-prompt-router/")
_METRICS: Final = "amazon-bedrock-invocationMetrics"
#: Where in an event of a stream something is told: in itself, or in one of these.
_LAYERS: Final = ("message", "delta", "messageStop", "metadata")
_BLOCKS: Final = (("usage", "usage"), ("metrics", "metrics"), (_METRICS, "metrics"))
_STREAMS: Final = {
    "Converse": False,
    "ConverseStream": True,
    "InvokeModel": False,
    "InvokeModelWithResponseStream": True,
}
_LIMITS: Final = ("maxTokens", "max_tokens", "maxTokenCount", "max_gen_len", "max_completion_tokens")
_SESSIONS: Final = ("session_id", "sessionId", "session", "conversation_id", "conversationId")
#: Where an answer has the counts.
_COUNTS: Final = {
    "uncached_tokens": ("inputTokenCount", "inputTokens", "input_tokens"),
    "cache_read_tokens": ("cacheReadInputTokenCount", "cacheReadInputTokens", "cache_read_input_tokens"),
    "cache_write_tokens": ("cacheWriteInputTokenCount", "cacheWriteInputTokens", "cache_creation_input_tokens"),
    "completion_tokens": ("outputTokenCount", "outputTokens", "output_tokens", "completion_tokens"),
}
_OTHER: Final = Skipped("another message of the log group")
_NOTHING: Final[Mapping[str, Any]] = {}


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(_is_invocation(message) for record in records for message, _ in _messages(record))


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    for record in records:
        if record.__class__ is dict and "schemaType" in record:
            yield _outcome(record, None)
        else:
            for message, time in _messages(record):
                yield _outcome(message, time)


def _is_invocation(message: Any) -> bool:
    return isinstance(message, dict) and (message.get("schemaType") == "ModelInvocationLog" or message.keys() >= _KEYS)


def _messages(record: Any) -> Iterator[tuple[Any, Any]]:
    """What was logged, and when CloudWatch says it was, of a record, an event or a document of events."""
    if not isinstance(record, dict) or "schemaType" in record:
        yield record, None
        return
    for key in ("events", "logEvents"):
        if isinstance(record.get(key), list):
            for event in record[key]:
                yield _message(event)
            return
    if isinstance(record.get("results"), list):
        for row in record["results"]:
            yield _message(_fields(row))
        return
    yield _message(record)


def _message(event: Any) -> tuple[Any, Any]:
    if isinstance(event, dict):
        for key, time in (("message", "timestamp"), ("@message", "@timestamp")):
            if key in event:
                return decoded(event[key]), event.get(time)
    return event, None


def _fields(row: Any) -> Any:
    """A row of an Insights query, which is a list of fields and values."""
    if not isinstance(row, list):
        return row
    return {one.get("field"): one.get("value") for one in row if isinstance(one, dict)}


def _outcome(record: Any, time: Any) -> Outcome:
    if not isinstance(record, dict):
        broken = isinstance(record, str) and record.startswith("{")
        return Rejected(field="message", reason="is not JSON") if broken else _OTHER
    if not _is_invocation(record):
        return _OTHER
    get = record.get
    sent, received = object_in(get("input")), object_in(get("output"))
    asked, answer = object_in(sent.get("inputBodyJson")), _answer(received.get("outputBodyJson"))
    config = _config(asked)
    operation = get("operation")
    stream = _STREAMS.get(operation) if isinstance(operation, str) else None
    model = _model(get("modelId"))
    metrics = answer.get("metrics", _NOTHING)
    call = {
        "created": get("timestamp") or time,
        "model": model,
        "provider": "aws.bedrock",
        "request_type": _request_type(model, operation, asked),
        "temperature": config.get("temperature"),
        "max_tokens": first_of(config, *_LIMITS),
        "stream": stream,
        "duration": _seconds(first_of(metrics, "latencyMs", "invocationLatency")),
        "time_to_first_token": _seconds(metrics.get("firstByteLatency")) if stream else None,
        "error": get("errorCode"),
        "finish_reason": answer.get("finish_reason"),
        "service_tier": answer.get("service_tier"),
        "user_id": object_in(get("identity")).get("arn"),
        "session_id": first_of(object_in(get("requestMetadata")), *_SESSIONS),
        "request_id": get("requestId"),
    }
    _add_tokens(call, sent, received, answer)
    return call


def _add_tokens(
    call: dict[str, Any], sent: Mapping[str, Any], received: Mapping[str, Any], answer: Mapping[str, Any]
) -> None:
    """The counts of the record, or those of the answer where it has none."""
    counts = {
        "uncached_tokens": sent.get("inputTokenCount"),
        "cache_read_tokens": sent.get("cacheReadInputTokenCount"),
        "cache_write_tokens": sent.get("cacheWriteInputTokenCount"),
        "completion_tokens": received.get("outputTokenCount"),
    }
    call.update(counts)
    if None in counts.values():
        usage = {**answer.get("usage", _NOTHING), **answer.get("metrics", _NOTHING)}
        for column, count in counts.items():
            if count is None:
                call[column] = first_of(usage, *_COUNTS[column])
        if call["uncached_tokens"] is None:
            call["prompt_tokens"] = usage.get("prompt_tokens")


def _answer(body: Any) -> dict[str, Any]:
    """What an answer tells beside its text; of a stream, what its events tell together, the last one best."""
    body = decoded(body)
    found: dict[str, Any] = {}
    for event in body if isinstance(body, list) else (body,):
        if isinstance(event, dict) and event.get("type") != "content_block_delta":
            _gather(event, found)
            for layer in _LAYERS:
                if layer in event and isinstance(inner := event[layer], dict):
                    _gather(inner, found)
    return found


def _gather(told: Mapping[str, Any], found: dict[str, Any]) -> None:
    for key, name in _BLOCKS:
        if key in told and isinstance(block := told[key], dict):
            known = {count: value for count, value in block.items() if value is not None}
            found[name] = found[name] | known if name in found else known
    reason = first_of(told, "stopReason", "stop_reason", "completionReason")
    if not reason and "choices" in told:
        choices = told["choices"]
        reason = object_in(choices[0]).get("finish_reason") if isinstance(choices, list) and choices else None
    if reason:
        found["finish_reason"] = reason
    tier = object_in(told["serviceTier"]).get("type") if "serviceTier" in told else None
    if not tier and "usage" in told:
        tier = object_in(told["usage"]).get("service_tier")
    if tier:
        found["service_tier"] = tier


def _config(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the parameters of a request stand: each family of models has its own place."""
    return object_in(asked.get("inferenceConfig")) or object_in(asked.get("textGenerationConfig")) or asked


def _model(model: Any) -> Any:
    if isinstance(model, str) and model.startswith("arn:") and any(kind in model for kind in _NAMED):
        return model.rpartition("/")[2]
    return model


def _request_type(model: Any, operation: Any, asked: Mapping[str, Any]) -> str | None:
    if isinstance(model, str) and "embed" in model:
        return "embeddings"
    if operation in ("Converse", "ConverseStream") or "messages" in asked:
        return "chat"
    return "text_completion" if "prompt" in asked or "textGenerationConfig" in asked else None


def _seconds(milliseconds: Any) -> Any:
    return milliseconds / 1000 if type(milliseconds) in (int, float) else milliseconds


BEDROCK = Source(
    name="bedrock",
    title="Amazon Bedrock invocation log",
    recognises=_recognises,
    read=_read,
    tells_errors=True,
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [BEDROCK]

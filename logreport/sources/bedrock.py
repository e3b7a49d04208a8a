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
_OTHER: Final = Skipped("another message of the log group")
_NOTHING: Final[Mapping[str, Any]] = {}


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(_is_invocation(message) for record in records for message, _ in _messages(record))


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    for record in records:
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
    stream = _stream(get("operation"))
    metrics = answer.get("metrics", _NOTHING)
    model = _model(get("modelId"))
    call = {
        "created": get("timestamp") or time,
        "model": model,
        "provider": "aws.bedrock",
        "request_type": _request_type(model, get("operation"), asked),
        "temperature": config.get("temperature"),
        "max_tokens": first_of(
            config, "maxTokens", "max_tokens", "maxTokenCount", "max_gen_len", "max_completion_tokens"
        ),
        "stream": stream,
        "duration": _seconds(first_of(metrics, "latencyMs", "invocationLatency")),
        "time_to_first_token": _seconds(metrics.get("firstByteLatency")) if stream else None,
        "error": get("errorCode"),
        "finish_reason": answer.get("finish_reason"),
        "service_tier": answer.get("service_tier"),
        "user_id": object_in(get("identity")).get("arn"),
        "session_id": _session(object_in(get("requestMetadata"))),
        "request_id": get("requestId"),
    }
    return call | _tokens(sent, received, {**answer.get("usage", _NOTHING), **metrics})


def _tokens(sent: Mapping[str, Any], received: Mapping[str, Any], usage: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of the record, or those of the answer where it has none."""
    read = first_of(usage, "cacheReadInputTokenCount", "cacheReadInputTokens", "cache_read_input_tokens")
    written = first_of(usage, "cacheWriteInputTokenCount", "cacheWriteInputTokens", "cache_creation_input_tokens")
    uncached = first_of(usage, "inputTokenCount", "inputTokens", "input_tokens")
    completion = first_of(usage, "outputTokenCount", "outputTokens", "output_tokens", "completion_tokens")
    found = {
        "uncached_tokens": _or(sent.get("inputTokenCount"), uncached),
        "cache_read_tokens": _or(sent.get("cacheReadInputTokenCount"), read),
        "cache_write_tokens": _or(sent.get("cacheWriteInputTokenCount"), written),
        "completion_tokens": _or(received.get("outputTokenCount"), completion),
    }
    if found["uncached_tokens"] is None:
        found["prompt_tokens"] = usage.get("prompt_tokens")
    return found


def _answer(body: Any) -> dict[str, Any]:
    """What an answer tells beside its text; of a stream, what its events tell together, the last one best."""
    body = decoded(body)
    found: dict[str, Any] = {}
    for event in body if isinstance(body, list) else (body,):
        if isinstance(event, dict) and event.get("type") != "content_block_delta":
            _gather(event, found)
            for layer in _LAYERS:
                if isinstance(inner := event.get(layer), dict):
                    _gather(inner, found)
    return found


def _gather(told: Mapping[str, Any], found: dict[str, Any]) -> None:
    for key, name in (("usage", "usage"), ("metrics", "metrics"), (_METRICS, "metrics")):
        if isinstance(block := told.get(key), dict):
            known = {count: value for count, value in block.items() if value is not None}
            found[name] = found.get(name, {}) | known
    choices = told.get("choices")
    choice = object_in(choices[0]) if isinstance(choices, list) and choices else _NOTHING
    reason = first_of(told, "stopReason", "stop_reason", "completionReason") or choice.get("finish_reason")
    if reason is not None:
        found["finish_reason"] = reason
    tier = object_in(told.get("serviceTier")).get("type") or object_in(told.get("usage")).get("service_tier")
    if tier is not None:
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


def _stream(operation: Any) -> bool | None:
    if operation in ("ConverseStream", "InvokeModelWithResponseStream"):
        return True
    return False if operation in ("Converse", "InvokeModel") else None


def _session(metadata: Mapping[str, Any]) -> Any:
    return first_of(metadata, "session_id", "sessionId", "session", "conversation_id", "conversationId")


def _seconds(milliseconds: Any) -> Any:
    return milliseconds / 1000 if type(milliseconds) in (int, float) else milliseconds


def _or(value: Any, other: Any) -> Any:
    return other if value is None else value


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

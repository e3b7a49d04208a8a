"""The requests of an AIPerf run: JSON Lines of metadata, metrics and an error a request, `profile_export.jsonl`.

Format: ai-dynamo/aiperf, `docs/tutorials/working-with-profile-exports.md` and `docs/metrics-reference.md`; earlier
releases call the time to first token `ttft`. Times are nanoseconds since 1970; every metric names its own unit. The
output sequence is the answer and the reasoning, which are counted apart, too. A request that failed has hardly any
metrics: `error_isl` is the length of its input. The model stands in the other files of the run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from logreport import Outcome, Rejected, Skipped, Source, hookimpl

#: Seconds in a unit of time, by the names that metrics give.
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "sec": 1.0, "s": 1.0, "min": 60.0}

_WARM_UP = Skipped("a warm-up request")
_NO_REQUEST = Rejected(field="metadata.request_start_ns", reason="is missing, as in no request's record")


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any("metrics" in record and "request_start_ns" in _object(record.get("metadata")) for record in records)


def _call(record: Mapping[str, Any]) -> Outcome:
    metadata, metrics = _object(record.get("metadata")), _object(record.get("metrics"))
    if "request_start_ns" not in metadata:
        return _NO_REQUEST
    if metadata.get("benchmark_phase") == "warmup":
        return _WARM_UP
    error = record.get("error")
    call = {
        "created": metadata["request_start_ns"],
        "ended": metadata.get("request_end_ns"),
        "status": "error" if error or metadata.get("was_cancelled") else "ok",
        "error": error,
        "session_id": metadata.get("conversation_id"),
        "request_id": metadata.get("x_request_id"),
        "prompt_tokens": _value(metrics.get("input_sequence_length") or metrics.get("error_isl")),
        "completion_tokens": _value(metrics.get("output_sequence_length")),
        "answer_tokens": _value(metrics.get("output_token_count")),
        "reasoning_tokens": _value(metrics.get("reasoning_token_count")),
        "time_to_first_token": None,
        "duration": None,
    }
    first_token = "time_to_first_token" if "time_to_first_token" in metrics else "ttft"
    for column, name in (("time_to_first_token", first_token), ("duration", "request_latency")):
        metric: Any = metrics.get(name)
        value = _value(metric)
        if value is not None:
            unit = metric.get("unit")
            if unit not in _SECONDS or not isinstance(value, int | float):
                return Rejected(field=f"metrics.{name}", reason=f"is in no known unit of time: {value!r} {unit!r}")
            call[column] = value * _SECONDS[unit]
    return call


def _value(metric: Any) -> Any:
    """The one value of a metric; some have one for each chunk of an answer."""
    value = metric.get("value") if isinstance(metric, dict) else None
    return None if isinstance(value, list) else value


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    return map(_call, records)


_METADATA = (
    *("x_request_id", "conversation_id", "request_start_ns", "request_end_ns", "benchmark_phase", "was_cancelled"),
)
_METRICS = (
    *("input_sequence_length", "error_isl", "time_to_first_token", "ttft", "request_latency"),
    *("output_token_count", "reasoning_token_count", "output_sequence_length"),
)

AIPERF = Source(
    name="aiperf",
    title="AIPerf profile export",
    recognises=_recognises,
    read=_read,
    # Of the many others, some have a value for each token.
    reads=(*(f"metadata.{name}" for name in _METADATA), *(f"metrics.{name}" for name in _METRICS), "error"),
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [AIPERF]

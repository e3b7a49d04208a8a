"""The export of Helicone, a gateway that logs what goes through it: JSON, JSON Lines or CSV.

Format: Helicone's `HeliconeRequest` (`packages/llm-mapper/types.ts`), written by `examples/export/typescript/index.ts`.
Durations are milliseconds. A negative `response_status` is Helicone's own: timeout, pending, cancelled, threat. Zero
stands for what was not counted, measured or priced (`valhalla/jawn/src/lib/handlers/LoggingHandler.ts` writes `?? 0`).
Prompt tokens of Anthropic and Bedrock are those outside of the cache; `total_tokens` is only the sum of the two counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from logreport import Outcome, Rejected, Skipped, Source, first_of, hookimpl, object_in

_PENDING: Final = "-2"
_OWN_FAILURES: Final = {"-1": "timeout", "-3": "cancelled", "-4": "threat"}
#: Its names in lower case, where OpenTelemetry's differ; a custom endpoint tells no provider.
_PROVIDERS: Final = {
    "aws": "aws.bedrock",
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "custom": None,
    "google": "gcp.gen_ai",
    "google-ai-studio": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex": "gcp.vertex_ai",
    "x": "x_ai",
    "xai": "x_ai",
}
#: Whose prompt tokens do not hold those of the cache.
_UNCACHED: Final = frozenset({"anthropic", "aws.bedrock"})
_TYPES: Final = (
    ("/chat/completions", "chat"),
    ("/completions", "text_completion"),
    ("/embeddings", "embeddings"),
    ("/messages", "chat"),
    ("/responses", "chat"),
)
#: What `cache_reference_id` is where the answer is not from Helicone's own cache.
_NOT_CACHED: Final = "00000000-0000-0000-0000-000000000000"
_NO_USER: Final = ("undefined", "null")


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any("request_created_at" in record and "response_status" in record for record in records)


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    return map(_outcome, records)


def _outcome(record: Any) -> Outcome:
    if not isinstance(record, dict):
        return Rejected(reason="is not an object")
    get = record.get
    status = str(get("response_status"))
    if status == _PENDING:
        return Skipped("a pending request")
    asked, answered = object_in(get("request_body")), object_in(get("response_body"))
    user = get("request_user_id")
    call = {
        "created": _utc(get("request_created_at")),
        "ended": _utc(get("response_created_at")),
        "model": get("response_model") or get("request_model") or get("model") or get("model_override"),
        "provider": _provider(get("provider")),
        "request_type": _request_type(get("request_path") or get("target_url")),
        "status": get("response_status"),
        "error": _error(status, answered),
        "user_id": None if user in _NO_USER else user,
        "session_id": _session(get("request_properties")) or _session(get("properties")),
        "cost": _cost(record),
        "request_id": get("request_id") or get("response_id"),
    }
    streamed = False
    if asked:
        streamed = asked.get("stream") is True
        call["temperature"] = asked.get("temperature")
        call["max_tokens"] = first_of(asked, "max_tokens", "max_completion_tokens", "max_output_tokens")
        call["stream"] = asked.get("stream")
    if answered:
        call["finish_reason"] = _finish_reason(answered)
        call["service_tier"] = answered.get("service_tier")
    _add_durations(call, record, streamed=streamed)
    _add_tokens(call, record, answered)
    return call


def _add_durations(call: dict[str, Any], record: Mapping[str, Any], *, streamed: bool) -> None:
    delay, first = record.get("delay_ms"), record.get("time_to_first_token")
    call["duration"] = _seconds(delay)
    call["time_to_first_token"] = _seconds(first) if streamed or first != delay else None


def _add_tokens(call: dict[str, Any], record: Mapping[str, Any], answered: Mapping[str, Any]) -> None:
    get = record.get
    prompt, completion, total = get("prompt_tokens"), get("completion_tokens"), get("total_tokens")
    read, written = get("prompt_cache_read_tokens"), get("prompt_cache_write_tokens")
    if _zero(prompt) and _zero(read) and _zero(written):
        if _zero(completion):
            if not _zero(total):
                call["tokens"] = total
            return
        prompt = read = written = None
    call["cache_read_tokens"] = read
    call["cache_write_tokens"] = written
    call["tokens"] = total
    call["uncached_tokens" if call["provider"] in _UNCACHED else "prompt_tokens"] = prompt
    apart = get("reasoning_tokens")
    if not _zero(apart):
        call["answer_tokens"] = completion
        call["reasoning_tokens"] = apart
        return
    call["completion_tokens"] = completion
    if answered:
        details = object_in(object_in(answered.get("usage")).get("completion_tokens_details"))
        call["reasoning_tokens"] = details.get("reasoning_tokens")


def _zero(value: Any) -> bool:
    """Whether it is what stands where nothing was counted, measured or priced."""
    return value == "0" or (not value and value.__class__ not in (list, dict))


def _cost(record: Mapping[str, Any]) -> Any:
    """The cost in US dollars; zero only where the answer came from Helicone's cache."""
    cost = first_of(record, "costUSD", "cost_usd", "cost")
    if _zero(cost) and record.get("cache_reference_id") in (None, "", _NOT_CACHED):
        return None
    return cost


def _error(status: str, answered: Mapping[str, Any]) -> Any:
    if status in _OWN_FAILURES:
        return _OWN_FAILURES[status]
    if len(status) == 3 and status[0] in "45":
        return answered.get("error") or f"HTTP {status}"
    return None


def _finish_reason(answered: Mapping[str, Any]) -> Any:
    choices = answered.get("choices")
    if isinstance(choices, list) and choices:
        return object_in(choices[0]).get("finish_reason")
    return answered.get("stop_reason")


def _provider(name: Any) -> str | None:
    return _named(name) if isinstance(name, str) and name else None


@lru_cache(1000)
def _named(name: str) -> str | None:
    return _PROVIDERS.get(name.lower(), name.lower())


def _request_type(path: Any) -> str | None:
    if not isinstance(path, str):
        return None
    plain = path.partition("?")[0]
    for end, name in _TYPES:
        if plain.endswith(end):
            return name
    return None


def _session(properties: Any) -> Any:
    if not properties:
        return None
    if isinstance(properties, str) and properties.startswith('{""'):
        properties = properties.replace('""', '"')  # the exporter doubles the quotes of an object twice
    found = object_in(properties)
    return found.get("Helicone-Session-Id") or found.get("Session")


def _utc(time: Any) -> Any:
    """A time without an offset is from the database, which is in UTC."""
    if not isinstance(time, str) or time[-1:] == "Z":
        return time or None
    if time[10:11] in ("T", " ") and len(time) < 30 and "+" not in time and "-" not in time[11:]:
        return time + "Z"
    return time or None


def _seconds(milliseconds: Any) -> Any:
    if _zero(milliseconds):
        return None
    if isinstance(milliseconds, str) and milliseconds.replace(".", "", 1).isdecimal():
        return float(milliseconds) / 1000
    return milliseconds / 1000 if type(milliseconds) in (int, float) else milliseconds


HELICONE = Source(
    name="helicone",
    title="Helicone export",
    recognises=_recognises,
    read=_read,
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [HELICONE]

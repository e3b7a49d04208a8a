"""The export of Helicone, a gateway that logs what goes through it: JSON, JSON Lines or CSV.

Format: Helicone's `HeliconeRequest` (`packages/llm-mapper/types.ts`), written by `examples/export/typescript/index.ts`.
Durations are milliseconds. A negative `response_status` is Helicone's own: timeout, pending, cancelled, threat. Zero
stands for what was not counted, measured or priced (`valhalla/jawn/src/lib/handlers/LoggingHandler.ts` writes `?? 0`).
Prompt tokens of Anthropic and Bedrock are those outside of the cache; `total_tokens` is only the sum of the two counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_ZERO: Final = (None, 0, "0", "")
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
    provider = _provider(get("provider"))
    call = {
        "created": _utc(get("request_created_at")),
        "ended": _utc(get("response_created_at")),
        "model": get("response_model") or get("request_model") or get("model") or get("model_override"),
        "provider": provider,
        "request_type": _request_type(get("request_path") or get("target_url")),
        "temperature": asked.get("temperature"),
        "max_tokens": first_of(asked, "max_tokens", "max_completion_tokens", "max_output_tokens"),
        "stream": asked.get("stream"),
        "status": get("response_status"),
        "error": _error(status, answered),
        "finish_reason": _finish_reason(answered),
        "service_tier": answered.get("service_tier"),
        "user_id": None if get("request_user_id") in _NO_USER else get("request_user_id"),
        "session_id": _session(get("request_properties")) or _session(get("properties")),
        "cost": _cost(record),
        "request_id": get("request_id") or get("response_id"),
    }
    return call | _durations(record, streamed=asked.get("stream") is True) | _tokens(record, answered, provider)


def _durations(record: Mapping[str, Any], *, streamed: bool) -> dict[str, Any]:
    delay, first = record.get("delay_ms"), record.get("time_to_first_token")
    found = {"duration": None if delay in _ZERO else _seconds(delay)}
    if first not in _ZERO and (streamed or first != delay):
        found["time_to_first_token"] = _seconds(first)
    return found


def _tokens(record: Mapping[str, Any], answered: Mapping[str, Any], provider: str | None) -> dict[str, Any]:
    get = record.get
    prompt, completion, total = get("prompt_tokens"), get("completion_tokens"), get("total_tokens")
    read, written = get("prompt_cache_read_tokens"), get("prompt_cache_write_tokens")
    if prompt in _ZERO and read in _ZERO and written in _ZERO:
        if completion in _ZERO:
            return {} if total in _ZERO else {"tokens": total}
        prompt = read = written = None
    found = {"cache_read_tokens": read, "cache_write_tokens": written, "tokens": total}
    found["uncached_tokens" if provider in _UNCACHED else "prompt_tokens"] = prompt
    apart = get("reasoning_tokens")
    if apart in _ZERO:
        details = object_in(object_in(answered.get("usage")).get("completion_tokens_details"))
        return found | {"completion_tokens": completion, "reasoning_tokens": details.get("reasoning_tokens")}
    return found | {"answer_tokens": completion, "reasoning_tokens": apart}


def _cost(record: Mapping[str, Any]) -> Any:
    """The cost in US dollars; zero only where the answer came from Helicone's cache."""
    cost = first_of(record, "costUSD", "cost_usd", "cost")
    if cost in _ZERO and record.get("cache_reference_id") in (None, "", _NOT_CACHED):
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
    if not isinstance(name, str) or not name:
        return None
    lower = name.lower()
    return _PROVIDERS.get(lower, lower)


def _request_type(path: Any) -> str | None:
    if not isinstance(path, str):
        return None
    plain = path.partition("?")[0]
    for end, name in _TYPES:
        if plain.endswith(end):
            return name
    return None


def _session(properties: Any) -> Any:
    if isinstance(properties, str) and properties.startswith('{""'):
        properties = properties.replace('""', '"')  # the exporter doubles the quotes of an object twice
    found = object_in(properties)
    return found.get("Helicone-Session-Id") or found.get("Session")


def _utc(time: Any) -> Any:
    """A time without an offset is from the database, which is in UTC."""
    if isinstance(time, str) and time[10:11] in ("T", " ") and len(time) < 30:
        clock = time[11:]
        if not (clock.endswith("Z") or "+" in clock or "-" in clock):
            return time + "Z"
    return time or None


def _seconds(milliseconds: Any) -> Any:
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

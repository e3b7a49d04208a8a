"""The log of the command `llm`: what `llm logs --json` prints, an array of responses.

Format: simonw/llm `docs/logging.md` and `llm/logs.py`. `datetime_utc` is when the request began (`llm/models.py`), and
`duration_ms` is zero or less where it was never measured. What providers count beside the two counts is in
`token_details`, each plugin in its provider's words. Only responses are logged, so nothing tells of failures.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from logreport import Outcome, Rejected, Source, first_of, hookimpl, object_in

_KEYS: Final = {"model", "conversation_id", "duration_ms", "datetime_utc"}
#: Anthropic's, beside prompt tokens that hold neither.
_CACHE_WRITTEN: Final = "cache_creation_input_tokens"
_CACHE_READ: Final = "cache_read_input_tokens"
_ZERO: Final = (0, "0")
_NOTHING: Final[Mapping[str, Any]] = {}


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(record.keys() >= _KEYS for record in records)


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    return map(_outcome, records)


def _outcome(record: Any) -> Outcome:
    if not isinstance(record, dict):
        return Rejected(reason="is not an object")
    get = record.get
    options, details, answer = object_in(get("options_json")), object_in(get("token_details")), get("response_json")
    identity = get("id")
    call = {
        "created": get("datetime_utc") or None,
        "model": get("resolved_model") or get("model"),
        "duration": _duration(get("duration_ms")),
        "session_id": get("conversation_id"),
        "request_id": identity if isinstance(identity, str) else None,  # older logs counted from 1
    }
    if options:
        call["temperature"] = options.get("temperature")
        call["max_tokens"] = first_of(
            options, "max_tokens", "max_output_tokens", "max_completion_tokens", "num_predict"
        )
    tier = first_of(details, "service_tier", "serviceTier") if details else None
    if answer:
        answer = object_in(answer)
        call["finish_reason"] = _finish_reason(answer)
        tier = tier or answer.get("service_tier")
    call["service_tier"] = tier
    _add_tokens(call, get("input_tokens"), get("output_tokens"), details)
    return call


def _add_tokens(call: dict[str, Any], prompt: Any, completion: Any, details: Mapping[str, Any]) -> None:
    if not details:
        if prompt not in _ZERO or completion not in _ZERO:
            call["prompt_tokens"] = prompt
            call["completion_tokens"] = completion
        return
    written, read = details.get(_CACHE_WRITTEN), details.get(_CACHE_READ)
    if written is None and read is None:
        call["prompt_tokens"] = prompt
        call["cache_read_tokens"] = _cached(details)
    else:
        call["uncached_tokens"] = prompt
        call["cache_read_tokens"] = read
        call["cache_write_tokens"] = written
    call["completion_tokens"] = completion
    call["reasoning_tokens"] = _reasoning(details)


def _cached(details: Mapping[str, Any]) -> Any:
    inside = _inner(details, "prompt_tokens_details", "input_tokens_details")
    return first_of({**details, **inside}, "cached_tokens", "cachedContentTokenCount", "prompt_cache_hit_tokens")


def _reasoning(details: Mapping[str, Any]) -> Any:
    inside = _inner(details, "completion_tokens_details", "output_tokens_details")
    return first_of({**details, **inside}, "reasoning_tokens", "thinking_tokens", "thoughtsTokenCount")


def _inner(details: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        if found := object_in(details.get(key)):
            return found
    return _NOTHING


def _duration(milliseconds: Any) -> Any:
    if isinstance(milliseconds, str) and milliseconds.isdecimal():
        milliseconds = int(milliseconds)  # the database's table as a CSV
    if type(milliseconds) in (int, float):
        return milliseconds / 1000 if milliseconds > 0 else None
    return milliseconds


def _finish_reason(answer: Mapping[str, Any]) -> Any:
    candidates = answer.get("candidates")
    if isinstance(candidates, list) and candidates:
        return object_in(candidates[0]).get("finishReason")
    return first_of(answer, "finish_reason", "stop_reason")


LLM = Source(
    name="llm",
    title="llm logs",
    recognises=_recognises,
    read=_read,
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [LLM]

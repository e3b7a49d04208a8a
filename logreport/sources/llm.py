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
    options, details, answer = (object_in(get(key)) for key in ("options_json", "token_details", "response_json"))
    call = {
        "created": get("datetime_utc") or None,
        "model": get("resolved_model") or get("model"),
        "temperature": options.get("temperature"),
        "max_tokens": first_of(options, "max_tokens", "max_output_tokens", "max_completion_tokens", "num_predict"),
        "duration": _duration(get("duration_ms")),
        "finish_reason": _finish_reason(answer),
        "service_tier": first_of(details, "service_tier", "serviceTier") or answer.get("service_tier"),
        "session_id": get("conversation_id"),
        "request_id": get("id") if isinstance(get("id"), str) else None,  # older logs counted from 1
    }
    return call | _tokens(get("input_tokens"), get("output_tokens"), details)


def _tokens(prompt: Any, completion: Any, details: Mapping[str, Any]) -> dict[str, Any]:
    if prompt in _ZERO and completion in _ZERO and not details:
        return {}
    written, read = details.get(_CACHE_WRITTEN), details.get(_CACHE_READ)
    if written is None and read is None:
        found = {"prompt_tokens": prompt, "cache_read_tokens": _cached(details)}
    else:
        found = {"uncached_tokens": prompt, "cache_read_tokens": read, "cache_write_tokens": written}
    return found | {"completion_tokens": completion, "reasoning_tokens": _reasoning(details)}


def _cached(details: Mapping[str, Any]) -> Any:
    if not details:
        return None
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

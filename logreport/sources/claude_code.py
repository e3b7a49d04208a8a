"""Claude Code's session transcripts: `~/.claude/projects/<project>/<session>.jsonl`, and `subagents/` beside them.

Format: not published by Anthropic; described by ccusage (github.com/ccusage/ccusage, its Claude adapter and fixtures).
One response is written as several lines, one for each block of its content or as it grows, and once more into every
session that resumes or forks another. All share `message.id` and `requestId`: they are repeats for the reader to merge.
`input_tokens` counts neither what was read from the cache nor what was written to it. Nothing is timed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from logreport import Outcome, Rejected, Skipped, Source, hookimpl

#: Lines of a session by their type, and what only such a line has.
_MARKS: Final = {
    "assistant": "parentUuid",
    "attachment": "parentUuid",
    "file-history-snapshot": "snapshot",
    "progress": "parentUuid",
    "queue-operation": "operation",
    "summary": "leafUuid",
    "system": "parentUuid",
    "user": "parentUuid",
}
#: What a line with a response has beside `message`; very old lines have no `type`.
_BESIDE: Final = ("sessionId", "requestId", "uuid", "costUSD")
_SYNTHETIC: Final = "<synthetic>"
_NO_COUNTS: Final[Mapping[str, Any]] = {}
_COUNTS: Final = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")

_SKIPPED: Final = {
    "user": Skipped("a user's message or a tool's result"),
    "system": Skipped("a notice of the system"),
    "progress": Skipped("a progress notice"),
}
_BOOKKEEPING: Final = Skipped("bookkeeping of the session")
_MADE_UP: Final = Skipped("a message by Claude Code itself")


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(_is_line(record) for record in records)


def _is_line(record: Mapping[str, Any]) -> bool:
    kind = record.get("type")
    if kind in ("assistant", None):
        message = record.get("message")
        if isinstance(message, dict) and isinstance(message.get("usage"), dict):
            return kind == "assistant" or any(key in record for key in _BESIDE)
    return isinstance(kind, str) and _MARKS.get(kind) in record


def _outcome(record: Any) -> Outcome:
    if not isinstance(record, dict):
        return Rejected(reason="is not an object")
    kind = record.get("type")
    if kind == "assistant":
        return _call(record, record)
    if kind == "progress":
        nested = _nested(record)
        return _SKIPPED["progress"] if nested is None else _call(nested, record)
    if kind is None and _is_line(record):
        return _call(record, record)
    return _SKIPPED.get(kind, _BOOKKEEPING) if isinstance(kind, str) else _BOOKKEEPING


def _nested(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The line of a subagent that a line about its progress holds, where that is a response."""
    data = record.get("data")
    line = data.get("message") if isinstance(data, dict) else None
    return line if isinstance(line, dict) and _is_line(line) else None


def _call(line: Mapping[str, Any], around: Mapping[str, Any]) -> Outcome:
    message = line.get("message")
    if not isinstance(message, dict):
        return Rejected(field="message", reason="is not an object")
    usage = message.get("usage")
    if not isinstance(usage, dict):
        if usage is not None:
            return Rejected(field="message.usage", reason="is not an object")
        usage = _NO_COUNTS
    model = message.get("model")
    if (model == _SYNTHETIC or line.get("isApiErrorMessage")) and not any(map(usage.get, _COUNTS)):
        return _MADE_UP
    identity = message.get("id")
    call = {
        "created": line.get("timestamp") or around.get("timestamp"),
        "model": model,
        "provider": _provider(model, identity),
        "uncached_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "cache_read_tokens": usage.get("cache_read_input_tokens"),
        "cache_write_tokens": usage.get("cache_creation_input_tokens"),
        "finish_reason": message.get("stop_reason"),
        "service_tier": usage.get("service_tier"),
        "session_id": line.get("sessionId") or around.get("sessionId"),
        "request_id": _request_id(line, identity),
    }
    if call["cache_write_tokens"] is None:
        call["cache_write_tokens"] = _written(usage.get("cache_creation"))
    details = usage.get("output_tokens_details")
    if isinstance(details, dict):
        call["reasoning_tokens"] = details.get("thinking_tokens")
    if "costUSD" in line:
        call["cost"] = line["costUSD"]
    return call


def _request_id(line: Mapping[str, Any], identity: Any) -> Any:
    request = line.get("requestId")
    if identity and request:
        return f"{identity}:{request}"
    return identity or request or line.get("uuid")


def _provider(model: Any, identity: Any) -> str | None:
    """Who answered, as the id tells; a model that is not Claude is a gateway's, of which nothing is said."""
    if isinstance(identity, str):
        if identity.startswith("msg_bdrk_"):
            return "aws.bedrock"
        if identity.startswith("msg_vrtx_"):
            return "gcp.vertex_ai"
    return "anthropic" if isinstance(model, str) and "claude" in model else None


def _written(parts: Any) -> int | None:
    """Tokens written to the cache, where only their parts by lifetime are there."""
    if not isinstance(parts, dict):
        return None
    counts = [count for name, count in parts.items() if name.endswith("_input_tokens") and isinstance(count, int)]
    return sum(counts) if counts else None


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    return map(_outcome, records)


CLAUDE_CODE = Source(
    name="claude-code",
    title="Claude Code session",
    recognises=_recognises,
    read=_read,
    # Not what was said, nor what tools brought.
    reads=(
        *("type", "timestamp", "sessionId", "requestId", "uuid", "costUSD", "isApiErrorMessage", "data"),
        *(f"message.{name}" for name in ("id", "model", "usage", "stop_reason")),
        *dict.fromkeys(_MARKS.values()),
    ),
    repeats="repeated lines of one response",
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [CLAUDE_CODE]

"""A provider's answer inside a log of somebody's own: taken out, with what stands beside it under names without doubt.

Such a log has the answer below one of `ANSWERS`, often the request beside it, and times and durations around both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from logreport.source import decoded

Record = Mapping[str, Any]

#: Where whoever writes a log puts the answer.
ANSWERS: Final = ("response", "completion", "response_body", "output", "result")

_UNITS: Final = {"ms": 1000.0, "s": 1.0, "seconds": 1.0}
#: What stands beside an answer under a name that leaves no doubt: the column, and how many of the unit are a second.
_BESIDE: Final[dict[str, tuple[str, float | None]]] = {
    "start_time": ("began", None),
    "started_at": ("began", None),
    "end_time": ("finished", None),
    "ended_at": ("finished", None),
    "timestamp": ("logged", None),
    "ts": ("logged", None),
    "created_at": ("logged", None),
    "datetime": ("logged", None),
    "cost_usd": ("cost", None),
    "provider": ("provider", None),
    "user_id": ("user_id", None),
    "session_id": ("session_id", None),
    "conversation_id": ("session_id", None),
    **{
        f"{name}_{unit}": ("duration", per)
        for name in ("duration", "latency", "elapsed")
        for unit, per in _UNITS.items()
    },
    **{
        f"{name}_{unit}": ("time_to_first_token", per)
        for name in ("ttft", "time_to_first_token")
        for unit, per in _UNITS.items()
    },
}
_ASKED: Final[dict[str, tuple[str, float | None]]] = {
    "model": ("model", None),
    "temperature": ("temperature", None),
    "max_tokens": ("max_tokens", None),
    "max_completion_tokens": ("max_tokens", None),
    "max_output_tokens": ("max_tokens", None),
    "stream": ("stream", None),
    "user": ("user_id", None),
}


def answer_in(record: Record) -> tuple[Record | None, Any]:
    """The answer (or error) that an object of someone else holds, and the HTTP status beside it."""
    for name in ANSWERS:
        inner = decoded(record.get(name))
        if isinstance(inner, dict):
            body = decoded(inner.get("body"))
            return (body if isinstance(body, dict) else inner), inner.get("status_code")
    return None, None


def error_in(value: Any) -> Any:
    """What went wrong: an error may be a text, an object, or an object that holds it."""
    error = decoded(value)
    inner = error.get("error") if isinstance(error, dict) else None
    return inner if isinstance(inner, dict) else error


def failed(code: Any) -> bool:
    """Whether this is the HTTP status of a failure."""
    return str(code)[:1] in ("4", "5")


def with_beside(answer: Record, record: Record, error: Any, code: Any) -> dict[str, Any]:
    """The columns of an answer with what the record tells beside it: of the request, of times, of how it went."""
    beside = _named(record, _BESIDE)
    began, finished, logged = (beside.pop(name, None) for name in ("began", "finished", "logged"))
    call = _asked(record) | beside | {column: value for column, value in answer.items() if value is not None}
    if began is not None:
        call |= {"created": began, "ended": finished}
    elif not call.get("created"):
        call["created"] = logged
    if error:
        call |= {"error": error, "status": "error"}
    elif "status" not in call:
        call["status"] = _status(record, answer, code)
    return call


def _asked(record: Record) -> dict[str, Any]:
    request = decoded(record.get("request"))
    if not isinstance(request, dict):
        return _named(record, _ASKED)
    body = decoded(request.get("body"))
    request = body if isinstance(body, dict) else request
    asked = _named(request, _ASKED)
    metadata = request.get("metadata")
    if isinstance(metadata, dict) and metadata.get("user_id"):
        asked.setdefault("user_id", metadata["user_id"])
    return asked


def _status(record: Record, answer: Record, code: Any) -> Any:
    if code is None:
        code = record.get("status_code")
    if code is None and answer and "error" in record:
        return "ok"
    return code


def _named(record: Record, names: Mapping[str, tuple[str, float | None]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in record.items():
        if name in names and value not in (None, ""):
            column, unit = names[name]
            found.setdefault(column, value if unit is None else float(value) / unit)
    return found

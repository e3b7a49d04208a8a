"""Langfuse: observations, as the UI, the batch export, the blob storage export and the public API give them.

Format: langfuse/langfuse, `packages/shared/src/domain/observations.ts` and
`worker/src/features/database-read-stream/observation-stream.ts`. A record is an observation (camel case, or snake case
in the blob export; objects are texts of JSON in a CSV) or a trace with its observations.

Only generations and embeddings are calls. Where two instrumentations saw one call, or a framework wraps the calls it
makes, a generation is the parent of another one: then only the inner one is a call, and what the outer one counts is
often Langfuse's own estimate. Latencies are milliseconds in some exports and seconds in others, so they are made of the
times. `usageDetails` mostly count cached and reasoning tokens apart from `input` and `output`; the total tells.
"""

import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import isfinite
from tempfile import TemporaryFile
from typing import IO, Any, Final

from logreport import Outcome, Rejected, Skipped, Source, hookimpl, object_in

_CALLS: Final = ("GENERATION", "EMBEDDING")
_NO_CALLS: Final = {
    "AGENT": Skipped("an agent's span"),
    "CHAIN": Skipped("a chain's span"),
    "EVALUATOR": Skipped("an evaluator's span"),
    "EVENT": Skipped("an event"),
    "GUARDRAIL": Skipped("a guardrail's span"),
    "RETRIEVER": Skipped("a retriever's span"),
    "SPAN": Skipped("a span"),
    "TOOL": Skipped("a tool's span"),
}
_OTHER: Final = Skipped("an observation of another kind")
_WRAPPER: Final = Skipped("a generation around another one")
_NO_OBSERVATIONS: Final = Skipped("a trace without its observations")
#: OpenTelemetry's names for providers that frameworks call otherwise.
_PROVIDERS: Final = {
    "amazon-bedrock": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "azure-openai": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "google.generative-ai": "gcp.gemini",
    "google.vertex": "gcp.vertex_ai",
    "google_genai": "gcp.gemini",
    "google_vertexai": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "xai": "x_ai",
}
_DOTTED: Final = ("aws.", "azure.", "gcp.", "ibm.")
_PROVIDER_KEYS: Final = ("gen_ai.provider.name", "gen_ai.system", "llm.system", "llm.provider")
_LIMITS: Final = ("max_tokens", "maxTokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")
#: Where older versions count: in `usage`, and, but for the first name, in the record, whose `input` is the prompt.
_USAGE: Final = {
    "prompt_tokens": ("input", "promptTokens", "prompt_tokens", "inputUsage", "input_usage"),
    "completion_tokens": ("output", "completionTokens", "completion_tokens", "outputUsage", "output_usage"),
    "tokens": ("total", "totalTokens", "total_tokens", "totalUsage", "total_usage"),
}
_PRICES: Final = ("totalCost", "total_cost", "calculatedTotalCost", "calculated_total_cost")
#: So many generations wait in memory, more of them on disk.
_MOST_IN_MEMORY: Final = 10_000

#: Below this every whole number has a float of its own.
_EXACT: Final = 1 << 53

_Object = Mapping[str, Any]
_EMPTY: Final[_Object] = {}


class _Wrong(ValueError):
    """A value that is not what it should be: where it stands and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def _recognises(records: Sequence[_Object]) -> bool:
    return any(_is_observation(record) or _is_trace(record) for record in records)


def _is_observation(record: _Object) -> bool:
    known = record.get("type") in (*_CALLS, *_NO_CALLS) and "id" in record
    return known and ({"traceId", "startTime"} <= record.keys() or {"trace_id", "start_time"} <= record.keys())


def _is_trace(record: _Object) -> bool:
    observations = record.get("observations")
    return isinstance(observations, list) and any(
        isinstance(one, dict) and _is_observation(one) for one in observations
    )


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    with TemporaryFile() as file:
        held = _Held(file)
        parents: set[str] = set()
        for record in records:
            if isinstance(record, dict) and "type" not in record and isinstance(record.get("observations"), list):
                yield from _trace(record)
                continue
            outcome = _outcome(record, _EMPTY)
            if not isinstance(outcome, dict) or record["type"] != "GENERATION":
                yield outcome
                continue
            if parent := _parent(record):
                parents.add(parent)
            if _is_sound(outcome):
                held.add(outcome)
            else:
                yield outcome
        for call in held:
            yield _WRAPPER if call["request_id"] in parents else call


class _Held:
    """Generations that wait for the end: exports have no order, and only there is known which one is around another.

    They wait on disk, as there may be millions. What could be rejected does not wait, so that it is told where it is.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sizes: list[int] = []
        self._calls: list[_Object] = []

    def add(self, call: _Object) -> None:
        self._calls.append(call)
        if len(self._calls) >= _MOST_IN_MEMORY:
            self._sizes.append(self._file.write(marshal.dumps(self._calls)))
            self._calls.clear()

    def __iter__(self) -> Iterator[_Object]:
        self._file.seek(0)
        for size in self._sizes:
            yield from marshal.loads(self._file.read(size))  # noqa: S302 - written above
        yield from self._calls


def _trace(record: _Object) -> Iterator[Outcome]:
    """A trace with all its observations, which have its user and its session."""
    observations = record["observations"]
    known = [one for one in observations if isinstance(one, dict)]
    if not known:
        yield _NO_OBSERVATIONS
        return
    trace = record.get("trace")
    parents = {_parent(one) for one in known if one.get("type") == "GENERATION"} - {None}
    for observation in observations:
        outcome = _outcome(observation, trace if isinstance(trace, dict) else record)
        yield _WRAPPER if isinstance(outcome, dict) and _text(outcome["request_id"]) in parents else outcome


def _parent(record: _Object) -> str | None:
    return _text(_either(record, "parentObservationId", "parent_observation_id"))


def _is_sound(call: _Object) -> bool:
    """Whether nothing in it can be rejected; counts and numbers have been looked at already."""
    model, error = call["model"], call["error"]
    if (model is not None and not isinstance(model, str)) or (error is not None and not isinstance(error, str)):
        return False
    times = _is_time(call["created"]) and _is_time(call["ended"]) and _is_time(call["first_token"])
    return times and isinstance(call["request_id"], str)


def _is_time(value: Any) -> bool:
    if value is None:
        return True
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _outcome(record: Any, trace: _Object) -> Outcome:
    if not isinstance(record, dict):
        return Rejected(reason="is not an object")
    kind = record.get("type")
    if kind in _CALLS:
        try:
            return _call(record, trace)
        except _Wrong as problem:
            return Rejected(field=problem.field, reason=str(problem))
    if isinstance(kind, str) and kind:
        return _NO_CALLS.get(kind, _OTHER)
    return Rejected(field="type", reason="is missing")


def _call(record: _Object, trace: _Object) -> dict[str, Any]:
    parameters = object_in(_either(record, "modelParameters", "model_parameters"))
    metadata = object_in(record.get("metadata"))
    attributes = object_in(metadata.get("attributes"))
    level = record.get("level")
    call = {
        "created": _either(record, "startTime", "start_time"),
        "ended": _either(record, "endTime", "end_time"),
        "first_token": _either(record, "completionStartTime", "completion_start_time"),
        "model": record.get("model") or _either(record, "providedModelName", "provided_model_name"),
        "request_type": "embeddings" if record["type"] == "EMBEDDING" else _operation(metadata, attributes),
        "status": ("error" if level == "ERROR" else "ok") if level else None,
        "error": _either(record, "statusMessage", "status_message") if level == "ERROR" else None,
        "user_id": _label(record, "userId", "user_id") or _label(trace, "userId", "user_id"),
        "session_id": _label(record, "sessionId", "session_id") or _label(trace, "sessionId", "session_id"),
        "cost": _cost(record),
        "request_id": record.get("id"),
    }
    if metadata or parameters:
        call["provider"] = _provider(parameters, metadata, attributes)
    if parameters:
        tier = _text(parameters.get("service_tier"))
        call["temperature"] = _number(parameters.get("temperature"))
        call["max_tokens"] = _limit(parameters)
        call["stream"] = _flag(parameters.get("stream", parameters.get("is_stream")))
        call["finish_reason"] = _text(parameters.get("finishReason"))
        call["service_tier"] = tier if tier != "auto" else None  # which leaves it to the provider
    details = object_in(_either(record, "usageDetails", "usage_details"))
    call.update(_tokens(details) if details else _legacy_tokens(record))
    return call


def _tokens(details: _Object) -> dict[str, Any]:
    parts: dict[str, int] = {}
    plain: dict[str, int] = {}
    named: dict[str, str] = {}
    for key, value in details.items():
        if value is None:
            continue
        count = value if value.__class__ is int and 0 <= value < _EXACT else _count(value, f"usageDetails.{key}")
        name = _PLAIN.get(key)
        if name is None:
            kind = _kind(key)
            parts[kind] = parts.get(kind, 0) + count
        elif name not in plain or _RANKS[key] < _RANKS[named[name]]:
            plain[name] = count
            named[name] = key
    total, sent, made = plain.get("total"), plain.get("sent"), plain.get("made")
    more_sent, more_made = parts.get("sent", 0), parts.get("made", 0)
    cached = parts.get("read", 0) + parts.get("written", 0) + more_sent
    thought = parts.get("reasoning", 0) + more_made
    sent_apart, made_apart = _apart(total, (sent or 0) + (made or 0), cached, thought)
    return {
        "cache_read_tokens": parts.get("read"),
        "cache_write_tokens": parts.get("written"),
        "reasoning_tokens": parts.get("reasoning"),
        "tokens": total if sent is None or made is None else None,
        "uncached_tokens" if sent_apart else "prompt_tokens": _sum(sent, more_sent if sent_apart else 0),
        "answer_tokens" if made_apart else "completion_tokens": _sum(made, more_made if made_apart else 0),
    }


#: What counts the whole, the prompt and the answer; of two names for one thing the first is right.
_PLAIN: Final = {
    "total": "total",
    "total_tokens": "total",
    "input": "sent",
    "input_tokens": "sent",
    "prompt_tokens": "sent",
    "output": "made",
    "output_tokens": "made",
    "completion_tokens": "made",
}
_RANKS: Final = {key: rank for rank, key in enumerate(_PLAIN)}


def _sum(count: int | None, more: int) -> int | None:
    return count + more if count is not None else more or None


@lru_cache(4096)
def _kind(key: str) -> str:
    """What a key of `usageDetails` counts; frameworks name the same thing in many ways."""
    if "ephemeral" in key or ("cache" in key and ("creation" in key or "write" in key)):
        return "written"
    if "cache" in key:
        return "read"
    if "reasoning" in key or "thinking" in key:
        return "reasoning"
    if key.startswith(("input", "prompt")):
        return "sent"
    return "made" if key.startswith(("output", "completion")) else "other"


def _apart(total: int | None, plain: int, cached: int, thought: int) -> tuple[bool, bool]:
    """Whether input and output leave out what is counted apart, as they should: the total may tell that they do not."""
    if total is None or total >= plain + cached + thought:
        return True, True
    if total == plain + thought and thought != cached:
        return False, True
    return total >= plain + cached, False


def _legacy_tokens(record: _Object) -> dict[str, Any]:
    usage = object_in(record.get("usage"))
    if (usage.get("unit") or record.get("unit") or "TOKENS") != "TOKENS":
        return {}
    counts: dict[str, Any] = {}
    for column, names in _USAGE.items():
        found = [usage.get(name) for name in names] + [record.get(name) for name in names[1:]]
        value = next((value for value in found if value is not None), None)
        if value is not None:
            counts[column] = _count(value, names[0])
    if not any(counts.values()):  # where nothing was counted, there is 0 everywhere
        return {}
    return counts if len(counts) < len(_USAGE) else {**counts, "tokens": None}


def _cost(record: _Object) -> float | None:
    """What the call cost: where nothing was priced, the total is 0 and there are no details."""
    details = object_in(_either(record, "costDetails", "cost_details"))
    if details.get("total") is not None:
        return _price(details["total"], "costDetails.total")
    for name in _PRICES:
        if (value := record.get(name)) not in (None, ""):
            return _price(value, name) or (0.0 if details else None)
    prices = [_price(value, f"costDetails.{key}") for key, value in details.items() if value is not None]
    return sum(prices) if prices else None


def _price(value: Any, field: str) -> float:
    number = _number(value)
    if number is None:
        raise _Wrong(field, "is not a number")
    return number


def _count(value: Any, field: str) -> int:
    if type(value) is int and 0 <= value < _EXACT:
        return value
    number = _number(value)
    if number is None or not 0 <= number < _EXACT or not number.is_integer():
        raise _Wrong(field, "is not a count of tokens")
    return int(number)


def _provider(parameters: _Object, metadata: _Object, attributes: _Object) -> str | None:
    told = _text(parameters.get("system")) or _text(metadata.get("ls_provider"))
    if told is None and attributes:
        told = next((text for key in _PROVIDER_KEYS if (text := _text(attributes.get(key)))), None)
    name = told.lower() if told else None
    if name is None or name in _PROVIDERS or name.startswith(_DOTTED):
        return _PROVIDERS.get(name, name) if name else None
    vendor = name.partition(".")[0]  # "openai.responses"
    return _PROVIDERS.get(vendor, vendor)


def _operation(metadata: _Object, attributes: _Object) -> str | None:
    told = _text(attributes.get("gen_ai.operation.name"))
    return told or ("chat" if metadata.get("ls_model_type") == "chat" else None)


def _either(record: _Object, camel: str, snake: str) -> Any:
    value = record.get(camel)
    if value is None:
        value = record.get(snake)
    return value if value not in ("", "null") else None


def _label(record: _Object, camel: str, snake: str) -> str | None:
    value = _either(record, camel, snake)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    """A number, or a text of one; None for what is none, as parameters may be."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _limit(parameters: _Object) -> int | None:
    """How many tokens the answer could have: -1 and "inf" set no limit."""
    for key in _LIMITS:
        if key in parameters:
            number = _number(parameters[key])
            if number is not None and 0 < number < _EXACT:
                return int(number)
    return None


def _flag(value: Any) -> Any:
    return value if isinstance(value, bool) or value in ("true", "false", "True", "False") else None


#: What is looked at under two names; prompts and answers, which are most of an export, are not.
_SPELLINGS: Final = (
    *("startTime", "start_time", "endTime", "end_time", "completionStartTime", "completion_start_time"),
    *("parentObservationId", "parent_observation_id", "providedModelName", "provided_model_name"),
    *("modelParameters", "model_parameters", "statusMessage", "status_message", "usageDetails", "usage_details"),
    *("costDetails", "cost_details", "userId", "user_id", "sessionId", "session_id"),
)

LANGFUSE = Source(
    name="langfuse",
    title="Langfuse observations",
    recognises=_recognises,
    read=_read,
    reads=(
        *("id", "type", *_SPELLINGS, "level", "model", "metadata", "usage", "unit", "trace", "observations"),
        *(name for names in _USAGE.values() for name in names[1:]),
        *_PRICES,
    ),
    repeats="repeats of one observation",
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [LANGFUSE]

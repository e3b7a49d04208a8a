"""Answers of the OpenAI API, as they came: Chat Completions, Responses, legacy Completions, Embeddings, batch output.

Format: openai-python's `src/openai/types/chat/chat_completion.py`, `chat_completion_chunk.py`, `completion_usage.py`,
`responses/response.py`, `responses/response_usage.py`; many other servers answer in this form. What is around an answer
differs: nothing, a line of a batch's output, or an object of whoever wrote the log, with the request beside.

An answer does not tell its provider, how long it took (Responses do) or what was asked for. `prompt_tokens` include
what was cached, `completion_tokens` reasoning. In a stream only the last chunk has usage; where each has, it is
cumulative. Ollama's ids are one of 999 and name no call.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from logreport import Outcome, Rejected, Skipped, Source, hookimpl, tokens_of, wrapped

Record = Mapping[str, Any]

_TYPES = {
    "chat.completion": "chat",
    "chat.completion.chunk": "chat",
    "text_completion": "text_completion",
    "response": "chat",
    "list": "embeddings",
}
#: What logs of others have, which may hold an answer, too.
_FOREIGN = frozenset(
    {"call_type", "response_cost", "traceId", "usageDetails", "usage_details", "request_created_at", "schemaType"}
)
_UNFINISHED = frozenset({"queued", "in_progress"})
_PART = Skipped("a part of a streamed answer")
_NO_ANSWER = Skipped("a record without an answer")
_ENDS = frozenset({"response.completed", "response.failed", "response.incomplete"})
#: Streams whose reason to finish waits for the chunk with their usage.
_MOST_OPEN = 10_000

#: OpenRouter's names of those whose names differ in more than capitals.
_PROVIDERS = {
    "Amazon Bedrock": "aws.bedrock",
    "Azure": "azure.ai.openai",
    "Google": "gcp.vertex_ai",
    "Google AI Studio": "gcp.gemini",
    "Mistral": "mistral_ai",
    "xAI": "x_ai",
}


def _recognises(records: Sequence[Record]) -> bool:
    ours = any(_FOREIGN.isdisjoint(record) and _is_ours(record) for record in records)
    return ours and not any(_wraps_another(record) for record in records)


def _wraps_another(record: Record) -> bool:
    """Whether it is a line of a log of several providers' answers, which counts each of them by its usage block."""
    answer = wrapped.answer_in(record)[0]
    return answer is not None and answer.get("type") == "message" and "usage" in answer


def _is_ours(record: Record) -> bool:
    if _is_answer(record) or ("custom_id" in record and "response" in record and "error" in record):
        return True
    answer = wrapped.answer_in(record)[0]
    return answer is not None and _is_answer(answer)


def _is_answer(record: Record) -> bool:
    kind = record.get("object")
    if kind is None:
        # Some servers leave `object` out.
        return "choices" in record and "usage" in record and str(record.get("id")).startswith("chatcmpl-")
    if kind == "list":
        data = record.get("data")
        first = data[0] if isinstance(data, list) and data else None
        return isinstance(record.get("usage"), dict) and isinstance(first, dict) and first.get("object") == "embedding"
    if kind == "response":
        return "output" in record or "created_at" in record
    return isinstance(kind, str) and kind in _TYPES


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    endings: dict[Any, Any] = {}
    for record in records:
        if not isinstance(record, dict):
            yield Rejected(reason="is not an object")
            continue
        kind = record.get("object")
        if kind == "chat.completion":
            yield _completion(record, record.get("usage"))
        elif kind == "chat.completion.chunk":
            yield _chunk(record, endings)
        elif _is_answer(record):
            yield _answered(record)
        else:
            yield _wrapped(record)


def _chunk(record: Record, endings: dict[Any, Any]) -> Outcome:
    usage = record.get("usage") or (record.get("x_groq") or {}).get("usage")
    ending = _finish_reason(record)
    if not usage:
        if ending:
            if len(endings) >= _MOST_OPEN:
                endings.clear()
            endings[record.get("id")] = ending
        return _PART
    kept = endings.pop(record.get("id"), None)
    return _completion(record, usage) | {"stream": True, "finish_reason": ending or kept}


def _answered(answer: Record) -> Outcome:
    kind = answer.get("object")
    if kind == "response":
        return _response(answer)
    if kind == "chat.completion.chunk":
        return _chunk(answer, {})
    return _completion(answer, answer.get("usage"))


def _completion(answer: Record, usage: Any) -> dict[str, Any]:
    get = answer.get
    call = tokens_of(usage) if usage else {}
    call["created"] = get("created")
    call["model"] = get("model")
    call["request_type"] = _TYPES.get(get("object") or "chat.completion")
    call["finish_reason"] = _finish_reason(answer)
    call["service_tier"] = get("service_tier")
    call["request_id"] = get("id") if get("system_fingerprint") != "fp_ollama" else None
    call["provider"] = _provider(answer)
    return call


def _finish_reason(answer: Record) -> Any:
    choices = answer.get("choices")
    if not choices or not isinstance(choices, list):
        return None
    first = choices[0]
    return first.get("finish_reason") if isinstance(first, dict) else None


def _provider(answer: Record) -> Any:
    """Who answered, where something tells: OpenRouter's name of it, or what nobody else's answers have."""
    name = answer.get("provider")
    if isinstance(name, str):
        return _PROVIDERS.get(name, name.lower())
    if "x_groq" in answer:
        return "groq"
    return "azure.ai.openai" if "prompt_filter_results" in answer else None


def _response(answer: Record) -> Outcome:
    status = answer.get("status")
    if status in _UNFINISHED:
        return Skipped("an answer that is not finished")
    usage = answer.get("usage")
    call = tokens_of(usage) if usage else {}
    details, conversation = answer.get("incomplete_details"), answer.get("conversation")
    call["created"] = answer.get("created_at")
    call["ended"] = answer.get("completed_at")
    call["model"] = answer.get("model")
    call["request_type"] = "chat"
    call["temperature"] = answer.get("temperature")
    call["max_tokens"] = answer.get("max_output_tokens")
    # An incomplete answer is one that was cut off, as with the finish reason "length" of the older API.
    call["status"] = "ok" if status == "incomplete" else status
    call["error"] = answer.get("error")
    call["finish_reason"] = details.get("reason") if isinstance(details, dict) else None
    call["service_tier"] = answer.get("service_tier")
    call["user_id"] = answer.get("user") or answer.get("safety_identifier")
    call["session_id"] = conversation.get("id") if isinstance(conversation, dict) else None
    call["request_id"] = answer.get("id")
    return call


def _wrapped(record: Record) -> Outcome:
    """A call from an object that holds an answer or tells of an error: someone's log, a batch's, an event."""
    kind = record.get("type")
    if isinstance(kind, str) and kind.startswith("response."):
        if kind not in _ENDS:
            return _PART
        record = {"response": record.get("response"), "stream": True}
    answer, code = wrapped.answer_in(record)
    error = wrapped.error_in(record.get("error"))
    if answer is not None and _is_answer(answer):
        outcome = _answered(answer)
        return _beside(outcome, record, error, code) if isinstance(outcome, Mapping) else outcome
    error = error or wrapped.error_in((answer or {}).get("error")) or (record if kind == "error" else None)
    if error or wrapped.failed(code) or wrapped.failed(record.get("status_code")):
        return _beside({}, record, error, code)
    return _not_understood(record, answer)


def _not_understood(record: Record, answer: Record | None) -> Outcome:
    looks_like_a_call = any("usage" in part or "choices" in part for part in (record, answer or {}))
    return Rejected(reason="holds no answer of a known kind") if looks_like_a_call else _NO_ANSWER


def _beside(answer: Record, record: Record, error: Any, code: Any) -> dict[str, Any]:
    call = wrapped.with_beside(answer, record, error, code)
    if "custom_id" in record:
        # An answer does not know that it was one of a batch, which costs half.
        if call.get("service_tier") in (None, "auto", "default"):
            call["service_tier"] = "batch"
        if call.get("request_id") is None:
            call["request_id"] = record.get("id")
    return call


OPENAI = Source(
    name="openai",
    title="OpenAI API answers",
    recognises=_recognises,
    read=_read,
    repeats="repeats of one answer",
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [OPENAI]

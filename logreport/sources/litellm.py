"""LiteLLM: the standard logging payload that its callbacks write, and the rows of the proxy's table of spend logs.

Format: BerriAI/litellm, `litellm/types/utils.py` (StandardLoggingPayload) and `schema.prisma` (LiteLLM_SpendLogs);
litellm-docs, `docs/proxy/logging_spec.md`. Both have the same times and counts; the payload calls its id `id` and its
cost `response_cost`, the table says `request_id` and `spend` and keeps most objects as texts of JSON.

`response_time` is the time to the first token where a call was streamed, so durations are made of the two times.
`completionStartTime` is the end of a call that was not streamed. `prompt_tokens` count what was read from a cache or
written to it; how much that was stands in the provider's usage only. An empty text means unknown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from logreport import Outcome, Rejected, Skipped, Source, hookimpl, object_in

#: OpenTelemetry's names for providers that LiteLLM calls otherwise.
_PROVIDERS: Final = {
    "anthropic_text": "anthropic",
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "azure_text": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "codestral": "mistral_ai",
    "cohere_chat": "cohere",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "text-completion-codestral": "mistral_ai",
    "text-completion-openai": "openai",
    "vertex_ai": "gcp.vertex_ai",
    "vertex_ai_beta": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "watsonx_text": "ibm.watsonx.ai",
    "xai": "x_ai",
}

_OPERATIONS: Final = {
    "anthropic_messages": "chat",
    "completion": "chat",
    "embedding": "embeddings",
    "generate_content": "generate_content",
    "generate_content_stream": "generate_content",
    "responses": "chat",
    "text_completion": "text_completion",
}
#: OpenTelemetry's names of operations; LiteLLM puts an "a" before the name of an asynchronous call.
_REQUEST_TYPES: Final = _OPERATIONS | {f"a{name}": operation for name, operation in _OPERATIONS.items()}

#: What goes through the proxy and is no call to a model.
_NO_CALLS: Final = {
    "call_mcp_tool": "a tool's call",
    "list_mcp_tools": "a list of tools",
}
_CACHE_HIT: Final = (True, "True", "true")
_UNKNOWN: Final = frozenset({"", "None", "null"})
_TRUTHS: Final = ("true", "false", "True", "False")
_FAILED: Final = ("failure", "error")
_ALL_USERS: Final = ("end_user", "user")
_OF_THE_KEY: Final = ("user_api_key_end_user_id", "user_api_key_user_id")

_Object = Mapping[str, Any]


def _recognises(records: Sequence[_Object]) -> bool:
    return any(
        "call_type" in record and "startTime" in record and ("response_cost" in record or "spend" in record)
        for record in records
    )


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    return map(_outcome, records)


def _outcome(record: Any) -> Outcome:
    if not isinstance(record, dict):
        return Rejected(reason="is not an object")
    call_type = record.get("call_type")
    if isinstance(call_type, str) and call_type in _NO_CALLS:
        return Skipped(_NO_CALLS[call_type])
    if record.get("startTime") is None and record.get("model") is None:
        return Rejected(reason="has neither `startTime` nor `model`")
    return _call(record, call_type)


def _call(record: _Object, call_type: Any) -> dict[str, Any]:
    get = record.get
    metadata, response = object_in(get("metadata")), object_in(get("response"))
    parameters = object_in(get("model_parameters")) or object_in(get("proxy_server_request"))
    provider = get("custom_llm_provider")
    status = _known(get("status")) or _known(metadata.get("status"))
    from_cache = get("cache_hit") in _CACHE_HIT
    call = {
        "created": _known(get("startTime")),
        "ended": _known(get("endTime")),
        "first_token": _known(get("completionStartTime")),
        "model": _known(get("model")),
        "provider": _PROVIDERS.get(provider, provider or None) if isinstance(provider, str) else provider,
        "request_type": _REQUEST_TYPES.get(call_type, call_type or None) if isinstance(call_type, str) else call_type,
        "stream": _flag(get("stream"), parameters.get("stream")),
        "status": status,
        "error": None if status == "success" else _error(record, metadata, failed=status in _FAILED),
        "user_id": _first(record, _ALL_USERS) or _first(metadata, _OF_THE_KEY),
        "session_id": _first(record, ("session_id", "trace_id")),
        "cost": 0.0 if from_cache else _cost(record, metadata),
        "request_id": _id(record, from_cache=from_cache),
    }
    if parameters:
        limit = _whole(parameters.get("max_tokens")) or _whole(parameters.get("max_completion_tokens"))
        call["temperature"] = _number(parameters.get("temperature"))
        call["max_tokens"] = limit
        call["service_tier"] = _tier(parameters)
    if response:
        call["finish_reason"] = _finish_reason(response)
        if response.get("service_tier"):
            call["service_tier"] = _tier(response)
    _add_tokens(call, record, metadata, response)
    return call


def _add_tokens(call: dict[str, Any], record: _Object, metadata: _Object, response: _Object) -> None:
    prompt = call["prompt_tokens"] = _known(record.get("prompt_tokens"))
    completion = call["completion_tokens"] = _known(record.get("completion_tokens"))
    call["tokens"] = _known(record.get("total_tokens")) if prompt is None or completion is None else None
    usage = (
        object_in(metadata.get("usage_object"))
        or object_in(record.get("usage_object"))
        or object_in(metadata.get("additional_usage_values"))
        or object_in(response.get("usage"))
    )
    if usage:
        sent = object_in(usage.get("prompt_tokens_details")) or object_in(usage.get("input_tokens_details"))
        made = object_in(usage.get("completion_tokens_details")) or object_in(usage.get("output_tokens_details"))
        call["cache_read_tokens"] = _counted((usage, "cache_read_input_tokens"), (sent, "cached_tokens"))
        call["cache_write_tokens"] = _counted(
            (usage, "cache_creation_input_tokens"), (sent, "cache_creation_tokens"), (sent, "cache_write_tokens")
        )
        call["reasoning_tokens"] = made.get("reasoning_tokens")


def _counted(*places: tuple[_Object, str]) -> Any:
    """The first count that is not 0, which some places have where others know better."""
    found = None
    for counts, name in places:
        count = counts.get(name)
        if count:
            return count
        if found is None:
            found = count
    return found


def _cost(record: _Object, metadata: _Object) -> Any:
    """What the call cost; where LiteLLM has no price for the model, it writes 0 and tells elsewhere."""
    cost = _known(record.get("response_cost"))
    if cost is None:
        cost = _known(record.get("spend"))
    if cost in (0, "0", "0.0"):
        prices = object_in(record.get("model_map_information")) or object_in(metadata.get("model_map_information"))
        unpriced = "model_map_value" in prices and not prices["model_map_value"]
        if unpriced or _known(record.get("response_cost_failure_debug_info")):
            return None
    return cost


def _id(record: _Object, *, from_cache: bool) -> Any:
    """Answers from a cache carry the id of the answer that was cached, unless LiteLLM made another of it."""
    given = _first(record, ("request_id", "id"))
    return None if from_cache and "_cache_hit" not in str(given) else given


def _error(record: _Object, metadata: _Object, *, failed: bool) -> Any:
    for told in (record, metadata):
        information = object_in(told.get("error_information"))
        reason = _known(told.get("error_str")) or _first(information, ("error_message", "error_class", "error_code"))
        if reason is not None:
            return reason
    return "failure" if failed else None


def _finish_reason(response: _Object) -> str | None:
    choices = response.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    return _text(choice.get("finish_reason")) if isinstance(choice, dict) else None


def _tier(told: _Object) -> str | None:
    """The tier that served the call, or was asked for; "auto" is none."""
    tier = _text(told.get("service_tier"))
    return None if tier == "auto" else tier


def _known(value: Any) -> Any:
    return None if value.__class__ is str and value in _UNKNOWN else value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _first(record: _Object, keys: Iterable[str]) -> Any:
    for key in keys:
        if (value := _known(record.get(key))) is not None:
            return value
    return None


def _number(value: Any) -> Any:
    """A parameter of the request; what is no number was not one for the model either."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _flag(*values: Any) -> Any:
    for value in values:
        if value.__class__ is bool or value in _TRUTHS:
            return value
    return None


LITELLM = Source(
    name="litellm",
    title="LiteLLM logging payloads and spend logs",
    recognises=_recognises,
    read=_read,
    # Neither the messages nor the answer.
    reads=(
        *("request_id", "id", "trace_id", "session_id", "call_type", "stream", "response_cost", "spend", "status"),
        *("total_tokens", "prompt_tokens", "completion_tokens", "startTime", "endTime", "completionStartTime", "model"),
        *("custom_llm_provider", "metadata", "cache_hit", "end_user", "user", "model_parameters"),
        *("proxy_server_request", "model_map_information", "usage_object", "response.choices", "response.usage"),
        *("response.service_tier", "error_str", "error_information", "response_cost_failure_debug_info"),
    ),
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [LITELLM]

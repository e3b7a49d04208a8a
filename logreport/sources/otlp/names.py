"""Names of attributes, and the words in them, of everybody who writes spans of calls to models."""

from __future__ import annotations

from typing import Any, Final

from logreport import Skipped

#: A span's start, in every spelling.
STARTS: Final = ("startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime")

#: The names of the semantic conventions as they are now: the column that each fills, and how OTLP calls its type.
#: `asked_model` is what was asked for, the model where nobody tells who answered.
CURRENT: Final = {
    "gen_ai.operation.name": ("request_type", "stringValue"),
    "gen_ai.provider.name": ("provider", "stringValue"),
    "gen_ai.request.model": ("asked_model", "stringValue"),
    "gen_ai.response.model": ("model", "stringValue"),
    "gen_ai.request.temperature": ("temperature", "doubleValue"),
    "gen_ai.request.max_tokens": ("max_tokens", "intValue"),
    "gen_ai.request.stream": ("stream", "boolValue"),
    "gen_ai.usage.input_tokens": ("prompt_tokens", "intValue"),
    "gen_ai.usage.output_tokens": ("completion_tokens", "intValue"),
    "gen_ai.usage.cache_read.input_tokens": ("cache_read_tokens", "intValue"),
    "gen_ai.usage.cache_creation.input_tokens": ("cache_write_tokens", "intValue"),
    "gen_ai.usage.reasoning.output_tokens": ("reasoning_tokens", "intValue"),
    "gen_ai.response.time_to_first_chunk": ("time_to_first_token", "doubleValue"),
    "gen_ai.response.finish_reasons": ("finish_reason", "arrayValue"),
    "gen_ai.conversation.id": ("session_id", "stringValue"),
    "openai.response.service_tier": ("service_tier", "stringValue"),
    "error.type": ("error", "stringValue"),
}

#: Older and vendors' names, best first: of what must be looked at or unpacked,
_PARTS: Final = {
    "operation_id": ("ai.operationId",),
    "request_kind": ("llm.request.type",),
    "kind": ("openinference.span.kind", "langfuse.observation.type"),
    "step": ("traceloop.span.kind",),
    "parameters": ("llm.invocation_parameters", "langfuse.observation.model.parameters"),
    "usage": ("langfuse.observation.usage_details",),
    "first_token_ms": ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk"),
    "first_token_at": ("langfuse.observation.completion_start_time",),
    "cost_in": ("llm.cost.prompt",),
    "cost_out": ("llm.cost.completion",),
}
#: and of what a row holds.
_COLUMNS: Final = {
    "model": ("ai.response.model", "llm.response.model"),
    "asked_model": (
        "llm.request.model",
        "llm.model_name",
        "embedding.model_name",
        "ai.model.id",
        "langfuse.observation.model.name",
    ),
    "provider": ("gen_ai.system", "llm.provider", "llm.system", "ai.model.provider"),
    "temperature": ("llm.temperature", "llm.request.temperature", "ai.settings.temperature"),
    "max_tokens": (
        "gen_ai.request.max_output_tokens",
        "llm.request.max_tokens",
        "ai.settings.maxOutputTokens",
        "ai.settings.maxTokens",
    ),
    "stream": ("gen_ai.is_streaming", "llm.is_streaming", "gen_ai.request.is_stream"),
    "prompt_tokens": (
        "gen_ai.usage.prompt_tokens",
        "llm.usage.prompt_tokens",
        "llm.usage.input_tokens",
        "llm.token_count.prompt",
        "ai.usage.inputTokens",
        "ai.usage.promptTokens",
        "ai.usage.tokens",
    ),
    "completion_tokens": (
        "gen_ai.usage.completion_tokens",
        "llm.usage.completion_tokens",
        "llm.usage.output_tokens",
        "llm.token_count.completion",
        "ai.usage.outputTokens",
        "ai.usage.completionTokens",
    ),
    "tokens": (
        "gen_ai.usage.total_tokens",
        "llm.usage.total_tokens",
        "llm.token_count.total",
        "ai.usage.totalTokens",
    ),
    "cache_read_tokens": (
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.details.cache_read_tokens",
        "llm.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_input",
        "ai.usage.cachedInputTokens",
        "ai.usage.inputTokenDetails.cacheReadTokens",
    ),
    "cache_write_tokens": (
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
        "gen_ai.usage.details.cache_write_tokens",
        "llm.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
        "ai.usage.inputTokenDetails.cacheWriteTokens",
    ),
    "reasoning_tokens": (
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.details.reasoning_tokens",
        "llm.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
        "ai.usage.reasoningTokens",
        "ai.usage.outputTokenDetails.reasoningTokens",
    ),
    "finish_reason": (
        "llm.response.finish_reason",
        "llm.response.stop_reason",
        "llm.finish_reason",
        "gen_ai.completion.0.finish_reason",
        "llm.completions.0.finish_reason",
        "ai.response.finishReason",
    ),
    "service_tier": ("gen_ai.openai.response.service_tier",),
    "user_id": (
        "user.id",
        "enduser.id",
        "gen_ai.user",
        "llm.user",
        "langfuse.user.id",
        "traceloop.association.properties.user_id",
        "ai.telemetry.metadata.userId",
    ),
    "session_id": (
        "session.id",
        "langfuse.session.id",
        "traceloop.association.properties.session_id",
        "traceloop.association.properties.conversation_id",
        "ai.telemetry.metadata.sessionId",
    ),
    "cost": ("gen_ai.usage.cost", "llm.cost.total"),
}

#: The same by attribute: how good a name is (less is better), and what it fills.
OLDER: Final = {name: (rank, slot) for slot, names in (_PARTS | _COLUMNS).items() for rank, name in enumerate(names)}
COLUMNS: Final = frozenset(_COLUMNS)

#: Parameters of a request, written as JSON into one attribute.
PARAMETERS: Final = {
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxTokens", "maxOutputTokens"),
    "stream": ("stream",),
}

#: Counts of tokens in Langfuse's words.
USAGE: Final = {
    "prompt_tokens": ("input",),
    "completion_tokens": ("output",),
    "tokens": ("total",),
    "cache_read_tokens": ("input_cached_tokens", "cache_read_input_tokens"),
    "cache_write_tokens": ("input_cache_creation", "cache_creation_input_tokens"),
    "reasoning_tokens": ("output_reasoning_tokens",),
}

#: Operations of the conventions that are calls.
OPERATIONS: Final = frozenset({"chat", "text_completion", "generate_content", "embeddings"})

_TOOL: Final = Skipped("a tool's span")
_AGENT: Final = Skipped("an agent's span")
_STEP: Final = Skipped("a workflow's span")
_SEARCH: Final = Skipped("a retriever's span")

#: What a span is, by the words that say so: a call of this type (""; of one that is not told), or none.
KINDS: Final[dict[str, str | Skipped]] = {
    **{operation: operation for operation in OPERATIONS},
    "completion": "text_completion",
    "embedding": "embeddings",
    "llm": "",
    "generation": "",
    "execute_tool": _TOOL,
    "tool": _TOOL,
    "invoke_agent": _AGENT,
    "create_agent": _AGENT,
    "agent": _AGENT,
    "invoke_workflow": _STEP,
    "workflow": _STEP,
    "task": _STEP,
    "chain": _STEP,
    "span": _STEP,
    "event": _STEP,
    "guardrail": _STEP,
    "evaluator": _STEP,
    "prompt": _STEP,
    "plan": _STEP,
    "retrieval": _SEARCH,
    "retriever": _SEARCH,
    "rerank": _SEARCH,
    "reranker": _SEARCH,
}

#: The same by the end of the AI SDK's `ai.operationId`.
VERCEL: Final[dict[str, str | Skipped]] = {
    "doGenerate": "chat",
    "doStream": "chat",
    "doEmbed": "embeddings",
    "toolCall": _TOOL,
    "doRerank": _SEARCH,
    "rerank": _SEARCH,
}

#: How a span's status tells of success; unset, which is usual, tells nothing.
STATUS: Final[dict[Any, str]] = {
    **dict.fromkeys((1, "1", "STATUS_CODE_OK", "OK", "Ok", "ok"), "ok"),
    **dict.fromkeys((2, "2", "STATUS_CODE_ERROR", "ERROR", "Error", "error"), "error"),
}

#: Events that mark when the first token came.
FIRST_TOKEN_EVENTS: Final = frozenset(
    {
        "First Token Stream Event",
        "ai.stream.firstChunk",
        "gen_ai.content.completion.chunk",
        "llm.content.completion.chunk",
    }
)

_PROVIDERS: Final = {
    "amazon-bedrock": "aws.bedrock",
    "aws": "aws.bedrock",
    "az.ai.inference": "azure.ai.inference",
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "azure-openai": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "google": "gcp.gen_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}


def provider(told: Any) -> Any:
    """A provider as the conventions call it; the AI SDK writes the kind of its API behind it, as in "openai.chat"."""
    if not isinstance(told, str):
        return told
    name = told.lower()
    if name.startswith(("google.vertex", "vertex.")):
        return "gcp.vertex_ai"
    if name.startswith(("gcp.", "aws.", "azure.ai", "az.ai", "ibm.")):
        return _PROVIDERS.get(name, name)
    name = name.partition(".")[0]
    return _PROVIDERS.get(name, name)

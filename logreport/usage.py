"""The usage blocks in which providers count tokens, each in its own words, as columns of a call.

What differs is what a count includes. OpenAI's prompt has what was read from the cache in it, Anthropic's and Bedrock's
do not; Gemini's answer is without its thoughts and its prompt without what tools brought, xAI's completion may be
without reasoning. `uncached_tokens` and `answer_tokens` are where a count is known to be without the other part;
where only the block's own total can tell, the total goes along, and the host decides (`logreport.reading.rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Usage = Mapping[str, Any]
Columns = dict[str, Any]

_NOTHING: Final[Usage] = {}
#: xAI's unit of money.
_TICKS: Final = 1e10


def tokens_of(usage: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a provider's usage block fills, its values as they stand there; what it lacks is None or absent.

    Known are the blocks of OpenAI (chat and Responses) and those who imitate it, Anthropic, Bedrock, Gemini, Cohere,
    and of SDKs that write these in one form. Of a block of another kind nothing is known.

    Raises:
        TypeError, ValueError, AttributeError: the block is not built as its kind is, or counts to be added are none.
    """
    if usage.get("prompt_tokens") or ("prompt_tokens" in usage and not usage.get("input_tokens")):
        return _chat(usage)
    for key, columns_of in _FAMILIES:
        if key in usage:
            return columns_of(usage)
    return {}


def _chat(usage: Usage) -> Columns:
    get = usage.get
    columns = {
        "prompt_tokens": get("prompt_tokens"),
        "completion_tokens": get("completion_tokens"),
        "tokens": get("total_tokens"),
    }
    read = written = None
    details = get("prompt_tokens_details")
    if details:
        read, written = details.get("cached_tokens"), details.get("cache_write_tokens")
        if written is None:
            written = details.get("cache_creation_tokens")
    if read is None and not _CACHED.isdisjoint(usage):
        read = _first(usage, _CACHED_IN)
    if written is None:
        written = get("cache_creation_input_tokens")
    if read is not None:
        columns["cache_read_tokens"] = read
    if written is not None:
        columns["cache_write_tokens"] = written
    reasoning = (get("completion_tokens_details") or usage).get("reasoning_tokens")
    if reasoning is not None:
        columns["reasoning_tokens"] = reasoning
    if "cost" in usage or "cost_in_usd_ticks" in usage:
        _add_cost(usage, columns)
    return columns


#: Where a block of OpenAI's kind has what was read from the cache, if not in its details: DeepSeek, Moonshot, Mistral
#: (as vLLM counts it), LiteLLM.
_CACHED_IN: Final = ("prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens", "cache_read_input_tokens")
_CACHED: Final = frozenset(_CACHED_IN)


def _input(usage: Usage) -> Columns:
    """Anthropic and OpenAI Responses both say `input_tokens`: with and without what was cached."""
    if not _EXCLUSIVE.isdisjoint(usage) and "input_tokens_details" not in usage and "total_tokens" not in usage:
        return _anthropic(usage)
    read_in = usage.get("input_tokens_details") or usage.get("input_token_details") or usage
    written_in = usage.get("output_tokens_details") or usage.get("output_token_details") or usage
    columns = {
        "prompt_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "tokens": usage.get("total_tokens"),
        "cache_read_tokens": _first(read_in, _INPUT_CACHED),
        "cache_write_tokens": _first(read_in, _INPUT_WRITTEN),
        "reasoning_tokens": _first(written_in, _INPUT_REASONING),
    }
    if "cost" in usage or "cost_in_usd_ticks" in usage:
        _add_cost(usage, columns)
    return columns


_EXCLUSIVE: Final = frozenset({"cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"})
#: OpenAI, Codex, LangChain, Pydantic AI, and Anthropic's words in a block that says by its total that it is inclusive.
_INPUT_CACHED: Final = (
    "cached_tokens",
    "cached_input_tokens",
    "cache_read",
    "cache_read_tokens",
    "cache_read_input_tokens",
)
_INPUT_WRITTEN: Final = ("cache_write_tokens", "cache_creation", "cache_creation_input_tokens")
_INPUT_REASONING: Final = ("reasoning_tokens", "reasoning", "reasoning_output_tokens", "thinking_tokens")


def _anthropic(usage: Usage) -> Columns:
    columns = {
        "uncached_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "cache_read_tokens": usage.get("cache_read_input_tokens"),
        "cache_write_tokens": _written(usage),
    }
    details = usage.get("output_tokens_details")
    if details:
        columns["reasoning_tokens"] = details.get("thinking_tokens")
    for part in usage.get("iterations") or ():
        # Only what summing up the conversation took is not in the block's own counts; an adviser is another model.
        if part.get("type") == "compaction":
            for column, count in _anthropic({**part, "iterations": None}).items():
                columns[column] = _sum(columns.get(column), count)
    return columns


def _written(usage: Usage) -> Any:
    written = usage.get("cache_creation_input_tokens")
    if written is None and usage.get("cache_creation"):
        parts = usage["cache_creation"]
        return _sum(parts.get("ephemeral_5m_input_tokens"), parts.get("ephemeral_1h_input_tokens"))
    return written


def _camel(usage: Usage) -> Columns:
    """Bedrock's block, and that of the AI SDK, which adds up what Bedrock keeps apart."""
    if "inputTokenDetails" in usage or "cachedInputTokens" in usage or "reasoningTokens" in usage:
        read_in = usage.get("inputTokenDetails") or _NOTHING
        written_in = usage.get("outputTokenDetails") or usage
        return {
            "prompt_tokens": usage.get("inputTokens"),
            "completion_tokens": usage.get("outputTokens"),
            "tokens": usage.get("totalTokens"),
            "cache_read_tokens": read_in.get("cacheReadTokens", usage.get("cachedInputTokens")),
            "cache_write_tokens": read_in.get("cacheWriteTokens"),
            "reasoning_tokens": written_in.get("reasoningTokens"),
        }
    return {
        "uncached_tokens": usage.get("inputTokens"),
        "completion_tokens": usage.get("outputTokens"),
        "cache_read_tokens": _first(usage, ("cacheReadInputTokens", "cacheReadInputTokenCount")),
        "cache_write_tokens": _first(usage, ("cacheWriteInputTokens", "cacheWriteInputTokenCount")),
    }


def _invocation(usage: Usage) -> Columns:
    """Bedrock's metrics of an invocation."""
    return {
        "uncached_tokens": usage.get("inputTokenCount"),
        "completion_tokens": usage.get("outputTokenCount"),
        "cache_read_tokens": usage.get("cacheReadInputTokenCount"),
        "cache_write_tokens": usage.get("cacheWriteInputTokenCount"),
    }


def _gemini(usage: Usage) -> Columns:
    return _google(
        usage.get("promptTokenCount"),
        usage.get("toolUsePromptTokenCount"),
        usage.get("cachedContentTokenCount"),
        usage.get("candidatesTokenCount", usage.get("responseTokenCount")),
        usage.get("thoughtsTokenCount"),
        usage.get("totalTokenCount"),
    )


def _gemini_python(usage: Usage) -> Columns:
    return _google(
        usage.get("prompt_token_count"),
        usage.get("tool_use_prompt_token_count"),
        usage.get("cached_content_token_count"),
        usage.get("candidates_token_count"),
        usage.get("thoughts_token_count"),
        usage.get("total_token_count"),
    )


def _google(prompt: Any, tools: Any, cached: Any, answer: Any, thoughts: Any, total: Any) -> Columns:
    prompt = _sum(prompt, tools)
    columns = {"prompt_tokens": prompt, "cache_read_tokens": cached, "reasoning_tokens": thoughts, "tokens": total}
    if not thoughts:
        columns["completion_tokens"] = answer
    elif answer and total == _sum(prompt, answer):
        columns["completion_tokens"] = answer  # some of its servers have counted thoughts as part of the answer
    else:
        columns["answer_tokens"] = answer or 0  # zero is left out of Google's JSON
    return columns


def _cohere(usage: Usage) -> Columns:
    """`tokens` are what the model read and wrote; `billed_units` leave out what Cohere added by itself."""
    counts = usage.get("tokens") or usage.get("billed_units") or _NOTHING
    if not isinstance(counts, Mapping):
        return {"tokens": counts}
    return {
        "prompt_tokens": counts.get("input_tokens"),
        "completion_tokens": counts.get("output_tokens"),
        "cache_read_tokens": usage.get("cached_tokens"),
    }


def _javascript(usage: Usage) -> Columns:
    """Older versions of the AI SDK, and TypeScript clients of OpenAI's kind."""
    return {
        "prompt_tokens": usage.get("promptTokens"),
        "completion_tokens": usage.get("completionTokens"),
        "tokens": usage.get("totalTokens"),
    }


#: By which key a block is known, and who reads it; the first that fits.
_FAMILIES: Final[tuple[tuple[str, Callable[[Usage], Columns]], ...]] = (
    ("input_tokens", _input),
    ("output_tokens", _input),
    ("promptTokenCount", _gemini),
    ("inputTokens", _camel),
    ("prompt_token_count", _gemini_python),
    ("inputTokenCount", _invocation),
    ("completion_tokens", _chat),
    ("total_tokens", _chat),
    ("promptTokens", _javascript),
    ("billed_units", _cohere),
    ("tokens", _cohere),
    ("candidatesTokenCount", _gemini),
    ("totalTokenCount", _gemini),
    ("outputTokens", _camel),
)


def _add_cost(usage: Usage, columns: Columns) -> None:
    """US dollars: OpenRouter's and Perplexity's `cost`, xAI's ticks."""
    cost = usage.get("cost")
    if isinstance(cost, Mapping):
        cost = cost.get("total_cost")
    elif cost is not None and usage.get("is_byok"):
        # With the user's own key, `cost` is OpenRouter's fee; the provider is paid besides.
        cost = _sum(cost, (usage.get("cost_details") or _NOTHING).get("upstream_inference_cost"))
    elif cost is None and usage.get("cost_in_usd_ticks") is not None:
        cost = usage["cost_in_usd_ticks"] / _TICKS
    if cost is not None:
        columns["cost"] = cost


def _first(usage: Usage, names: tuple[str, ...]) -> Any:
    """The first of these counts that is there; an object of that name is none."""
    for name in names:
        if name in usage:
            value = usage[name]
            if value is not None and not isinstance(value, Mapping):
                return value
    return None


def _sum(*counts: Any) -> Any:
    """The sum of those that are known, which may be digits in a text; None where none is."""
    known = [int(count) if isinstance(count, str) else count for count in counts if count is not None]
    return sum(known) if known else None

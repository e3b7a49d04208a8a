"""Usage blocks of providers, against those that another project normalised, and by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logreport import tokens_of
from logreport.source import SOURCE_COLUMNS

ORACLE = Path("usage-blocks") / "usages-sample.json"


def _known(usage: dict[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in tokens_of(usage).items() if value is not None}


def _flavour(usage: dict[str, Any]) -> tuple[str, str]:
    """Which of the other project's readings of a block is that of the provider who wrote it."""
    if "promptTokenCount" in usage:
        return "google", "default"
    if "inputTokens" in usage:
        return "aws", "default"
    if "billed_units" in usage:
        return "cohere", "tokens"
    if "cache_creation_input_tokens" in usage:
        return "anthropic", "default"
    return "openai", "responses" if "input_tokens_details" in usage else "chat"


def _sums(usage: dict[str, Any]) -> dict[str, int]:
    """What the host makes of the columns, under the other project's names.

    There, `input_tokens` is all that was sent, with what was read from or written to a cache; `output_tokens` has
    reasoning in it. Zeros are left out. (`input_text_tokens`, `…_image_tokens` and so on are parts of these, by
    modality; `input_tool_tokens` are what Gemini's tools brought, inside of `input_tokens`.)
    """
    found = _known(usage)
    read, written = found.get("cache_read_tokens", 0), found.get("cache_write_tokens", 0)
    reasoning = found.get("reasoning_tokens", 0)
    prompt = found["prompt_tokens"] if "prompt_tokens" in found else found.get("uncached_tokens", 0) + read + written
    answer = found.get("answer_tokens")
    counts = {
        "input_tokens": prompt,
        "cache_read_tokens": read,
        "cache_write_tokens": written,
        "output_tokens": found.get("completion_tokens", 0) if answer is None else answer + reasoning,
        "output_reasoning_tokens": reasoning,
    }
    return {name: count for name, count in counts.items() if count}


def test_every_real_block_counts_as_another_project_counts_it(real_logs: Path) -> None:
    compared, unknown_to_them = 0, 0
    for example in json.loads((real_logs / ORACLE).read_bytes()):
        usage = example["body"].get("usage") or example["body"]["usageMetadata"]
        provider, flavour = _flavour(usage)
        (theirs,) = (
            reading["usage"]
            for reading in example["extracted"]
            if any((one["provider_id"], one["api_flavor"]) == (provider, flavour) for one in reading["extractors"])
        )
        ours = _sums(usage)
        if usage.get("num_cached_tokens"):
            # Mistral's own name for what was read from the cache, which the other project does not know; all other
            # counts of these blocks agree.
            assert ours.pop("cache_read_tokens") == usage["num_cached_tokens"]
            unknown_to_them += 1
        assert ours == {name: theirs[name] for name in theirs if name in _COMPARED}, example["body"]
        compared += 1
    assert (compared, unknown_to_them) == (395, 7)


_COMPARED = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "output_reasoning_tokens")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(
            {
                "prompt_tokens": 2006,
                "completion_tokens": 300,
                "total_tokens": 2306,
                "prompt_tokens_details": {"cached_tokens": 1920, "cache_write_tokens": 64, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 128},
            },
            {
                "prompt_tokens": 2006,
                "completion_tokens": 300,
                "tokens": 2306,
                "cache_read_tokens": 1920,
                "cache_write_tokens": 64,
                "reasoning_tokens": 128,
            },
            id="OpenAI chat",
        ),
        pytest.param(
            {"prompt_tokens": 8, "completion_tokens": 5, "total_tokens": 13, "prompt_tokens_details": None},
            {"prompt_tokens": 8, "completion_tokens": 5, "tokens": 13},
            id="a server without details",
        ),
        pytest.param({"prompt_tokens": 8, "total_tokens": 8}, {"prompt_tokens": 8, "tokens": 8}, id="embeddings"),
        pytest.param(
            {
                "input_tokens": 1036,
                "input_tokens_details": {"cached_tokens": 1024},
                "output_tokens": 87,
                "output_tokens_details": {"reasoning_tokens": 64},
                "total_tokens": 1123,
            },
            {
                "prompt_tokens": 1036,
                "completion_tokens": 87,
                "tokens": 1123,
                "cache_read_tokens": 1024,
                "reasoning_tokens": 64,
            },
            id="OpenAI Responses",
        ),
        pytest.param(
            {
                "input_tokens": 21,
                "cache_creation_input_tokens": 188,
                "cache_read_input_tokens": 18200,
                "cache_creation": {"ephemeral_5m_input_tokens": 188, "ephemeral_1h_input_tokens": 0},
                "output_tokens": 393,
                "output_tokens_details": {"thinking_tokens": 77},
            },
            {
                "uncached_tokens": 21,
                "completion_tokens": 393,
                "cache_read_tokens": 18200,
                "cache_write_tokens": 188,
                "reasoning_tokens": 77,
            },
            id="Anthropic",
        ),
        pytest.param(
            {
                "input_tokens": 21,
                "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 88},
                "output_tokens": 3,
            },
            {"uncached_tokens": 21, "completion_tokens": 3, "cache_write_tokens": 188},
            id="Anthropic with the cache's parts only",
        ),
        pytest.param(
            {
                "input_tokens": 230,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 10,
                "output_tokens": 9,
                "iterations": [
                    {"type": "compaction", "input_tokens": 1800, "cache_read_input_tokens": 5, "output_tokens": 35},
                    {"type": "message", "input_tokens": 230, "cache_read_input_tokens": 10, "output_tokens": 9},
                    {"type": "advisor_message", "input_tokens": 7000, "output_tokens": 70, "model": "another"},
                ],
            },
            {
                "uncached_tokens": 2030,
                "completion_tokens": 44,
                "cache_read_tokens": 15,
                "cache_write_tokens": 0,
            },
            id="Anthropic after a compaction",
        ),
        pytest.param(
            {"input_tokens": 7, "output_tokens": 2},
            {"prompt_tokens": 7, "completion_tokens": 2},
            id="input and output alone",
        ),
        pytest.param(
            {
                "inputTokens": 22,
                "outputTokens": 13,
                "totalTokens": 35,
                "cacheReadInputTokens": 0,
                "cacheWriteInputTokens": 2492,
            },
            # Bedrock's total is with or without the cache, so it is left.
            {"uncached_tokens": 22, "completion_tokens": 13, "cache_read_tokens": 0, "cache_write_tokens": 2492},
            id="Bedrock Converse",
        ),
        pytest.param(
            {"inputTokenCount": 22, "outputTokenCount": 13, "cacheReadInputTokenCount": 5},
            {"uncached_tokens": 22, "completion_tokens": 13, "cache_read_tokens": 5},
            id="Bedrock's metrics of an invocation",
        ),
        pytest.param(
            {
                "promptTokenCount": 11,
                "toolUsePromptTokenCount": 90,
                "cachedContentTokenCount": 8,
                "candidatesTokenCount": 105,
                "thoughtsTokenCount": 131,
                "totalTokenCount": 337,
            },
            {
                "prompt_tokens": 101,
                "cache_read_tokens": 8,
                "answer_tokens": 105,
                "reasoning_tokens": 131,
                "tokens": 337,
            },
            id="Gemini",
        ),
        pytest.param(
            {"promptTokenCount": 15, "thoughtsTokenCount": 2, "totalTokenCount": 17},
            {"prompt_tokens": 15, "answer_tokens": 0, "reasoning_tokens": 2, "tokens": 17},
            id="Gemini that only thought",
        ),
        pytest.param(
            {"promptTokenCount": 10, "candidatesTokenCount": 50, "thoughtsTokenCount": 30, "totalTokenCount": 60},
            {"prompt_tokens": 10, "completion_tokens": 50, "reasoning_tokens": 30, "tokens": 60},
            id="Gemini whose answer has the thoughts in it, by its own total",
        ),
        pytest.param(
            {"prompt_token_count": 10, "candidates_token_count": 5, "thoughts_token_count": None},
            {"prompt_tokens": 10, "completion_tokens": 5},
            id="Gemini as its Python library writes it",
        ),
        pytest.param(
            {
                "billed_units": {"input_tokens": 2406, "output_tokens": 2},
                "tokens": {"input_tokens": 2935, "output_tokens": 4},
                "cached_tokens": 2928,
            },
            {"prompt_tokens": 2935, "completion_tokens": 4, "cache_read_tokens": 2928},
            id="Cohere",
        ),
        pytest.param(
            {
                "prompt_tokens": 875,
                "completion_tokens": 79,
                "total_tokens": 954,
                "prompt_cache_hit_tokens": 640,
                "prompt_cache_miss_tokens": 235,
            },
            {"prompt_tokens": 875, "completion_tokens": 79, "tokens": 954, "cache_read_tokens": 640},
            id="DeepSeek",
        ),
        pytest.param(
            {
                "prompt_tokens": 32,
                "completion_tokens": 9,
                "total_tokens": 135,
                "completion_tokens_details": {"reasoning_tokens": 94},
                "cost_in_usd_ticks": 5_000_000,
            },
            # The total goes along: by it the host sees that reasoning is not in the completion.
            {"prompt_tokens": 32, "completion_tokens": 9, "tokens": 135, "reasoning_tokens": 94, "cost": 0.0005},
            id="xAI",
        ),
        pytest.param(
            {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9, "cost": 0.002, "is_byok": False},
            {"prompt_tokens": 4, "completion_tokens": 5, "tokens": 9, "cost": 0.002},
            id="OpenRouter",
        ),
        pytest.param(
            {
                "prompt_tokens": 4,
                "completion_tokens": 5,
                "cost": 0.25,
                "is_byok": True,
                "cost_details": {"upstream_inference_cost": 0.5},
            },
            {"prompt_tokens": 4, "completion_tokens": 5, "cost": 0.75},
            id="OpenRouter with the user's own key",
        ),
        pytest.param(
            {"prompt_tokens": 4, "completion_tokens": 5, "cost": {"total_cost": 0.006, "request_cost": 0.005}},
            {"prompt_tokens": 4, "completion_tokens": 5, "cost": 0.006},
            id="Perplexity",
        ),
        pytest.param(
            {
                "prompt_tokens": 1300,
                "completion_tokens": 20,
                "total_tokens": 1320,
                "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 200,
            },
            {
                "prompt_tokens": 1300,
                "completion_tokens": 20,
                "tokens": 1320,
                "cache_read_tokens": 1000,
                "cache_write_tokens": 200,
            },
            id="LiteLLM",
        ),
        pytest.param(
            {
                "input_tokens": 100,
                "output_tokens": 20,
                "total_tokens": 120,
                "input_token_details": {"cache_read": 80, "cache_creation": 10},
                "output_token_details": {"reasoning": 5},
            },
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "tokens": 120,
                "cache_read_tokens": 80,
                "cache_write_tokens": 10,
                "reasoning_tokens": 5,
            },
            id="LangChain",
        ),
        pytest.param(
            {
                "input_tokens": 100,
                "cached_input_tokens": 80,
                "output_tokens": 20,
                "reasoning_output_tokens": 5,
                "total_tokens": 120,
            },
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "tokens": 120,
                "cache_read_tokens": 80,
                "reasoning_tokens": 5,
            },
            id="Codex",
        ),
        pytest.param(
            {
                "inputTokens": 100,
                "outputTokens": 20,
                "totalTokens": 120,
                "reasoningTokens": 5,
                "cachedInputTokens": 80,
            },
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "tokens": 120,
                "cache_read_tokens": 80,
                "reasoning_tokens": 5,
            },
            id="AI SDK",
        ),
        pytest.param(
            {"prompt_tokens": 0, "completion_tokens": 0, "input_tokens": 300, "output_tokens": 8, "total_tokens": 308},
            {"prompt_tokens": 300, "completion_tokens": 8, "tokens": 308},
            id="a proxy that fills the other names with zeros",
        ),
        pytest.param({}, {}, id="an empty block"),
        pytest.param({"requests": 1}, {}, id="a block of another kind"),
    ],
)
def test_a_block_in_its_providers_words(usage: dict[str, Any], expected: dict[str, Any]) -> None:
    assert _known(usage) == expected
    assert tokens_of(usage).keys() <= SOURCE_COLUMNS.keys()


def test_counts_to_be_added_may_be_digits_but_nothing_else() -> None:
    usage = {"promptTokenCount": "11", "toolUsePromptTokenCount": 90, "candidatesTokenCount": 1}
    assert tokens_of(usage)["prompt_tokens"] == 101
    with pytest.raises(ValueError, match="many"):
        tokens_of(usage | {"promptTokenCount": "many"})

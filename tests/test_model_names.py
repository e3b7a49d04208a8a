"""The names of models in logs, and where a list of prices may have them."""

from __future__ import annotations

import pytest

from logreport.model_names import references

KNOWN = {
    "openai",
    "anthropic",
    "aws",
    "aws.bedrock",
    "azure",
    "google",
    "gcp.vertex_ai",
    "openrouter",
    "x-ai",
    "gemini",
}


def first(model: str, provider: str | None = None) -> tuple[str | None, str] | None:
    return next(references(model, provider, KNOWN.__contains__), None)


@pytest.mark.parametrize(
    ("model", "provider", "expected"),
    [
        ("gpt-4o", None, (None, "gpt-4o")),
        (" gpt-4o ", "OpenAI", ("openai", "gpt-4o")),
        ("grok-4", "x_ai", ("x-ai", "grok-4")),
        ("gpt-4o", "azure.ai.inference", ("azure", "gpt-4o")),
        ("us.anthropic.claude-x-v1:0", "aws.bedrock", ("aws.bedrock", "us.anthropic.claude-x-v1:0")),
        ("us.anthropic.claude-x-v1:0", None, ("aws", "us.anthropic.claude-x-v1:0")),
        ("meta.llama3-1-70b-instruct-v1:0", None, ("aws", "meta.llama3-1-70b-instruct-v1:0")),
        ("arn:aws:bedrock:us-east-1:12:inference-profile/eu.anthropic.claude-x", None, ("aws", "eu.anthropic.claude-x")),
        ("arn:aws-us-gov:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", None, ("aws", "amazon.nova-pro-v1:0")),
        ("projects/p/locations/l/publishers/google/models/gemini-x", None, ("google", "gemini-x")),
        ("publishers/anthropic/models/claude-x@20240620", None, ("google", "claude-x-20240620")),
        ("models/gemini-x", None, ("google", "gemini-x")),
        ("claude-x@20240620", "anthropic", ("anthropic", "claude-x-20240620")),
        ("claude-x@default", "anthropic", ("anthropic", "claude-x")),
        ("azure/gpt-4o", None, ("azure", "gpt-4o")),
        ("azure/eu/gpt-4o", None, ("azure", "eu/gpt-4o")),
        ("openrouter/openai/gpt-4o", None, ("openrouter", "openai/gpt-4o")),
        ("openai/gpt-4o", "openrouter", ("openrouter", "openai/gpt-4o")),
        ("bedrock/us.anthropic.claude-x", "aws", ("aws", "bedrock/us.anthropic.claude-x")),
        ("meta-llama/Llama-3-8B", None, (None, "meta-llama/Llama-3-8B")),
    ],
)  # fmt: skip
def test_the_most_exact_name_comes_first(model: str, provider: str | None, expected: tuple[str | None, str]):
    assert first(model, provider) == expected


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("llama-3", "ollama"),
        ("gpt-4o", "hosted_vllm"),
        ("ollama/mistral", "ollama"),
        ("arn:aws:bedrock:us-east-1:12:application-inference-profile/a1b2c3", "aws.bedrock"),
        ("arn:aws:bedrock:us-east-1:12:provisioned-model/a1b2c3", None),
    ],
)
def test_no_name_for_machines_of_their_own_and_random_ids(model: str, provider: str | None):
    assert first(model, provider) is None


def test_an_unknown_version_falls_back_to_the_model_itself():
    assert list(references("gpt-4o-2031-01-02", "openai", KNOWN.__contains__)) == [
        ("openai", "gpt-4o-2031-01-02"),
        ("openai", "gpt-4o"),
    ]


def test_a_provider_that_is_known_is_believed():
    assert {provider for provider, _ in references("mistral-7b", "openai", KNOWN.__contains__)} == {"openai"}


def test_a_gateway_that_nobody_knows_is_no_reason_to_give_up():
    assert (None, "gpt-4o") in list(references("gpt-4o", "our-gateway", KNOWN.__contains__))


def test_a_route_of_a_route():
    assert ("aws", "us.anthropic.claude-x") in list(
        references("gemini/bedrock/us.anthropic.claude-x", None, KNOWN.__contains__)
    )

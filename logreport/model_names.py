"""How logs name models, and under which names a list of prices may know them.

A model is a name in its maker's API (`gpt-4o-2024-11-20`), an id or ARN of Amazon Bedrock
(`arn:aws:bedrock:…:inference-profile/us.anthropic.claude-…-v1:0`), a path of Google's Vertex AI
(`projects/…/publishers/google/models/gemini-2.5-pro`), or a gateway's route with the provider in front of it
(`azure/gpt-4o`, `openrouter/openai/gpt-4o`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

#: Providers as OpenTelemetry, gateways and libraries spell them, where the list of prices does not know the spelling.
_PROVIDERS: Final = {
    "azure.ai.inference": "azure",
    "az.ai.inference": "azure",
    "azure_ai": "azure",
    "gcp.gen_ai": "google",
    "x_ai": "x-ai",
    "togetherai": "together",
    "fireworks_ai": "fireworks",
    "perplexity_ai": "perplexity",
}

#: Who runs models on machines of their own: what their makers charge for them says nothing here.
SELF_HOSTED: Final = frozenset(
    {
        *("custom", "custom_openai", "hosted_vllm", "huggingface_local", "infinity", "litellm_proxy", "llama.cpp"),
        *("llama_cpp", "llamacpp", "llamafile", "lm_studio", "lmstudio", "local", "localai", "localhost", "ollama"),
        *("ollama_chat", "self-hosted", "self_hosted", "sglang", "tgi", "triton", "vllm", "xinference"),
    }
)

#: A model in Amazon Bedrock, with or without the region that serves it.
_BEDROCK: Final = re.compile(
    r"(?:[a-z]{2,6}(?:-gov)?\.)?(?:ai21|amazon|anthropic|cohere|deepseek|luma|meta|minimax|mistral|moonshot|nvidia|openai"
    r"|qwen|stability|twelvelabs|writer|zai)\.[a-z]"
)
_ARN: Final = re.compile(r"arn:aws[\w-]*:(?:bedrock|sagemaker):.*:(?P<kind>[\w-]+)/(?P<name>.+)")
#: Resources that are named like the model they are; an application's own profile is named by a random id.
_NAMED_IN_ARN: Final = frozenset({"foundation-model", "inference-profile"})
_VERTEX: Final = re.compile(r"(?:projects/.*/)?publishers/(?P<publisher>[^/]+)/models/(?P<name>.+)")
#: A version behind a name, as Vertex AI writes it.
_AT: Final = re.compile(r"(?<=.)@(?P<version>[\w.-]+)$")
_DATE: Final = re.compile(r"[-@](?:20\d\d-?[01]\d-?[0-3]\d|[01]\d[0-3]\d)$")

Reference = tuple[str | None, str]


def references(model: str, provider: str | None, known: Callable[[str], bool]) -> Iterator[Reference]:
    """The names to look a model up under, the most exact first, each with its provider, or None for its maker.

    `known` says whether the list of prices has a provider of this name. A provider that it knows is believed, and no
    other one's price is taken for its own, but for one that stands in front of the model's name.
    """
    name = model.strip()
    found = list(_undated(name, provider, known))
    yield from found
    without = _DATE.sub("", name)
    if without != name:  # a version that is newer than the list
        yield from (one for one in _undated(without, provider, known) if one not in found)


def _undated(name: str, provider: str | None, known: Callable[[str], bool]) -> Iterator[Reference]:
    asked = provider.strip().lower() if provider else None
    told = _PROVIDERS.get(asked, asked) if asked else None
    if asked in SELF_HOSTED:
        return
    home, bare = _home(name)
    if bare is None:
        return
    if told and known(told):
        yield told, bare
        yield from _routes(bare, known)
        if home and home != told:
            yield home, bare
        return
    if home:
        yield home, bare
    yield from _routes(bare, known)
    yield None, bare
    yield "openai", bare  # whose embeddings and fine-tuned models are not known by their names alone


def _home(name: str) -> tuple[str | None, str | None]:
    """Which provider's name this can only be, and the name without what stands around it; no name where it has none."""
    if arn := _ARN.fullmatch(name):
        return "aws", arn["name"].rpartition("/")[2] if arn["kind"] in _NAMED_IN_ARN else None
    if vertex := _VERTEX.fullmatch(name):
        return "google", _AT.sub(_version, vertex["name"])
    if name.startswith("models/"):
        return "google", name.removeprefix("models/")
    if _BEDROCK.match(name):
        return "aws", name
    return None, _AT.sub(_version, name)


def _version(found: re.Match[str]) -> str:
    return "" if found["version"] in {"default", "latest"} else f"-{found['version']}"


def _routes(name: str, known: Callable[[str], bool]) -> Iterator[Reference]:
    """The parts of a route: `azure/eu/gpt-4o` is Azure's `eu/gpt-4o`, or its `gpt-4o`."""
    head, slash, rest = name.partition("/")
    told = _PROVIDERS.get(head.lower(), head.lower())
    if not slash or told in SELF_HOSTED or not known(told):
        return
    while slash:
        home, bare = _home(rest)
        if bare is not None:
            yield home or told, bare
        _, slash, rest = rest.partition("/")

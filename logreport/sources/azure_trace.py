"""The Azure LLM inference traces: a CSV of a time and two counts a request.

Format: AzurePublicDataset's `AzureLLMInferenceDataset2023.md` and `2024`; the multimodal trace of 2025 adds a column.
Times have no zone and count as UTC. There is no model, no latency and no status.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from logreport import Field, Source, hookimpl


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return {"TIMESTAMP", "ContextTokens", "GeneratedTokens"} <= set(records[0])


AZURE_TRACE = Source(
    name="azure-trace",
    title="Azure LLM inference trace",
    recognises=_recognises,
    columns={
        "created": Field("TIMESTAMP"),
        "prompt_tokens": Field("ContextTokens"),
        "completion_tokens": Field("GeneratedTokens"),
    },
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [AZURE_TRACE]

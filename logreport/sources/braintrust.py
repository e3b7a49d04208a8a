"""The project-log export: one record a call, its numbers under `metrics`.

`created` is UTC without a zone, `start` and `end` are Unix seconds, `time_to_first_token` is seconds. Calls that did
not stream carry their whole duration as time to first token; streamed ones have no token counts; older records lack
`type`, `temperature`, `start` and `end`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from logreport import Field, Source, hookimpl

#: What its records hold, and what only its metrics do.
_KEYS = {"created", "model", "type", "temperature", "max_tokens", "stream", "metrics"}
_METRICS = {"start", "end", "tokens", "prompt_tokens", "completion_tokens", "time_to_first_token"}


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any("created" in record and _is_one(record) for record in records)


def _is_one(record: Mapping[str, Any]) -> bool:
    metrics = record.get("metrics")
    if isinstance(metrics, dict):
        return not metrics or not _METRICS.isdisjoint(metrics)
    return set(record) <= _KEYS


BRAINTRUST = Source(
    name="braintrust",
    title="project-log export",
    recognises=_recognises,
    columns={
        "created": Field("created"),
        "model": Field("model"),
        "request_type": Field("type"),
        "temperature": Field("temperature"),
        "max_tokens": Field("max_tokens"),
        "stream": Field("stream"),
        "prompt_tokens": Field("metrics.prompt_tokens"),
        "completion_tokens": Field("metrics.completion_tokens"),
        "tokens": Field("metrics.tokens"),
        "time_to_first_token": Field("metrics.time_to_first_token"),
        "duration": Field("metrics.end", minus="metrics.start"),
    },
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [BRAINTRUST]

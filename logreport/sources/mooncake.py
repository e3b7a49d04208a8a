"""The Mooncake traces: JSON Lines of a time, two counts and the blocks of a prompt a request.

Format: kvcache-ai/Mooncake, `FAST25-release/README.md`; the published traces are `mooncake_trace.jsonl` and those of
`FAST25-release/traces`. `timestamp` is milliseconds since the trace began. There is no model, no latency and no status.
A trace with more fields is another format: Alibaba's Bailian traces share all four, and count seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from logreport import Field, Source, hookimpl

_KEYS = {"timestamp", "input_length", "output_length", "hash_ids"}


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(record.keys() == _KEYS for record in records)


MOONCAKE = Source(
    name="mooncake",
    title="Mooncake trace",
    recognises=_recognises,
    columns={
        "elapsed": Field("timestamp", scale=0.001),
        "prompt_tokens": Field("input_length"),
        "completion_tokens": Field("output_length"),
    },
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [MOONCAKE]

"""The individual responses of an LLMPerf run: an array of one object a request, `*_individual_responses.json`.

Format: ray-project/llmperf, `src/llmperf/common_metrics.py` and `token_benchmark_ray.py`; the runs published in
ray-project/llmperf-leaderboard have the same fields. A request failed where `error_code` is anything but null: an HTTP
status, -1, a provider's word, -100 for an answer that was too short. The message may be empty then. What was not
measured before the failure is 0. There is no time and no model: the latter stands in the file's name only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from logreport import Field, Source, hookimpl

_KEYS = {"ttft_s", "end_to_end_latency_s", "number_input_tokens", "number_output_tokens"}


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(record.keys() >= _KEYS for record in records)


LLMPERF = Source(
    name="llmperf",
    title="LLMPerf individual responses",
    recognises=_recognises,
    columns={
        "prompt_tokens": Field("number_input_tokens"),
        "completion_tokens": Field("number_output_tokens"),
        "time_to_first_token": Field("ttft_s"),
        "duration": Field("end_to_end_latency_s"),
        "error": Field("error_msg", otherwise=("error_code",)),
    },
    tells_errors=True,
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [LLMPERF]

"""The result of a vLLM serving benchmark: one object a run, with a list for each thing known of its requests.

Format: vllm-project/vllm, `vllm/benchmarks/serve.py` (`vllm bench serve --save-result --save-detailed`, before that
`benchmarks/benchmark_serving.py`); with `--append-result` one run a line. Lists are in seconds, the summary beside them
is in milliseconds. `date` is when the run ended, on a clock without a zone, and `start_times` are of a clock that began
anywhere: requests have no time but that since the first of their run. What was not measured is 0: the time to the first
token where nothing was streamed, everything where nothing came back, which is a failure even if the server gave no
reason. `backend` is the kind of interface, not who provides the model.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from logreport import Outcome, Rejected, Skipped, Source, hookimpl

_SUMMARY = {"duration", "completed", "total_input_tokens", "request_throughput"}
_LISTS = ("input_lens", "output_lens", "ttfts", "itls", "latencies", "start_times", "errors")
_OPERATIONS = {
    "openai": "text_completion",
    "openai-chat": "chat",
    "openai-comp": "text_completion",
    "openai-embeddings": "embeddings",
    "openai-embeddings-chat": "embeddings",
    "openai-embeddings-clip": "embeddings",
    "openai-embeddings-vlm2vec": "embeddings",
    "vllm": "text_completion",
}

_ONLY_A_SUMMARY = Skipped("a run without its requests: have the benchmark write them with --save-detailed")


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(record.keys() >= _SUMMARY for record in records)


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    for record in records:
        yield from _calls(record)


def _calls(record: Mapping[str, Any]) -> Iterator[Outcome]:
    """The requests of a run."""
    lists = {name: found for name in _LISTS if isinstance(found := record.get(name), list)}
    prompts = lists.get("input_lens")
    if prompts is None:
        yield _ONLY_A_SUMMARY
        return
    for name, found in lists.items():
        if len(found) != len(prompts):
            reason = f"has {len(found):,} values where `input_lens` has {len(prompts):,}"
            yield Rejected(field=name, reason=reason)
            return
    interface = record.get("endpoint_type") or record.get("backend")
    of_run = {"model": record.get("model_id")}
    if isinstance(interface, str) and interface in _OPERATIONS:
        of_run["request_type"] = _OPERATIONS[interface]
    unknown = repeat(None)
    timed = "latencies" in lists
    requests = zip(
        prompts,
        lists.get("output_lens", unknown),
        lists.get("ttfts", unknown),
        lists["latencies"] if timed else map(_took, lists.get("ttfts", unknown), lists.get("itls", unknown)),
        _since_first(lists.get("start_times", [])) or unknown,
        lists.get("errors", unknown),
        strict=False,
    )
    for prompt, output, first_token, took, elapsed, error in requests:
        call = {
            **of_run,
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "time_to_first_token": first_token or None,
            "duration": took or None,
            "elapsed": elapsed,
        }
        if error is not None:
            call["status"] = "error" if error or not (output or first_token or took) else "ok"
            call["error"] = _what_failed(error)
            if error and not timed:
                del call["duration"]  # its tokens ended before it did
        yield call


def _took(first_token: Any, gaps: Any) -> float | None:
    """How long a request took whose tokens came at these times, as far as they are numbers."""
    if isinstance(first_token, int | float) and isinstance(gaps, list):
        try:
            return sum(gaps, first_token)
        except TypeError:
            return None
    return None


def _since_first(starts: Sequence[Any]) -> list[float | None]:
    """Seconds since the first request; a request of which that is not known has 0."""
    first = min((start for start in starts if _is_time(start)), default=0.0)
    return [start - first if _is_time(start) else None for start in starts]


def _is_time(start: Any) -> bool:
    return isinstance(start, int | float) and start > 0


def _what_failed(error: Any) -> Any:
    """The last line of a Python traceback says it."""
    if isinstance(error, str) and error.startswith("Traceback"):
        return error.rstrip().rpartition("\n")[2]
    return error


VLLM = Source(name="vllm", title="vLLM serving benchmark", recognises=_recognises, read=_read)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [VLLM]

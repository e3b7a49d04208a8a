"""The BurstGPT traces: a CSV of a time, a model and three counts a request.

Format: HPMLL/BurstGPT, `README.md`. `Timestamp` is seconds since midnight of the first day. `Elapsed time` is how long
the whole response took, not its first token; it and `Session ID` are missing in older copies, and only conversations
have a session. `Log Type` is the way in which users called the model, the only kind of request that the log knows.
A failure has no response tokens.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from logreport import Field, Source, hookimpl

_KEYS = {"Timestamp", "Model", "Request tokens", "Response tokens"}


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(record.keys() >= _KEYS for record in records)


BURSTGPT = Source(
    name="burstgpt",
    title="BurstGPT trace",
    recognises=_recognises,
    columns={
        "elapsed": Field("Timestamp"),
        "model": Field("Model"),
        "request_type": Field("Log Type"),
        "prompt_tokens": Field("Request tokens"),
        "completion_tokens": Field("Response tokens"),
        "duration": Field("Elapsed time"),
        "session_id": Field("Session ID"),
    },
    silence_fails=True,
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [BURSTGPT]

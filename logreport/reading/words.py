"""Words by which logs say how a call went, and that something is not known."""

from __future__ import annotations

from typing import Final

#: A status in lower case that means the call succeeded.
SUCCEEDED: Final = frozenset(
    {
        "complete",
        "completed",
        "done",
        "finished",
        "ok",
        "pass",
        "passed",
        "status_code_ok",
        "succeeded",
        "success",
        "successful",
    }
)
#: A status in lower case that means it failed.
FAILED: Final = frozenset(
    {
        "aborted",
        "canceled",
        "cancelled",
        "err",
        "error",
        "errored",
        "exception",
        "expired",
        "fail",
        "failed",
        "failure",
        "rate_limited",
        "rejected",
        "status_code_error",
        "throttled",
        "timed_out",
        "timeout",
    }
)
#: What a cell of a CSV, or a text where a number belongs, holds when nothing is known.
NOTHING: Final = frozenset({"N/A", "NA", "NULL", "NaN", "None", "nan", "null"})
#: What stands as a reason where nothing failed.
NO_REASON: Final = NOTHING | {"0", "False", "OK", "false", "none", "ok", "success"}
#: Where an object that describes an error says what went wrong, best first.
REASONS: Final = ("message", "type", "code", "name")
#: How many characters of a reason are kept.
MOST_OF_A_REASON: Final = 300

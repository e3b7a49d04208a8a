"""`logreport`, and `python -m logreport`."""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

from logreport.cli import main
from logreport.errors import ExitCode


def run() -> NoReturn:
    """Run the command line and end the process at once.

    Everything is written and closed by then; taking Python apart with its libraries would last a quarter of a second.
    """
    code = _code()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = ExitCode.FAILED
    os._exit(code)


def _code() -> int:
    try:
        main(prog_name="logreport")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except Exception:  # noqa: BLE001 - a fault of ours, which Python would end with 1: that a gate failed
        traceback.print_exc()
        return ExitCode.FAILED
    return ExitCode.OK


if __name__ == "__main__":
    run()

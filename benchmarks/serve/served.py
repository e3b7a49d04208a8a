"""`logreport serve` as a process of its own, and the processes that look at it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench import Bench
from timing import Broken

_HERE = Path(__file__).parent

#: Seconds in which it must be there.
_PATIENCE = 30

#: What would have anything connect elsewhere than the benchmark says.
_FOREIGN = ("SOURCE_DATE_EPOCH", "PGOPTIONS", "PGDATABASE")


class Served:
    """A dashboard of this database on a free port, until the end of the block. `peak` is then its size in MiB."""

    peak = 0.0

    def __init__(self, bench: Bench, database: str) -> None:
        self._command = bench.ours("serve", "--port", "0", "--database", database)
        self._log = bench.folder / "serve.log"
        self.url = ""

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(self._command, env=_environment(), stderr=log)
        until = time.monotonic() + _PATIENCE
        while not self.url:
            time.sleep(0.05)
            found = re.search(r"http://[\w.:]+", self._log.read_text())
            if found is not None:
                self.url = found[0]
            elif self._process.poll() is not None or time.monotonic() > until:
                self._process.kill()
                raise Broken(f"{' '.join(self._command)}\n{self._log.read_text()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        _, status, used = os.wait4(self._process.pid, 0)  # Popen.wait tells nothing of memory
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self.peak = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        if isinstance(error, Broken) and self.said:
            error.add_note(self.said)

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far; NaN where the system has no /proc to tell it."""
        try:
            told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def said(self) -> str:
        """What it wrote beside its first line: it has nothing to say unless something went wrong."""
        return self._log.read_text().partition("\n")[2].strip()


def told(script: str, *words: str, given: Any) -> Any:
    """What a script beside this file answers in JSON to what it is given in JSON."""
    command = (sys.executable, str(_HERE / script), *words)
    done = subprocess.run(
        command, input=json.dumps(given), env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Broken(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def watched(url: str, viewers: Sequence[Sequence[tuple[str, float]]], seconds: float | None = None) -> Any:
    """What viewers see who ask for these windows; for so many seconds, or until they have seen all of them."""
    return told("viewers.py", given={"url": url, "viewers": viewers, "seconds": seconds})


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in _FOREIGN and not k.startswith("LOGREPORT_")}

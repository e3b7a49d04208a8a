"""What the rows share: the folder, the logs and databases in it (each made when first asked for), and the program."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import access_lines
import calls
import timing

if TYPE_CHECKING:
    from postgres import Server

HERE = Path(__file__).parent


class Skipped(Exception):
    """The row's yardstick is not on this machine."""


class Bench:
    def __init__(self, folder: Path, count: int, closing: ExitStack) -> None:
        self.folder = folder
        self.count = count
        self._closing = closing

    # -- programs -----------------------------------------------------------------------------------------------------

    @cached_property
    def program(self) -> tuple[str, ...]:
        """The command as a user starts it, from the environment this benchmark runs in."""
        script = Path(sys.executable).with_name("logreport")
        if script.exists():
            return (str(script),)
        return (sys.executable, "-m", "logreport")

    def ours(self, *words: str | Path) -> tuple[str, ...]:
        return (*self.program, *map(str, words))

    def script(self, name: str, *words: str | Path) -> tuple[str, ...]:
        return (sys.executable, str(HERE / name), *map(str, words))

    def tool(self, name: str) -> str:
        found = shutil.which(name)
        if found is None:
            raise Skipped(f"{name} is not installed")
        return found

    def untimed(self, command: tuple[str, ...]) -> None:
        timing.run(command)

    # -- logs ---------------------------------------------------------------------------------------------------------

    @cached_property
    def lines(self) -> Path:
        return self._calls("calls.jsonl", self.count, "lines")

    @cached_property
    def array(self) -> Path:
        return self._calls("calls.json", self.count, "array")

    @cached_property
    def envelope(self) -> Path:
        return self._calls("envelope.json", self.count, "envelope")

    @cached_property
    def tenth(self) -> Path:
        return self._calls("tenth.json", self.count // 10, "array")

    @cached_property
    def large(self) -> Path:
        return self._calls("large.jsonl", 10 * self.count, "lines")

    @cached_property
    def access(self) -> Path:
        path = self.folder / "access.log"
        access_lines.write(path, self.count)
        return path

    def _calls(self, name: str, count: int, shape: str) -> Path:
        path = self.folder / name
        calls.write(path, count, shape)
        return path

    # -- databases ----------------------------------------------------------------------------------------------------

    @cached_property
    def database(self) -> str:
        """The URL of a DuckDB file with the calls in it."""
        return self._loaded("loaded.duckdb", self.lines)

    @cached_property
    def large_database(self) -> str:
        return self._loaded("large.duckdb", self.large)

    @cached_property
    def csv(self) -> Path:
        path = self.folder / "calls.csv"
        self.untimed(self.script("ready_csv.py", self.database.removeprefix("duckdb:///"), path))
        return path

    @cached_property
    def server(self) -> Server:
        from postgres import Server

        return self._closing.enter_context(Server(self.folder / "postgresql"))

    @cached_property
    def tables(self) -> str:
        """The name of a database with logreport's tables and nothing in them, to copy."""
        one = self._calls("one.jsonl", 1, "lines")
        self.server.create("tables")
        self.untimed(self.ours("ingest", one, "--database", self.server.url("tables")))
        self.server.empty("tables")
        return "tables"

    def _loaded(self, name: str, log: Path) -> str:
        url = f"duckdb:///{self.folder / name}"
        self.untimed(self.ours("ingest", log, "--database", url))
        return url

    def without(self, *names: str) -> Callable[[], None]:
        """A function that removes these files of the folder, and what DuckDB may have left beside them."""

        def remove() -> None:
            for name in names:
                for path in self.folder.glob(f"{name}*"):
                    path.unlink()

        return remove

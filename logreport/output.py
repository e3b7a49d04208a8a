"""Whole files or none: an output is written beside its target and then takes its place."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from logreport.errors import CannotWrite


def write_text(path: str, text: str) -> None:
    """Write UTF-8 text to a file, or to standard output where the path is `-`.

    Raises:
        CannotWrite: the file cannot be written; what stood there before is untouched.
    """
    data = text.encode("utf-8", errors="replace")  # a lone surrogate has no UTF-8
    if path == "-":
        _print(data)
        return
    target = Path(os.path.realpath(path))  # the file a link points to is replaced, not the link
    try:
        if target.is_dir() or path.endswith(os.sep):
            raise IsADirectoryError(0, "it is a folder")
        _replace(target, data)
    except OSError as problem:
        raise CannotWrite(f"cannot write {path}: {problem.strerror}", _hint(target, problem)) from problem


def _print(data: bytes) -> None:
    try:
        sys.stdout.flush()  # what was printed before stays before
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise  # the reader has seen enough: no failure to explain, the command line ends quietly
    except OSError as problem:
        raise CannotWrite(f"cannot write to standard output: {problem.strerror}", "is the disk full?") from problem


def _replace(target: Path, data: bytes) -> None:
    if target.exists() and not target.is_file():  # /dev/stdout, a named pipe: nothing to take the place of
        target.write_bytes(data)
        return
    # Not named after the target: the longest name allowed has no room for more.
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".logreport-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(_mode(target))
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _mode(target: Path) -> int:
    """The permissions a plain `open` would have given."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _hint(target: Path, problem: OSError) -> str:
    if isinstance(problem, IsADirectoryError):
        return f"name a file in it: {target.name}/report.html"
    if isinstance(problem, FileNotFoundError):
        return f"`mkdir -p {target.parent}` makes the folder"
    if isinstance(problem, NotADirectoryError):
        return f"{target.parent} is not a folder"
    return "is the disk full, or the folder not yours?"

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
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    target = Path(os.path.realpath(path))  # the file a link points to is replaced, not the link
    try:
        _replace(target, data)
    except OSError as problem:
        raise CannotWrite(f"cannot write {path}: {problem.strerror}", _hint(target)) from problem


def _replace(target: Path, data: bytes) -> None:
    if target.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    if target.exists() and not target.is_file():  # /dev/stdout, a named pipe: nothing to take the place of
        target.write_bytes(data)
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
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


def _hint(target: Path) -> str:
    if target.is_dir():
        return f"name a file in it: {target.name}/report.html"
    if not target.parent.is_dir():
        return f"`mkdir -p {target.parent}` makes the folder"
    return "is the disk full, or the folder not yours?"

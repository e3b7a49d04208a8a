"""Which files a command names, and their text: found, hashed, decompressed."""

from __future__ import annotations

import codecs
import glob
import hashlib
import itertools
import os
import shutil
import sys
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO, Final

from logreport.errors import BadInput, Doubt
from logreport.reading.foreign import foreign

#: Inside a folder only these are logs, plain or compressed.
SUFFIXES: Final = tuple(
    kind + packed for kind in (".json", ".jsonl", ".ndjson", ".csv", ".tsv") for packed in ("", ".gz", ".zst")
)
WINDOW: Final = 1 << 20
BOM: Final = b"\xef\xbb\xbf"
_PACKED_WINDOW: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
#: How much of a text tells what it is.
_HEAD: Final = 512
#: A line or a record longer than this is not read: memory has an end.
LONGEST: Final = 128 << 20


@dataclass(frozen=True)
class Log:
    """One file to read. `name` is what the user calls it, `bytes` its size on disk.

    It was `found` where the user named a folder or a pattern, and not the file itself.
    """

    name: str
    path: Path
    bytes: int
    found: bool = False


def find_logs(names: Sequence[str], folder: Path) -> list[Log]:
    """All logs the names stand for: files, glob patterns, folders, "-" for standard input (spooled into `folder`).

    Raises:
        BadInput: a name stands for nothing, or a file cannot be read.
    """
    logs: dict[tuple[int, int], Log] = {}
    for name in names:
        for log in [_spooled("-", sys.stdin.buffer, folder)] if name == "-" else _named(name, folder):
            status = log.path.stat()
            before = logs.setdefault((status.st_dev, status.st_ino), log)
            if before.found and not log.found:
                logs[status.st_dev, status.st_ino] = log
    return list(logs.values())


def sha256(log: Log) -> str:
    """The hash of the file's bytes, in hexadecimal."""
    try:
        with log.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise _unreadable(log.name, problem) from problem


def _named(name: str, folder: Path) -> list[Log]:
    path = Path(name)
    if path.is_dir():
        return _inside(path, folder)
    if os.path.lexists(path):
        return [_log(path, folder)]
    if not glob.has_magic(name):
        raise BadInput(f"{name}: no such file", "name a file, a folder, a pattern like 'logs/*.jsonl', or - for stdin")
    matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - absolute patterns too
    logs = [log for match in matches if not Path(match).is_dir() for log in [_log(Path(match), folder, found=True)]]
    if not logs:
        raise BadInput(f"{name}: no file matches", "check the pattern; quote it if the shell changes it")
    return logs


def _inside(directory: Path, folder: Path) -> list[Log]:
    try:
        found = sorted(
            path
            for path in directory.rglob("*")
            if path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".") and path.is_file()
        )
    except OSError as problem:
        raise _unreadable(str(directory), problem) from problem
    if not found:
        raise BadInput(f"{directory}: no logs in this folder", f"looked for {', '.join(SUFFIXES)} in it and below")
    return [_log(path, folder, found=True) for path in found]


def _log(path: Path, folder: Path, *, found: bool = False) -> Log:
    try:
        with path.open("rb") as file:
            if not path.is_file():  # a pipe can be read only once
                return _spooled(_utf8(path), file, folder)
            return Log(_utf8(path), _linked(path, folder), os.fstat(file.fileno()).st_size, found)
    except OSError as problem:
        raise _unreadable(_utf8(path), problem) from problem


def _utf8(path: Path) -> str:
    """The name as text that a database and a page can hold: a file may be called by any bytes."""
    return str(path).encode("utf-8", "replace").decode()


def _linked(path: Path, folder: Path) -> Path:
    """Where to read the file: a reader that takes only text gets one of a plain name."""
    whole = path.absolute()
    if _utf8(whole) == str(whole):
        return whole
    link = folder / f"linked-{uuid.uuid4().hex}"
    link.symlink_to(whole)
    return link


def _spooled(name: str, source: BinaryIO, folder: Path) -> Log:
    path = folder / f"spooled-{uuid.uuid4().hex}"
    with path.open("wb") as target:
        shutil.copyfileobj(source, target, WINDOW)
    return Log(name, path, path.stat().st_size)


def _unreadable(name: str, problem: OSError) -> BadInput:
    return BadInput(f"{name}: cannot be read: {problem.strerror or problem}", "check its permissions")


class LogText:
    """The text of a log in windows of bytes: decompressed, as UTF-8, without a byte order mark.

    `encoding` says what else than plain UTF-8 it is (of compressed text only after the first window); after the last
    one `damage` says what is wrong with the compressed data, "" when nothing is. Once `enough` is set, it raises Doubt.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.damage = ""
        self.enough = Event()
        with log.path.open("rb") as file:
            magic = file.read(4)
        self.compression = "gzip" if magic[:2] == _GZIP else "zstd" if magic == _ZSTD else ""
        self.encoding = "" if self.compression else _encoding(magic)

    @property
    def marked(self) -> int:
        """How many bytes of the text were left out at its beginning."""
        return len(BOM) if self.encoding == "utf-8-sig" else 0

    def __iter__(self) -> Iterator[bytes]:
        windows = self._wanted()
        head = b""
        for window in windows:
            head += window
            if len(head) >= _HEAD:
                break
        self.encoding = _encoding(head)
        if (found := foreign(head, text=bool(self.encoding))) is not None:
            what, hint = found
            raise BadInput(f"{self.log.name}: is {what}", hint)
        if self.encoding.startswith(("utf-16", "utf-32")):
            yield from self._recoded(head, windows)
            return
        head = head[self.marked :]
        if head:
            yield head
        yield from windows

    def _recoded(self, head: bytes, windows: Iterator[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        for window in itertools.chain([head], windows):
            if text := decoder.decode(window):
                yield text.lstrip("\ufeff").encode()
        if text := decoder.decode(b"", True):
            yield text.encode()

    def _wanted(self) -> Iterator[bytes]:
        for window in self._windows():
            if self.enough.is_set():
                raise Doubt("nobody wants the rest")
            yield window

    def _windows(self) -> Iterator[bytes]:
        with self.log.path.open("rb", buffering=0) as file:
            if self.compression == "gzip":
                yield from self._gzip(file)
            elif self.compression == "zstd":
                yield from self._zstd(file)
            else:
                while window := file.read(WINDOW):
                    yield window

    def _gzip(self, file: Any) -> Iterator[bytes]:
        member = zlib.decompressobj(31)
        while packed := file.read(_PACKED_WINDOW):
            while packed:
                if member.eof:
                    packed = packed.lstrip(b"\0")  # padding, as tar and tapes leave it
                    if not packed:
                        break
                    member = zlib.decompressobj(31)
                before = member.copy()
                try:
                    window = member.decompress(packed, 4 * WINDOW)
                except zlib.error:
                    yield _until_damage(before, packed)
                    self.damage = "the gzip data is damaged from here on"
                    return
                if window:
                    yield window
                packed = member.unused_data if member.eof else member.unconsumed_tail
        if not member.eof:
            self.damage = "the gzip data ends too early"

    def _zstd(self, file: Any) -> Iterator[bytes]:
        zstd = _zstd_module()
        frame = zstd.ZstdDecompressor()
        while packed := file.read(_PACKED_WINDOW):
            while packed or not frame.needs_input:
                if frame.eof:
                    packed = frame.unused_data + packed if packed is not frame.unused_data else packed
                    frame = zstd.ZstdDecompressor()
                try:
                    window = frame.decompress(packed, 4 * WINDOW)
                except zstd.ZstdError:
                    self.damage = "the zstd data is damaged from here on"
                    return
                if window:
                    yield window
                packed = frame.unused_data if frame.eof else b""
                if frame.eof and not packed:
                    break
        if not frame.eof:
            self.damage = "the zstd data ends too early"


class Overlong(bytes):
    """What stands for a line that is too long to be read: its beginning, and how long it is."""

    length: int


def whole_lines(text: LogText) -> Iterator[bytes]:
    """The text in blocks that end where lines do, with LF, CR LF or CR; a damaged one ends with its last whole line."""
    held: list[bytes] = []
    size = dropped = 0
    for window in text:
        cut = window.rfind(b"\n") + 1 or window.rfind(b"\r", 0, -1) + 1
        if not cut:
            size += len(window)
            if size <= LONGEST:
                held.append(window)
            continue
        if size > LONGEST:
            ends = min(at for at in (window.find(b"\n"), window.find(b"\r")) if at >= 0) + 1
            yield _overlong(held, size + ends)
            dropped, held = ends, []
        if dropped < cut:
            yield b"".join((*held, window[dropped:cut]))
        held, size, dropped = [window[cut:]], len(window) - cut, 0
    if text.damage:
        return
    if size > LONGEST:
        yield _overlong(held, size)
    elif rest := b"".join(held):
        yield rest


def _overlong(begin: list[bytes], length: int) -> Overlong:
    line = Overlong(b"".join(begin[:2])[:WINDOW])
    line.length = length
    return line


def _encoding(head: bytes) -> str:
    """What the text is written in, where that is not plain UTF-8: told by its mark, or by every second byte."""
    if head.startswith(BOM):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(head) >= 4 and head[0:4:2].count(0) + head[1:4:2].count(0) == 2 and head[0] != head[1]:
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    return ""


def _until_damage(member: Any, packed: bytes) -> bytes:
    """What can still be had of a window whose data is damaged somewhere."""
    saved = bytearray()
    try:
        for at in range(len(packed)):
            saved += member.decompress(packed[at : at + 1])
    except zlib.error:
        pass
    return bytes(saved)


def _zstd_module() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd

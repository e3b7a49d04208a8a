"""The plotly.js that a page carries: the small bundle that was fetched at build time, or all of what plotly brings."""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Where bundles are looked for: in the installed package, then in the build folder of a checkout.
FOLDERS: Final = (
    Path(__file__).parent / "javascript",
    Path(__file__).parent.parent / "build" / "plotlyjs",
)

_FULL: Final = "the page carries all of plotly.js (2 MB, not 0.5 MB)"


@dataclass(frozen=True, kw_only=True)
class Library:
    """A plotly.js, ready to stand in a page.

    The script text is to run exactly as it inflates: one changed sign, and the browser refuses it by its hash.
    """

    #: The gzip of the script text (UTF-8), in base64.
    packed: str
    #: The SHA-256 of the script text, in base64: what a Content-Security-Policy wants behind `sha256-`.
    sha256: str
    version: str
    #: Scatter, bar and pie only; otherwise every kind of chart that the Python package can draw.
    basic: bool
    #: One sentence for who made the page, where it is larger than it need be: why, and what to do. Empty otherwise.
    notice: str


@functools.cache
def library() -> Library:
    """The basic bundle, if there is one of the major version that the installed plotly draws for; else the full one."""
    return _library(FOLDERS)


def _library(folders: tuple[Path, ...]) -> Library:
    from plotly.offline import get_plotlyjs_version

    wanted: str = get_plotlyjs_version()
    bundle = _bundle(folders)
    if bundle is None:
        return _full(wanted, "this installation was built without npm; install npm, then logreport once more")
    version = bundle.name.removeprefix("plotly-basic-").removesuffix(".min.js.gz")
    if _major(version) != _major(wanted):
        return _full(wanted, f"plotly draws for version {wanted}, this logreport has {version}; upgrade logreport")
    packed = bundle.read_bytes()
    return _made(packed, gzip.decompress(packed), version=version, basic=True, notice="")


def _bundle(folders: tuple[Path, ...]) -> Path | None:
    return next((path for folder in folders for path in sorted(folder.glob("plotly-basic-*.min.js.gz"))), None)


def _major(version: str) -> str:
    return version.partition(".")[0]


def _full(version: str, why: str) -> Library:
    from plotly.offline import get_plotlyjs

    script = get_plotlyjs().encode()
    # Without the time of day in it: the same report is the same bytes.
    packed = gzip.compress(script, compresslevel=6, mtime=0)
    return _made(packed, script, version=version, basic=False, notice=f"{_FULL}: {why}")


def _made(packed: bytes, script: bytes, *, version: str, basic: bool, notice: str) -> Library:
    return Library(
        packed=base64.b64encode(packed).decode(),
        sha256=base64.b64encode(hashlib.sha256(script).digest()).decode(),
        version=version,
        basic=basic,
        notice=notice,
    )

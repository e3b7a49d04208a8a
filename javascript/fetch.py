"""Make build/plotlyjs/: the basic bundle of plotly.js, packed as pages carry it, beside its licence.

`python javascript/fetch.py` prints the files and ends with 1 where there is no npm, or npm fails. Installing and
building logreport runs it (hatch_build.py), and so does make, for npm may have come after the installation. Where the
files are there already, as in a source archive, nothing is run and nothing fetched.
"""

# ruff: noqa: INP001 - a script in no package, of the standard library alone: it runs before anything is installed

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
BUILT: Final = HERE.parent / "build" / "plotlyjs"
PACKAGE: Final = "plotly.js-basic-dist-min"

#: A comment before the bundle, which is otherwise as it came: Chromium then compiles it once and not twice, an eighth
#: of the time to the first chart that answers (https://v8.dev/blog/explicit-compile-hints).
HINT: Final = b"//# allFunctionsCalledOnLoad\n"

#: Seconds, after which a network that only swallows packets counts as none.
PATIENCE: Final = 120


class NotFetched(Exception):
    """Why there is no bundle, in one line."""


def main() -> int:
    try:
        sys.stdout.write("".join(f"{path}\n" for path in fetched()))
    except (NotFetched, OSError) as why:
        sys.stderr.write(f"logreport: {why}; going on without it: pages will carry all of plotly.js\n")
        return 1
    return 0


def fetched() -> tuple[Path, Path]:
    """The bundle and its licence, fetched unless they are there."""
    version = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"][PACKAGE]
    bundle, licence = BUILT / f"plotly-basic-{version}.min.js.gz", BUILT / "LICENSE"
    if not (bundle.is_file() and licence.is_file()):
        with tempfile.TemporaryDirectory(prefix="logreport-") as folder:
            package = installed(Path(folder))
            write(licence, (package / "LICENSE").read_bytes())
            write(bundle, packed(HINT + (package / "plotly-basic.min.js").read_bytes(), Path(folder)))
    for other in set(BUILT.glob("plotly-basic-*")) - {bundle}:
        other.unlink(missing_ok=True)
    return bundle, licence


def installed(folder: Path) -> Path:
    """The npm package, installed in `folder`: in the checkout, two builds at once would remove each other's."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotFetched("plotly.js's basic bundle is fetched by npm, which is not installed")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    # The lock file holds the hash that npm compares. One retry: for a hitch, not for a machine without network.
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    words += ["--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    try:
        subprocess.run([npm, *words], cwd=folder, capture_output=True, text=True, check=True, timeout=PATIENCE)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired:
        raise NotFetched(f"npm did not fetch plotly.js's basic bundle within {PATIENCE} seconds") from None
    except subprocess.CalledProcessError as failed:
        said = "; ".join(failed.stderr.splitlines()[:2]) or f"exit code {failed.returncode}"
        raise NotFetched(f"npm could not fetch plotly.js's basic bundle ({said})") from None
    return folder / "node_modules" / PACKAGE


def packed(content: bytes, folder: Path) -> bytes:
    """The gzip of `content` by Zopfli, 4 % smaller than zlib's; by zlib where node does not run it."""
    (folder / "bundle.js").write_bytes(content)
    shutil.copy(HERE / "pack.cjs", folder)
    words = [shutil.which("node") or "node", "pack.cjs", "bundle.js", "bundle.js.gz"]
    try:
        subprocess.run(words, cwd=folder, capture_output=True, check=True, timeout=PATIENCE)  # noqa: S603 - our own words
        found = (folder / "bundle.js.gz").read_bytes()
    except (OSError, subprocess.SubprocessError):
        return packed_by_zlib(content)
    return found if gzip.decompress(found) == content else packed_by_zlib(content)


def packed_by_zlib(content: bytes) -> bytes:
    """The gzip of `content` without time and name: the same bytes, whenever and wherever it is made."""
    into = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=into, mtime=0) as file:
        file.write(content)
    return into.getvalue()


def write(target: Path, content: bytes) -> None:
    """Write beside, then rename: whoever looks sees all of the file or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())

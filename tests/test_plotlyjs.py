"""The JavaScript library of a page: which one it is, that its hash is right, and what happens where npm is not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version

from logreport import plotlyjs
from logreport.plotlyjs import Library, library

NPM = "plotly.js-basic-dist-min"

#: As a script is in the bundle's place: signs beyond ASCII and foreign line ends must come through as they are.
SCRIPT = "\r\nvar Plotly = 'é </script>';\n"


@pytest.fixture
def fetch(checkout: Path) -> ModuleType:
    spec = spec_from_file_location("fetch", checkout / "javascript" / "fetch.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(checkout: Path, tmp_path: Path) -> Path:
    """A checkout of its own, as far as javascript/fetch.py looks."""
    shutil.copytree(checkout / "javascript", tmp_path / "tree" / "javascript")
    return tmp_path / "tree"


def _fetched(tree: Path, *, path: Path) -> subprocess.CompletedProcess[str]:
    """What `python javascript/fetch.py` says where `path` is the only place with programs."""
    command = [sys.executable, str(tree / "javascript" / "fetch.py")]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": str(path)})


def _bundle(folder: Path, version: str, script: str = SCRIPT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"plotly-basic-{version}.min.js.gz"
    path.write_bytes(gzip.compress(script.encode(), mtime=0))
    return path


def _script(found: Library) -> str:
    return gzip.decompress(base64.b64decode(found.packed)).decode()


def _holds_its_hash(found: Library) -> bool:
    return found.sha256 == base64.b64encode(hashlib.sha256(_script(found).encode()).digest()).decode()


def test_npm_and_pip_bring_the_same_plotly_js(checkout: Path):
    named = json.loads((checkout / "javascript" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((checkout / "javascript" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    ours = {named[NPM], locked[""]["dependencies"][NPM], locked[f"node_modules/{NPM}"]["version"]}
    assert ours == {get_plotlyjs_version()}, (
        "the plotly of the test extra in pyproject.toml and javascript/package.json go together: write plotly.js "
        f"{get_plotlyjs_version()} into package.json, then, in javascript/: "
        "npm install --package-lock-only --omit-lockfile-registry-resolved"
    )


def test_the_lock_file_holds_a_hash_and_no_address(checkout: Path):
    text = (checkout / "javascript" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert '"integrity": "sha512-' in text


def test_the_library_of_this_installation_holds_its_hash():
    found = library()
    assert _holds_its_hash(found)
    assert found.version.split(".")[0] == get_plotlyjs_version().split(".")[0]
    assert f"v{found.version}" in _script(found)[:200]
    assert found.basic == (found.notice == "")


def test_a_bundle_comes_through_unaltered(tmp_path: Path):
    version = f"{get_plotlyjs_version().split('.')[0]}.0.9"
    _bundle(tmp_path, version)

    found = plotlyjs._library((tmp_path,))

    assert _script(found) == SCRIPT
    assert _holds_its_hash(found)
    assert (found.version, found.basic, found.notice) == (version, True, "")


def test_the_installed_bundle_goes_before_that_of_a_build_folder(tmp_path: Path):
    _bundle(tmp_path / "installed", get_plotlyjs_version(), "installed")
    _bundle(tmp_path / "built", get_plotlyjs_version(), "built")

    assert _script(plotlyjs._library((tmp_path / "installed", tmp_path / "built"))) == "installed"
    assert _script(plotlyjs._library((tmp_path / "neither", tmp_path / "built"))) == "built"


def test_without_a_bundle_the_page_carries_what_plotly_brings(tmp_path: Path):
    found = plotlyjs._library((tmp_path,))

    assert _script(found) == get_plotlyjs()
    assert _holds_its_hash(found)
    assert (found.version, found.basic) == (get_plotlyjs_version(), False)
    assert found.notice == (
        "the page carries all of plotly.js (2 MB, not 0.5 MB): this installation was built without npm; "
        "install npm, then logreport once more"
    )
    assert plotlyjs._library((tmp_path,)) == found


def test_a_bundle_of_another_major_version_is_not_used(tmp_path: Path):
    _bundle(tmp_path, "3.99.0")

    found = plotlyjs._library((tmp_path,))

    assert _script(found) == get_plotlyjs()
    assert found.notice == (
        f"the page carries all of plotly.js (2 MB, not 0.5 MB): plotly draws for version {get_plotlyjs_version()}, "
        "this logreport has 3.99.0; upgrade logreport"
    )


def test_without_the_better_packer_the_one_of_python_does(fetch: ModuleType, tmp_path: Path):
    # There is no node_modules in this folder.
    assert fetch.packed(SCRIPT.encode(), tmp_path) == fetch.packed_by_zlib(SCRIPT.encode())


@pytest.mark.skipif(not library().basic, reason="the small bundle of plotly.js is not here")
def test_the_bundle_is_packed_better_than_python_packs_it(fetch: ModuleType):
    if shutil.which("node") is None:
        pytest.skip("no node here")
    assert len(base64.b64decode(library().packed)) < 0.97 * len(fetch.packed_by_zlib(_script(library()).encode()))


def test_what_is_packed_twice_is_the_same_bytes(fetch: ModuleType):
    packed = fetch.packed_by_zlib(SCRIPT.encode())
    assert packed == fetch.packed_by_zlib(SCRIPT.encode())
    # By RFC 1952: deflate, no flag and so no name, no time, best compression, an unknown system.
    assert packed[:10] == bytes.fromhex("1f8b 08 00 00000000 02 ff")
    assert gzip.decompress(packed) == SCRIPT.encode()


def test_what_is_there_is_not_fetched_again(tree: Path, tmp_path: Path):
    built = tree / "build" / "plotlyjs"
    bundle = _bundle(built, get_plotlyjs_version())
    _bundle(built, "3.99.0")
    (built / "LICENSE").write_text("MIT", encoding="utf-8")

    done = _fetched(tree, path=tmp_path / "no-programs")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [str(bundle), str(built / "LICENSE")]
    assert {path.name for path in built.iterdir()} == {bundle.name, "LICENSE"}  # the other version is gone


def test_without_npm_one_line_says_so(tree: Path, tmp_path: Path):
    done = _fetched(tree, path=tmp_path / "no-programs")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "logreport: plotly.js's basic bundle is fetched by npm, which is not installed; "
        "going on without it: pages will carry all of plotly.js\n"
    )
    assert not (tree / "build").exists()


@pytest.mark.skipif(os.name == "nt", reason="the npm that fails is a shell script")
def test_an_npm_that_fails_leaves_nothing_behind(tree: Path, tmp_path: Path):
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\n: > half-written\necho 'npm error code ENOTFOUND' >&2\nexit 1\n", encoding="utf-8")
    npm.chmod(0o755)

    done = _fetched(tree, path=npm.parent)

    assert done.returncode == 1
    assert "npm could not fetch plotly.js's basic bundle (npm error code ENOTFOUND)" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert {path.name for path in tree.rglob("*") if path.is_file()} == {
        "fetch.py",
        "pack.cjs",
        "package.json",
        "package-lock.json",
    }


def test_a_file_that_cannot_be_written_leaves_nothing_behind(fetch: ModuleType, tmp_path: Path):
    target = tmp_path / "LICENSE"
    target.mkdir()  # no file can be renamed to it

    with pytest.raises(IsADirectoryError):
        fetch.write(target, b"MIT")

    assert list(tmp_path.iterdir()) == [target]

"""The package as a stranger gets it: a wheel, installed away from the checkout, used there."""

from __future__ import annotations

import base64
import gzip
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version

BUNDLE = f"plotly-basic-{get_plotlyjs_version()}.min.js.gz"

wants_npm = pytest.mark.skipif(
    shutil.which("npm") is None and os.environ.get("CI") != "true", reason="no npm here (CI must have one)"
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with nothing built: building makes files, and tests run side by side."""
    folder = tmp_path_factory.mktemp("tree") / "checkout"
    unwanted = (".venv", ".git", "build", "dist", "node_modules", ".*_cache", ".hypothesis", "__pycache__", "*.duckdb*")
    shutil.copytree(Path(__file__).parent.parent, folder, ignore=shutil.ignore_patterns(*unwanted))
    return folder


@pytest.fixture(scope="module")
def built_without_npm(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A wheel that was built where no program can be found, and what was said."""
    folder = tmp_path_factory.mktemp("without-npm")
    copy = shutil.copytree(tree, folder / "checkout", ignore=shutil.ignore_patterns("build"))
    command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, copy)
    done = _run(*command, cwd=folder, PATH=str(folder))
    return next(folder.glob("*.whl")), done.stderr


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, tree, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def elsewhere(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that holds the wheel and knows nothing of the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    _run(sys.executable, "-m", "venv", "--without-pip", folder)
    bin_ = folder / ("Scripts" if os.name == "nt" else "bin")
    install = ("-m", "pip", "--quiet", "--python", bin_ / "python", "install", "--no-deps", "--no-index")
    _run(sys.executable, *install, next(built.glob("*.whl")))
    # What logreport needs is borrowed from the environment of the tests: not even pip can install it in a second. Paths
    # named in a .pth file do not have their own .pth files read, so the checkout's editable install stays unseen.
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return bin_


def _run(*command: object, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**_environment(), **variables}
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def test_the_installed_package_makes_a_report(elsewhere: Path, sample: Path, tmp_path: Path):
    _run(elsewhere / "logreport", "report", sample, "-o", "out.html", cwd=tmp_path)
    assert "gpt-4o-2024-11-20" in (tmp_path / "out.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


def test_the_installed_package_is_the_one_that_runs(elsewhere: Path, tmp_path: Path):
    found = _run(elsewhere / "python", "-c", "import logreport; print(logreport.__file__)", cwd=tmp_path).stdout
    assert Path(found.strip()).is_relative_to(elsewhere.parent)


def test_the_wheel_carries_the_templates_and_nothing_of_the_house(built: Path, checkout: Path):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    templates = {f"logreport/templates/{path.name}" for path in (checkout / "templates").iterdir()}
    assert templates
    assert templates <= names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"logreport"}


def test_the_source_archive_has_all_that_the_tests_need(built: Path, checkout: Path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "Makefile",
        "hatch_build.py",
        "javascript/fetch.py",
        "javascript/package.json",
        "javascript/package-lock.json",
        "examples/llm-logs.json",
        "tests/conftest.py",
    } <= names
    assert {f"templates/{path.name}" for path in (checkout / "templates").iterdir()} <= names


@wants_npm
def test_the_wheel_carries_plotly_js_and_its_licence(built: Path):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        packed = wheel.read(f"logreport/javascript/{BUNDLE}")
        licence = wheel.read("logreport/javascript/LICENSE").decode()
    banner = gzip.decompress(packed)[:300].decode()
    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}\n" in banner
    assert "Licensed under the MIT license" in banner
    assert "Plotly" in licence
    assert "Permission is hereby granted, free of charge" in licence


@wants_npm
def test_the_installed_package_takes_the_plotly_js_of_its_wheel(built: Path, elsewhere: Path, tmp_path: Path):
    found = _run(elsewhere / "python", "-c", _LIBRARY, cwd=tmp_path).stdout.splitlines()
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        packed = wheel.read(f"logreport/javascript/{BUNDLE}")
    assert found == ["True", "", base64.b64encode(packed).decode()]


@wants_npm
def test_a_wheel_of_the_source_archive_needs_no_npm(built: Path, tmp_path: Path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # from Python 3.11.4 on
        archive.extractall(tmp_path)
    source = next(tmp_path.iterdir())
    found = _run(sys.executable, source / "javascript" / "fetch.py", PATH=str(tmp_path)).stdout.splitlines()
    assert found == [str(source / "build" / "plotlyjs" / name) for name in (BUNDLE, "LICENSE")]


def test_a_wheel_built_without_npm_has_no_plotly_js_and_says_so(built_without_npm: tuple[Path, str]):
    wheel, said = built_without_npm
    assert said.count("logreport: plotly.js's basic bundle is fetched by npm, which is not installed; ") == 1
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if "javascript" in name] == []


def test_a_wheel_built_without_npm_falls_back_on_what_plotly_brings(
    built_without_npm: tuple[Path, str], sample: Path, tmp_path: Path
):
    with zipfile.ZipFile(built_without_npm[0]) as archive:
        archive.extractall(tmp_path)
    done = _run(sys.executable, "-c", _LIBRARY, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    basic, notice, _ = done.stdout.splitlines()
    assert basic == "False"
    assert "this installation was built without npm; install npm" in notice
    told = _run(
        sys.executable, "-m", "logreport", "report", sample, "-o", "out.html", cwd=tmp_path, PYTHONPATH=str(tmp_path)
    )
    assert notice in told.stderr.splitlines()


#: Prints what a page of this installation would carry.
_LIBRARY = "from logreport.plotlyjs import library as l; print(l().basic, l().notice, l().packed, sep='\\n')"


def test_every_dependency_has_a_lower_bound(checkout: Path):
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dated = {"tzdata"}  # its versions are dates of the data, and any will do
    assert [need for need in project["dependencies"] if ">=" not in need and need not in dated] == []

"""The package as a stranger gets it: a wheel, installed away from the checkout, used there."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive, and the wheel that was built from it."""
    checkout = Path(__file__).parent.parent
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, checkout, cwd=folder)
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


def _run(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, env=_environment())
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
        "examples/llm-logs.json",
        "tests/conftest.py",
    } <= names
    assert {f"templates/{path.name}" for path in (checkout / "templates").iterdir()} <= names


def test_every_dependency_has_a_lower_bound(checkout: Path):
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dated = {"tzdata"}  # its versions are dates of the data, and any will do
    assert [need for need in project["dependencies"] if ">=" not in need and need not in dated] == []

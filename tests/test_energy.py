"""The example plugin, really installed, is found, listed, drawn, and keeps its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
EXAMPLE = CHECKOUT / "examples" / "logreport-energy"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the example is installed, beside the logreport of this checkout."""
    site = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    run([sys.executable, "-m", "pip", "install", *options, "--target", str(site), str(EXAMPLE)], dict(os.environ))
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(site), str(CHECKOUT)])}


def run(command: list[str], environment: dict[str, str], folder: Path | None = None) -> str:
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_listed_as_installed(environment: dict[str, str], tmp_path: Path) -> None:
    listed = run([sys.executable, "-m", "logreport", "plugins"], environment, tmp_path)

    (line,) = [line for line in listed.splitlines() if "energy" in line]
    assert "logreport-energy:energy" in line
    assert "0.1.0" in line
    assert "energy_by_model" in line
    assert "failed" not in line


def test_its_card_is_on_the_page(environment: dict[str, str], sample: Path, tmp_path: Path) -> None:
    run([sys.executable, "-m", "logreport", "report", str(sample), "-o", "page.html"], environment, tmp_path)

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Estimated energy by model" in page
    assert "0.5 Wh for 1,000 tokens" in page


def test_its_own_tests_pass(environment: dict[str, str], tmp_path: Path) -> None:
    options = ["-q", "-c", os.devnull, f"--rootdir={tmp_path}", "-p", "no:cacheprovider", "--import-mode=importlib"]
    run([sys.executable, "-m", "pytest", *options, str(EXAMPLE / "tests")], environment, tmp_path)


def test_it_imports_nothing_of_logreport_but_what_is_public() -> None:
    module = (EXAMPLE / "logreport_energy.py").read_text(encoding="utf-8")

    assert [line for line in module.splitlines() if "logreport" in line and "import" in line] == [
        "from logreport import Call, Metric, Window, figures, hookimpl, sql"
    ]

"""What a project says once for all its reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from logreport.errors import BadInput
from logreport.settings import setting


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_the_nearest_file_that_sets_a_key_counts(tmp_path: Path):
    above = write(tmp_path, "pyproject.toml", '[tool.logreport]\nmetrics = ["a"]\nwithout = ["b"]\n')
    near = write(tmp_path / "in", "logreport.toml", '[tool.logreport]\nmetrics = ["c"]\n')
    metrics, without = setting(tmp_path / "in", "metrics"), setting(tmp_path / "in", "without")
    assert metrics is not None
    assert without is not None
    assert (metrics.names("metrics"), metrics.file) == (["c"], near)
    assert (without.names("without"), without.file) == (["b"], above)
    assert setting(tmp_path / "in", "prices") is None


def test_a_path_is_seen_from_the_folder_of_its_file(tmp_path: Path):
    write(tmp_path, "logreport.toml", '[tool.logreport]\nprices = "prices.toml"\n')
    found = setting(tmp_path, "prices")
    assert found is not None
    assert found.path("prices") == str(tmp_path / "prices.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.logreport]\nmetric = ["a"]\n', "there is no setting 'metric'"),
        ("[tool.logreport", "is not TOML"),
        ('metrics = ["a"]\n', r"'metrics' stands outside of \[tool.logreport\]"),
    ],
)
def test_what_is_no_setting_is_named_with_its_file(text: str, message: str, tmp_path: Path):
    file = write(tmp_path, "logreport.toml", text)
    with pytest.raises(BadInput, match=message) as caught:
        setting(tmp_path, "metrics")
    assert str(file) in caught.value.message


@pytest.mark.parametrize("value", ['"a"', "[1]", "3"])
def test_names_are_a_list_of_names(value: str, tmp_path: Path):
    write(tmp_path, "logreport.toml", f"[tool.logreport]\nmetrics = {value}\n")
    found = setting(tmp_path, "metrics")
    assert found is not None
    with pytest.raises(BadInput, match="metrics is not a list of names"):
        found.names("metrics")


def test_a_file_of_another_tool_may_be_broken(tmp_path: Path):
    write(tmp_path, "pyproject.toml", "[tool.")
    assert setting(tmp_path, "metrics") is None

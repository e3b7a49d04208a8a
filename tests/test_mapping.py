"""Columns as people map them, on the command line and in a file of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from logreport import Field
from logreport.errors import BadInput
from logreport.mapping import habits, mapping


@pytest.mark.parametrize(
    ("said", "column", "field"),
    [
        ("model=meta.model", "model", Field(("meta", "model"))),
        ("prompt_tokens=usage.in", "prompt_tokens", Field(("usage", "in"))),
        ("duration=elapsed_ms:ms", "duration", Field(("elapsed_ms",), scale=1e-3)),
        ("duration=a.b:min", "duration", Field(("a", "b"), scale=60.0)),
        ("cost=price:cents", "cost", Field(("price",), scale=0.01)),
        ("created=ts:ms", "created", Field(("ts",), scale=1e-3)),
        (r"model=gen_ai\.model", "model", Field(("gen_ai.model",))),
        ("model=model|response.model", "model", Field(("model",), otherwise=(("response", "model"),))),
        ("model=Model Name", "model", Field(("Model Name",))),
        ("created=Date+Time of day", "created", Field(("Date",), clock=("Time of day",))),
        ("model=a+b", "model", Field(("a+b",))),
    ],
)
def test_what_is_said_is_a_field(said: str, column: str, field: Field) -> None:
    assert mapping([said]) == {column: field}


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("model", "not a mapping"),
        ("model=", "not a mapping"),
        ("speed=x", "has no 'speed'"),
        ("duration=x:weeks", "unknown unit 'weeks'"),
        ("model=x:ms", "unknown unit 'ms'"),
    ],
)
def test_what_makes_no_sense_is_told(said: str, part: str) -> None:
    with pytest.raises(BadInput) as problem:
        mapping([said])
    assert part in problem.value.message
    assert problem.value.hint


@pytest.mark.parametrize("name", ["pyproject.toml", "logreport.toml"])
def test_a_table_in_a_file_of_the_project_is_found_from_below(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('[tool.logreport.map]\nprompt_tokens = "usage.in"\nduration = "elapsed:ms"\n')
    below = tmp_path / "logs"
    below.mkdir()
    expected = {"prompt_tokens": Field(("usage", "in")), "duration": Field(("elapsed",), scale=1e-3)}
    assert habits(below) == expected


def test_a_file_without_the_table_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "logreport.toml").write_text('[tool.logreport.map]\nmodel = "m"\n')
    below = tmp_path / "project"
    below.mkdir()
    (below / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert habits(below) == {"model": Field(("m",))}


def test_a_broken_file_of_ours_is_told_and_one_of_others_is_not(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[[[")
    assert habits(tmp_path) == {}
    (tmp_path / "logreport.toml").write_text("[[[")
    with pytest.raises(BadInput, match=r"logreport\.toml: is not TOML"):
        habits(tmp_path)


def test_a_table_that_maps_to_no_path_is_told(tmp_path: Path) -> None:
    (tmp_path / "logreport.toml").write_text("[tool.logreport.map]\nmodel = 3\n")
    with pytest.raises(BadInput, match="model is not mapped to a path"):
        habits(tmp_path)

"""Which metrics a report has and what its calls cost, as users say it: by options, and once for a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CALL = {"created_at": "2026-11-01T10:00:00Z", "model": "ours", "prompt_tokens": 1000, "completion_tokens": 100}
PRICES = '[[price]]\nmodel = "ours"\ninput = 2\noutput = 10\n'


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("calls.jsonl").write_text(json.dumps(CALL) + "\n")


def numbers(run, *words: str) -> dict[str, Any]:
    done = run("report", "calls.jsonl", "--json", "numbers.json", *words)
    assert done.exit_code == 0, done.stderr
    return json.loads(Path("numbers.json").read_text())


def names(run, *words: str) -> list[str]:
    return list(numbers(run, *words)["metrics"])


def test_without_leaves_metrics_out(run):
    whole, some = names(run), names(run, "--without", "temperature", "--without", "errors")
    assert some == [name for name in whole if name not in {"temperature", "errors"}]
    assert names(run, "--metric", "errors", "--metric", "cache", "--without", "cache") == ["errors"]


@pytest.mark.parametrize("option", ["--metric", "--without"])
def test_a_misspelt_metric_is_an_error_with_the_right_one(run, option: str):
    done = run("report", "calls.jsonl", option, "temprature")
    assert done.exit_code == 2
    assert "Error: no metric is called temprature" in done.stderr
    assert "hint: did you mean `temperature`?" in done.stderr


def test_nothing_left_is_an_error(run):
    done = run("report", "calls.jsonl", "--metric", "cache", "--without", "cache")
    assert done.exit_code == 2
    assert "every metric is left out" in done.stderr


def test_a_project_says_it_once(run):
    Path("pyproject.toml").write_text('[tool.logreport]\nmetrics = ["errors", "cost_by_model"]\n')
    assert names(run) == ["errors", "cost_by_model"]
    assert names(run, "--without", "errors") == ["cost_by_model"]
    assert names(run, "--metric", "cache") == ["cache"]


def test_a_project_leaves_metrics_out(run):
    whole = names(run)
    Path("logreport.toml").write_text('[tool.logreport]\nwithout = ["temperature"]\n')
    assert names(run) == [name for name in whole if name != "temperature"]
    assert names(run, "--metric", "temperature") == ["temperature"]


def test_a_setting_that_names_no_metric_is_an_error_with_its_file(run, tmp_path: Path):
    Path("logreport.toml").write_text('[tool.logreport]\nmetrics = ["cots_by_model"]\n')
    done = run("report", "calls.jsonl")
    assert done.exit_code == 2
    assert f"no metric is called cots_by_model ({tmp_path / 'logreport.toml'})" in done.stderr
    assert "did you mean `cost_by_model`?" in done.stderr


def test_prices_of_ones_own(run):
    Path("prices.toml").write_text(PRICES)
    unpriced, priced = numbers(run), numbers(run, "--prices", "prices.toml")
    assert (unpriced["headline"]["cost"], unpriced["headline"]["unpriced_models"]) == (None, ["ours"])
    assert (priced["headline"]["cost"], priced["headline"]["unpriced_models"]) == (0.003, [])
    assert priced["prices"].startswith("prices.toml, then genai-prices")
    page = Path("report.html").read_text()
    assert "$0.003" in page
    assert "Prices: prices.toml, then genai-prices" in page


def test_prices_of_a_project_stand_beside_its_settings(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "prices.toml").write_text(PRICES)
    (tmp_path / "logreport.toml").write_text('[tool.logreport]\nprices = "prices.toml"\n')
    (tmp_path / "in").mkdir()
    (tmp_path / "calls.jsonl").rename(tmp_path / "in" / "calls.jsonl")
    monkeypatch.chdir(tmp_path / "in")
    assert numbers(run)["headline"]["cost"] == 0.003


def test_bad_prices_are_an_error_before_anything_is_read(run):
    Path("prices.toml").write_text('[[price]]\nmodel = "ours"\ninput = "2"\n')
    done = run("report", "nowhere.jsonl", "--prices", "prices.toml")
    assert done.exit_code == 2
    assert "prices.toml: price 1: input is not an amount of dollars" in done.stderr


def test_the_page_says_what_has_no_price(run):
    Path("calls.jsonl").write_text(
        "".join(json.dumps(CALL | {"model": name}) + "\n" for name in ("ours", "gpt-4o", "x"))
    )
    numbers(run, "--without", "temperature")
    page = Path("report.html").read_text()
    assert "for 33.3 % of the tokens; 2 models unpriced; $3.50 per 1,000 calls" in page


def test_a_finding_that_fails_is_told_on_stderr(run, monkeypatch: pytest.MonkeyPatch):
    from logreport import Finding, plugins

    def load(*given: Any) -> plugins.Plugins:
        found = loaded(*given)
        found.findings.append(plugins.Offer(Finding(name="bad", metric="request_types", say=lambda _: 1 / 0), "theirs"))
        return found

    loaded = plugins.load_plugins
    monkeypatch.setattr(plugins, "load_plugins", load)
    Path("calls.jsonl").write_text(json.dumps(CALL | {"request_type": "chat"}) + "\n")
    done = run("report", "calls.jsonl")
    assert done.exit_code == 0
    assert "finding bad (theirs) failed: ZeroDivisionError: division by zero" in done.stderr

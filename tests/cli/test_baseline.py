"""`--baseline`: a report's JSON, a log or a run give the same comparison, whichever command is asked."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logreport.reading.files import _zstd_module

ONE = ("--metric", "tokens_by_model")
RULE = ("--fail-on", "duration.p95 <= baseline * 1.2 and significant")


@pytest.fixture(autouse=True)
def _in_a_folder_with_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    write("before.jsonl", *(call(at) for at in range(40)))
    write("after.jsonl", *(call(at, duration=2.0 + at / 100, model=["ours", "new]"][at % 2]) for at in range(50)))


def call(at: int, **more: object) -> dict[str, object]:
    made = {"created_at": f"2026-11-01T10:{at:02d}:00Z", "model": "ours", "prompt_tokens": 10, "completion_tokens": 5}
    return made | {"duration": 1.0 + at / 100, "status": "ok"} | more


def write(name: str, *records: dict[str, object]) -> None:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def database(run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with both logs as runs, which commands find by themselves."""
    monkeypatch.setenv("LOGREPORT_DATABASE_URL", database_url)
    for name in ("before", "after"):
        assert run("ingest", f"{name}.jsonl", "--run", name).exit_code == 0
    return database_url


@pytest.fixture
def runs(run) -> None:
    """The same in the database that is there without a word."""
    for name in ("before", "after"):
        assert run("ingest", f"{name}.jsonl", "--run", name).exit_code == 0


def comparison(run, *words: str, code: int = 0) -> dict[str, Any]:
    """What a command says of the two, but for how the baseline is called and when it was made."""
    page = () if words[0] == "check" else ("-o", "page.html", "--charts", "svg")
    done = run(*words, *ONE, *page, "--json", "numbers.json")
    assert done.exit_code == code, done.output
    found = json.loads(Path("numbers.json").read_text())["comparison"]
    return {key: value for key, value in found.items() if key not in {"baseline", "made"}}


# ---------------------------------------------------------------- three kinds


def test_all_three_kinds_give_the_same_comparison_by_every_command(run, runs):
    assert run("check", "before.jsonl", *ONE, "--exit-zero", "--json", "main.json").exit_code == 0
    found = []
    for kind in ("main.json", "before.jsonl", "before"):
        found += [
            comparison(run, "report", "after.jsonl", "--baseline", kind),
            comparison(run, "compare", kind, "after.jsonl"),
            comparison(run, "render", "--run", "after", "--baseline", kind),
            comparison(run, "check", "--run", "after", "--baseline", kind, *RULE, code=1),
        ]
    found.append(comparison(run, "check", "after.jsonl", "--baseline", "run:before", *RULE, code=1))
    assert all(one == found[0] for one in found)
    numbers = {number["name"]: number for number in found[0]["numbers"]}
    assert (numbers["duration.p50"]["baseline"], numbers["duration.p50"]["current"]) == pytest.approx((1.195, 2.245))
    assert numbers["duration.p50"]["verdict"] == "worse"
    assert found[0]["warnings"] == []


def test_both_databases_give_the_same_comparison_as_the_logs(run, database: str):
    found = [
        comparison(run, "report", "after.jsonl", "--baseline", "before.jsonl"),
        comparison(run, "report", "after.jsonl", "--baseline", "before"),
        comparison(run, "render", "--run", "after", "--baseline", "before"),
    ]
    assert all(one == found[0] for one in found)


def test_a_filter_holds_for_both_and_a_window_of_time_does_not(run, runs):
    words = ("--model", "ours", "--since", "2026-11-01T10:20")
    found = [
        comparison(run, "check", "after.jsonl", "--exit-zero", "--baseline", "before.jsonl", *words),
        comparison(run, "render", "--run", "after", "--baseline", "before", *words),
    ]
    assert found[0] == found[1]
    assert (found[0]["headline"]["calls"]["current"], found[0]["headline"]["calls"]["baseline"]) == (15, 40)


def test_a_json_with_its_keys_sorted_is_a_report_still(run):
    run("check", "before.jsonl", *ONE, "--exit-zero", "--json", "main.json")
    document = json.loads(Path("main.json").read_text())
    document["headline"]["padding"] = "x" * 10_000
    Path("sorted.json").write_text(json.dumps(document, sort_keys=True))
    found = [
        comparison(run, "check", "after.jsonl", "--exit-zero", "--baseline", kind)
        for kind in ("main.json", "sorted.json")
    ]
    assert found[0] == found[1]


def test_a_log_of_ones_own_is_read_by_the_mapping_of_the_project(run, runs):
    Path("logreport.toml").write_text(
        '[tool.logreport.map]\nprompt_tokens = "q.w"\ncompletion_tokens = "q.e"\nmodel = "m"\ncreated = "at"\n'
    )
    write("odd.jsonl", *({"at": call(at)["created_at"], "m": "ours", "q": {"w": 7, "e": 5}} for at in range(40)))
    found = comparison(run, "render", "--run", "after", "--baseline", "odd.jsonl")
    assert found["headline"]["prompt_tokens"]["baseline"] == 280


def test_a_run_goes_by_its_name_where_a_file_is_called_so(run, runs):
    Path("before").write_text(Path("after.jsonl").read_text())
    as_file = comparison(run, "check", "after.jsonl", "--exit-zero", "--baseline", "before")
    as_run = comparison(run, "check", "after.jsonl", "--exit-zero", "--baseline", "run:before")
    assert (as_file["headline"]["calls"]["baseline"], as_run["headline"]["calls"]["baseline"]) == (50, 40)


@pytest.mark.parametrize("name", ["a]b;模型", "new\nline", "run:it's"])
def test_a_run_may_be_called_anything(run, name: str):
    for run_name, log in ((name, "before.jsonl"), ("after", "after.jsonl")):
        assert run("ingest", log, "--run", run_name).exit_code == 0
    found = comparison(run, "render", "--run", "after", "--baseline", f"run:{name}")
    assert found["headline"]["calls"]["baseline"] == 40


# ---------------------------------------------------------------- warnings


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        (("--baseline", "two.jsonl"), "The baseline has 2 calls and this run 50: they are hardly of one kind."),
        (("--baseline", "other.jsonl"), "No model is in both runs."),
        (
            ("--baseline", "main.json", "--model", "ours"),
            "The baseline shows all models, and this run the models ours only.",
        ),
        (("--baseline", "main.json", "--request-type", "chat"), "The baseline shows all request types, and this run"),
        (("--baseline", "main.json", "--prices", "prices.toml"), "The baseline's costs are by other prices"),
    ],
)
def test_what_makes_two_hard_to_compare_is_said(run, words: tuple[str, ...], warning: str):
    write("two.jsonl", call(0), call(1))
    write("other.jsonl", *(call(at, model="theirs") for at in range(40)))
    write("after.jsonl", *(call(at, request_type="chat") for at in range(50)))
    Path("prices.toml").write_text('[[price]]\nmodel = "ours"\ninput = 2\noutput = 10\n')
    if "main.json" in words:
        run("check", "before.jsonl", *ONE, "--exit-zero", "--json", "main.json")
    done = run("check", "after.jsonl", *ONE, *words, "--exit-zero", "--json", "numbers.json")
    assert done.exit_code == 0, done.output
    assert f"baseline: {warning}" in done.stderr
    assert any(warning in one for one in json.loads(Path("numbers.json").read_text())["comparison"]["warnings"])


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("command", ["render", "check"])
def test_a_run_is_not_compared_with_itself_or_with_all(run, database: str, command: str):
    write("later.jsonl", call(50), call(51))
    assert run("ingest", "later.jsonl", "--run", "before").exit_code == 0  # now the newest, though it came first
    words = (command, *ONE, *(RULE if command == "check" else ()), "--baseline")
    for more, newest in ((("after",), "before"), (("after", "--run", "after"), "before"), (("before",), "after")):
        done = run(*words, *more)
        assert done.exit_code == 2
        assert f"which run is to be compared with {more[0]}?" in done.stderr
        assert f"hint: `--run {newest}` is the newest other one" in done.stderr


def test_the_newest_run_is_that_to_which_calls_were_added_last(run, runs):
    write("third.jsonl", call(50), call(51))
    write("later.jsonl", call(52), call(53))
    for log, name in (("third.jsonl", "third"), ("later.jsonl", "before")):
        assert run("ingest", log, "--run", name).exit_code == 0
    assert "hint: `--run before` is the newest other one" in run("render", *ONE, "--baseline", "after").stderr
    assert "hint: there are the runs after, third, before" in run("render", *ONE, "--baseline", "x").stderr


def test_the_only_run_has_nothing_to_be_compared_with(run):
    run("ingest", "before.jsonl", "--run", "before")
    done = run("render", *ONE, "--baseline", "before")
    assert (done.exit_code, "before is the only run there is" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the baseline b is no file, and there is no database that may have such a run"),
        ("", "the baseline b has no call"),
        ("what", "the baseline b has no call"),
        ('{"schema_version": 1, "headline": {}, "metrics": {}}', "it is a report of schema version 1, and this logreport reads 2"),
        ('{"schema_version": 2, "headline": {}, "metrics": {}}', "it is a report that cannot be read"),
        ('{"headline": {}, "metrics": {}, "schema_version": 99}', "it is a report of schema version 99"),
    ],
)  # fmt: skip
def test_what_is_no_baseline_exits_with_2(run, content: str | None, message: str):
    if content is not None:
        Path("b").write_text(content)
    for words in (
        ("compare", "b", "after.jsonl"),
        ("check", "after.jsonl", "--baseline", "b", *RULE),
    ):
        done = run(*words, *ONE)
        assert done.exit_code == 2
        assert message in done.stderr
    assert not Path("logreport.duckdb").exists()


def test_a_baseline_without_calls_of_what_is_looked_at_exits_with_2(run):
    done = run("report", "after.jsonl", *ONE, "--baseline", "before.jsonl", "--model", "new]")
    assert done.exit_code == 2
    assert "the baseline before.jsonl has no call in this window" in done.stderr


def test_a_run_that_there_is_not_exits_with_2(run, runs):
    done = run("render", *ONE, "--run", "after", "--baseline", "bfore")
    assert done.exit_code == 2
    assert "the baseline bfore is neither a file nor a run in" in done.stderr
    assert "hint: there are the runs before, after" in done.stderr


def test_what_is_compared_is_a_log(run):
    run("check", "before.jsonl", *ONE, "--exit-zero", "--json", "main.json")
    for words in (
        ("compare", "before.jsonl", "main.json"),
        ("report", "main.json"),
        ("compare", "before.jsonl", "none"),
    ):
        assert run(*words, *ONE).exit_code == 2
        assert not Path("logreport.duckdb").exists()
    said = run("compare", "before.jsonl", "main.json", *ONE).stderr
    assert "Error: main.json: it is a report that logreport wrote, and no log\nhint: `--baseline main.json`" in said


def test_a_report_is_never_counted_as_calls(run):
    Path("logs").mkdir()
    Path("before.jsonl").rename("logs/before.jsonl")
    calls = []
    files = ("--json", "logs/main.json", "--history", "logs/h.jsonl")
    for _ in range(2):
        done = run("check", "logs", "--exit-zero", "--metric", "slowest_and_dearest", *files)
        assert done.exit_code == 0, done.output
        calls.append(json.loads(Path("logs/main.json").read_text())["calls"])
    assert calls == [40, 40]
    assert "logs/main.json: passed over, it is a report that logreport wrote, and no log\n" in done.stderr
    assert "logs/h.jsonl: passed over, it is a history that logreport keeps, and no log\n" in done.stderr
    assert done.stderr.count("passed over") == 2

    found = comparison(run, "compare", "logs", "after.jsonl")
    assert found["headline"]["calls"]["baseline"] == 40

    packed = Path("main.json.gz")
    packed.write_bytes(gzip.compress(Path("logs/main.json").read_bytes()))
    for name in ("logs/main.json", "logs/h.jsonl", packed):
        for words in (("inspect", name), ("check", "logs", name, "--exit-zero", *ONE)):
            done = run(*words)
            assert (done.exit_code, "that logreport" in done.output) == (2, True), done.output
    done = run("ingest", "-", input=Path("logs/main.json").read_bytes())
    assert (done.exit_code, "-: it is a report that logreport wrote" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, _zstd_module().compress, lambda data: data.decode().encode("utf-16")],
    ids=["gzip", "zstd", "UTF-16"],
)
def test_a_report_may_be_packed(run, pack: Callable[[bytes], bytes]):
    run("check", "before.jsonl", *ONE, "--exit-zero", "--json", "main.json")
    Path("packed").write_bytes(pack(Path("main.json").read_bytes()))
    Path("before.jsonl").unlink()
    found = [
        comparison(run, "check", "after.jsonl", "--exit-zero", "--baseline", name) for name in ("main.json", "packed")
    ]
    assert found[0] == found[1]
    assert found[0]["headline"]["calls"]["baseline"] == 40


def test_a_report_that_is_cut_off_is_said_to_be_one(run):
    run("check", "before.jsonl", *ONE, "--exit-zero", "--json", "main.json")
    Path("cut.json").write_bytes(Path("main.json").read_bytes()[:-500])
    done = run("check", "after.jsonl", "--exit-zero", "--baseline", "cut.json")
    assert (done.exit_code, "cut.json: it is a report that cannot be read" in done.stderr) == (2, True)


def test_a_log_of_one_call_with_a_version_and_metrics_is_a_log(run):
    write("one.json", call(0) | {"schema_version": 2, "metrics": {"tokens": 15}})
    found = comparison(run, "check", "after.jsonl", "--exit-zero", "--baseline", "one.json")
    assert found["headline"]["calls"]["baseline"] == 1


def test_a_baseline_may_be_written_over_by_the_report_that_reads_it(run):
    run("check", "before.jsonl", *ONE, "--exit-zero", "--json", "main.json")
    done = run("check", "after.jsonl", *ONE, "--exit-zero", "--baseline", "main.json", "--json", "main.json")
    assert done.exit_code == 0
    assert json.loads(Path("main.json").read_text())["comparison"]["headline"]["calls"]["baseline"] == 40

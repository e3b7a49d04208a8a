"""`logreport check`: what is printed and written, and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from logreport.cli import ci

PASSES, FAILS = ("--fail-on", "errors.rate < 50%"), ("--fail-on", "errors.rate < 1%")

#: What nothing is known of.
UNKNOWN = ("--fail-on", "time_to_first_token.p95 < 2s")

SERVERS = ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "CI_JOB_URL")


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in SERVERS:
        monkeypatch.delenv(name, raising=False)
    write("calls.jsonl", *(call(at, status="error" if at == 0 else "ok") for at in range(10)))


def call(at: int, **more: object) -> dict[str, object]:
    made = {"created_at": f"2026-11-01T10:00:{at:02d}Z", "model": "ours", "prompt_tokens": 10, "completion_tokens": 5}
    return made | {"duration_seconds": 1.0 + at} | more


def write(name: str, *records: dict[str, object]) -> None:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def check(run):
    """`check` of the log with the one metric that is asked fastest."""
    return lambda *words, log="calls.jsonl": run("check", log, "--metric", "tokens_by_model", *words)


# ---------------------------------------------------------------- how it exits


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (PASSES, 0, "passed  errors.rate 10.0 % < 50.0 %\n1 of 1 gate passed\n"),
        (FAILS, 1, "failed  errors.rate 10.0 % > 1.0 %\n    rule: errors.rate < 1%\n0 of 1 gate passed, 1 failed\n"),
        ((*FAILS, "--exit-zero"), 0, "failed  errors.rate 10.0 % > 1.0 %\n"),
        (("--fail-on", "errors.rate < 1%; level=warn"), 0, "warning  errors.rate 10.0 % > 1.0 %\n"),
        (UNKNOWN, 1, "inconclusive  time_to_first_token.p95: no call tells\n"),
        (
            (*UNKNOWN, "--allow-inconclusive"),
            0,
            "inconclusive  time_to_first_token.p95: no call tells\n0 of 1 gate passed, 1 inconclusive, as allowed\n",
        ),
        (("--fail-on", "cost.total <= 5 USD"), 1, "inconclusive  cost.total: none of 135 tokens has a price\n"),
        ((*PASSES, *FAILS), 1, "1 of 2 gates passed, 1 failed\n"),
        (("--exit-zero",), 0, ""),
    ],
)
def test_gates_are_told_and_decide(check, words: tuple[str, ...], code: int, said: str):
    done = check(*words)
    assert (done.exit_code, said in done.stdout) == (code, True), done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "there is no rule to check by"),
        (("--fail-on", "errors.rate"), "not a rule: errors.rate"),
        (("--fail-on", "errros.rate < 1%"), "did you mean `errors`?"),
        (("--fail-on", "errors.rate < 2s"), "errors.rate is in share"),
        (("--fail-on", "tokens_by_model.tokns < 2"), "the rows of tokens_by_model have model, tokens"),
        (("--fail-on", "cache.hit_share < 2"), "no number is called cache.hit_share"),  # not among the metrics asked
        ((*PASSES, "--baseline", "main.json"), "the baseline main.json is no file"),
        ((*PASSES, "--baseline", ""), "the baseline '' is neither a file nor a run"),
        ((*PASSES, "--baseline", "x" * 300), "is no file"),
        ((*PASSES, "--json", "a", "--html", "./a"), "--html and --json both name a"),
        ((*PASSES, "--json", "a", "--history", "a"), "--json and --history both name a"),
        ((*PASSES, "--rejected", "-", "--json", "-"), "both name -"),
        ((*PASSES, "--history", "-"), "`--history` grows a file"),
        ((*PASSES, "--fail-no", "x"), "No such option"),
        ((*PASSES, "--run"), "requires an argument"),
    ],
)
def test_what_cannot_be_checked_exits_with_2(check, words: tuple[str, ...], message: str):
    done = check(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize("log", ["nowhere.jsonl", "."])
def test_a_log_that_there_is_not_exits_with_2(check, log: str):
    Path("calls.jsonl").unlink()
    assert check(*PASSES, log=log).exit_code == 2


def test_a_log_that_cannot_be_read_exits_with_2_whatever_is_allowed(check):
    Path("bad.jsonl").write_text("what\n")
    done = check(*PASSES, "--allow-inconclusive", "--exit-zero", "--json", "numbers.json", log="bad.jsonl")
    assert done.exit_code == 2
    assert json.loads(Path("numbers.json").read_text())["gates"][0]["status"] == "inconclusive"
    assert check("--list", log="bad.jsonl").exit_code == 2


def test_the_json_of_a_report_is_not_judged_as_a_log_of_one_call(check):
    assert check(*PASSES, "--json", "main.json").exit_code == 0
    done = check(*PASSES, log="main.json")
    assert done.exit_code == 2
    assert "main.json: it is a report that logreport wrote, and no log" in done.stderr


# ---------------------------------------------------------------- what is in the database


def test_a_run_in_the_database_is_judged(run, database_url: str):
    assert run("ingest", "calls.jsonl", "--run", "nightly", "--database", database_url).exit_code == 0
    check = ("check", "--database", database_url, "--metric", "tokens_by_model")
    assert run(*check, "--run", "nightly", *PASSES).exit_code == 0
    assert run(*check, *FAILS).exit_code == 1
    done = run(*check, "--run", "nihgtly", "--fail-on", "calls.count < 5; min_calls=0")
    assert done.exit_code == 2
    assert "there is no run nihgtly" in done.stderr
    assert "hint: there are the runs nightly" in done.stderr


def test_without_files_and_database_nothing_is_judged(run):
    done = run("check", *PASSES)
    assert done.exit_code == 2
    assert "there is no database logreport.duckdb" in done.stderr
    assert not Path("logreport.duckdb").exists()


@pytest.mark.parametrize(
    "words",
    [("--strict",), ("--rejected", "x"), ("--source", "litellm"), ("--map", "model=m"), ("--input-timezone", "CET")],
)
def test_what_is_about_files_is_an_error_without_them(run, words: tuple[str, ...]):
    done = run("check", *PASSES, *words)
    assert done.exit_code == 2
    assert f"{words[0]} is about reading files, and none is named" in done.stderr


# ---------------------------------------------------------------- the project's rules


def test_rules_of_the_project_and_typed_ones_hold(check):
    Path("pyproject.toml").write_text('[tool.logreport.check]\nrules = ["errors.rate < 1%; level=warn"]\n')
    done = check(*PASSES)
    assert done.exit_code == 0
    assert "1 of 2 gates passed; 1 warning" in done.stdout
    assert check().exit_code == 0


def test_a_typed_baseline_goes_before_that_of_the_project(check):
    Path("logreport.toml").write_text(
        '[tool.logreport.check]\nbaseline = "main.json"\nrules = ["duration.max <= baseline"]\n'
    )
    assert check().exit_code == 2
    assert check("--baseline", "").exit_code == 2
    write("half.jsonl", *(call(at, duration_seconds=0.5) for at in range(10)))
    assert "(baseline 500 ms)" in check("--baseline", "half.jsonl").stdout


@pytest.mark.parametrize("rules", ['rules = ["errors.raet < 2%"]', 'rules = ["errors"]', 'baseline = "nowhere.json"'])
def test_names_are_listed_where_the_rules_are_still_wrong(check, rules: str):
    """The error of a misspelt name says that `--list` has the right one."""
    Path("logreport.toml").write_text(f"[tool.logreport.check]\n{rules}\n")
    assert check().exit_code == 2
    done = check("--list")
    assert (done.exit_code, "errors.rate " in done.stdout) == (0, True)


# ---------------------------------------------------------------- names

HOSTILE = [
    "a]b",
    "a;b",
    "a=b",
    "a<b",
    "a>=3]b",
    "a[b;c",
    "[model=y]",
    " sp ",
    "",
    "模型",
    "new\nline",
    "tab\tx",
    "*",
    "\x1b[2J",
]


def test_every_listed_name_is_a_rule_with_that_value(run):
    """Each name as it is printed, on one line, whatever the log calls its models."""
    write("calls.jsonl", *(call(at, model=model) for at, model in enumerate([*HOSTILE, None])))
    which = ("--metric", "tokens_by_model", "--metric", "errors")
    listed = run("check", "calls.jsonl", "--list", *which).stdout.splitlines()
    assert all(line.isprintable() for line in listed)
    values = dict(line.rsplit("  ", 1)[0].rstrip().rsplit("  ", 1) for line in listed if "calls.count" in line)
    values |= dict(line.rsplit("  ", 1) for line in listed if line.startswith("tokens_by_model"))
    names = {name.rstrip(): value.strip() for name, value in values.items()}
    assert len(names) == 1 + 2 * len(HOSTILE) + 1
    rules = [f"--fail-on={name} <= {value}; min_calls=0" for name, value in names.items() if "[model=*]" not in name]
    done = run("check", "calls.jsonl", *which, *rules)
    assert done.exit_code == 0, done.output
    assert f"{len(rules)} of {len(rules)} gates passed" in done.stdout


def test_each_model_has_its_line(check):
    write("calls.jsonl", *(call(at, model=model) for at, model in enumerate(["a]b", "new\nline"])))
    done = check("--fail-on", "duration.max[model=*] < 1.5s")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "passed  duration.max[model=a]b] 1 s < 1.5 s",
        "failed  duration.max[model=new line] 2 s > 1.5 s",
        "    rule: duration.max[model=*] < 1.5s",
        "1 of 2 gates passed, 1 failed",
    ]


# ---------------------------------------------------------------- what is written


@pytest.mark.parametrize("option", ["--json", "--junit", "--annotations", "--rejected"])
def test_stdout_is_data_where_an_output_goes_there(check, option: str):
    done = check(option, "-", *FAILS)
    assert done.exit_code == 1
    assert "0 of 1 gate passed" in done.stderr
    for told in ("0 of 1 gate passed, 1 failed\n    ", "    rule:", "::error"):
        assert told not in done.stdout
    assert bool(done.stdout) is (option != "--rejected")


FILES = ("--html", "--json", "--markdown", "--openmetrics", "--junit", "--comment", "--annotations", "--history")


@pytest.mark.parametrize("broken", ["--html", "--json", "--history"])
def test_the_others_are_written_where_one_cannot_be(check, broken: str):
    words = [word for option in FILES for word in (option, "no/file" if option == broken else f"out{option}")]
    done = check(*words, *FAILS)
    assert done.exit_code == 2
    assert "Error: cannot write no/file: No such file or directory" in done.stderr
    assert {str(file) for file in Path().glob("out--*")} == {f"out{option}" for option in FILES if option != broken}
    assert "0 of 1 gate passed, 1 failed" in done.stdout
    assert ("out--html: 10 calls" in done.stderr, "no/file: 10 calls" in done.stderr) == (broken != "--html", False)


def test_all_that_cannot_be_written_is_said(check):
    done = check("--json", "no/a", "--markdown", "no/b", *PASSES)
    assert done.exit_code == 2
    assert all(f"cannot write no/{name}" in done.stderr for name in "ab")


def test_a_history_grows_by_a_line_a_run(check):
    for run, rule in (("one", PASSES), ("two", FAILS)):
        check("--history", "history.jsonl", "--run", run, *rule)
    lines = [json.loads(line) for line in Path("history.jsonl").read_text().splitlines()]
    assert [(line["run"], line["numbers"]["errors.rate"]) for line in lines] == [("one", 0.1), ("two", 0.1)]


def test_a_broken_history_is_an_error_before_anything_is_read(check):
    Path("history.jsonl").write_text("what\n")
    done = check("--history", "history.jsonl", *PASSES, log="nowhere.jsonl")
    assert done.exit_code == 2
    assert "history.jsonl, line 1" in done.stderr


def test_a_reader_that_went_away_keeps_no_file_from_being_written():
    words = ["calls.jsonl", "--metric", "tokens_by_model", "--html", "-", "--json", "numbers.json", *FAILS]
    reader, writer = os.pipe()
    os.close(reader)
    program = subprocess.run(
        [sys.executable, "-m", "logreport", "check", *words],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert program.returncode == 2
    assert "Traceback" not in program.stderr
    assert "0 of 1 gate passed, 1 failed" in program.stderr
    assert json.loads(Path("numbers.json").read_text())["gates"][0]["status"] == "failed"


# ---------------------------------------------------------------- CI servers


def test_github_gets_a_summary_and_annotations(check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("summary.md").write_text("before\n")
    done = check(*FAILS)
    annotation = "::error title=logreport%3A failed%3A errors.rate < 1%25::errors.rate 10.0 %25 > 1.0 %25"
    assert (done.exit_code, annotation in done.stdout.splitlines()) == (1, True)
    assert check("--json", "-", *FAILS).stderr.splitlines().count(annotation) == 1
    summary = Path("summary.md").read_text()
    assert summary.startswith("before\n")
    assert summary.count("## LLM report") == 2


def test_a_summary_that_cannot_be_written_keeps_the_rest(check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "no/summary.md")
    done = check("--json", "numbers.json", *FAILS)
    assert done.exit_code == 2
    assert "cannot write the summary of this step, no/summary.md" in done.stderr
    assert "::error" in done.stdout
    assert Path("numbers.json").exists()


def test_elsewhere_nothing_is_for_github(check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert "::" not in check(*FAILS).stdout
    assert not Path("summary.md").exists()
    assert "::error" in check("--annotations", "github", *FAILS).stdout


def test_names_of_models_give_github_no_commands(check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    write("calls.jsonl", call(0, model="x\n::error::y"), call(1, model="x\r::stop-commands::y"))
    done = check("--fail-on", "duration.max[model=*] < 9s", "--fail-on", "duration.max[model=*] < 0.5s")
    commands = [line for line in done.output.splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == 2
    assert all(line.startswith("::error title=logreport%3A failed") for line in commands)


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        ({}, None),
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"GITLAB_CI": "true"}, True),
        ({"GITHUB_ACTIONS": "false", "GITLAB_CI": ""}, None),
        ({"GITLAB_CI": "true", "NO_COLOR": "1"}, False),
        ({"GITLAB_CI": "true", "NO_COLOR": ""}, True),
    ],
)
def test_servers_show_colours(environment: dict[str, str], colour: bool | None, check, monkeypatch: pytest.MonkeyPatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ci.colour() is colour
    if "NO_COLOR" in environment:
        assert ("\x1b[31m" in check(*FAILS).stdout) is bool(colour)


def test_a_file_that_cannot_be_read_is_no_part_of_a_run_that_passes(run):
    Path("bad.json").write_text("no log at all")
    words = ("--fail-on", "calls.count >= 1", "--metric", "tokens_by_model")

    done = run("check", "calls.jsonl", "bad.json", *words)

    assert done.exit_code == 2
    assert "passed  calls.count" in done.stdout
    assert "not all of the files could be read" in done.stderr
    assert run("check", "calls.jsonl", *words).exit_code == 0


def test_a_baseline_that_is_not_there_yet(check):
    about_it, about_another = ("--fail-on", "calls.count <= baseline"), ("--fail-on", "time_to_first_token.p95 < 1s")

    assert check(*about_it, "--baseline", "main.json").exit_code == 2
    first = check(*about_it, "--baseline", "main.json", "--allow-missing-baseline", "--json", "new.json")
    assert (first.exit_code, Path("new.json").exists()) == (0, True)
    assert "calls.count 10: there is no baseline to compare with" in first.stdout
    assert check(*about_it, *about_another, "--baseline", "main.json", "--allow-missing-baseline").exit_code == 1
    assert check(*about_it, "--baseline", "new.json", "--allow-missing-baseline").exit_code == 0

    Path("logreport.toml").write_text(
        '[tool.logreport.check]\nbaseline = "none.json"\nallow_missing_baseline = true\nrules = ["calls.count <= baseline"]'
    )
    assert check().exit_code == 0


def test_a_rule_that_cannot_be_judged_keeps_nothing_from_being_written(check):
    done = check("--fail-on", "tokens_by_model.nothing < 1", "--json", "calls.json", "--html", "page.html")

    assert done.exit_code == 2
    assert "no number is called tokens_by_model.nothing" in done.stderr
    assert Path("calls.json").exists()
    assert Path("page.html").exists()

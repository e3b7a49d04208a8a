"""The GitHub action and the recipes of examples/ci: their files are well-formed, and what they run does what it says.

Scripts run as they stand, with the real `logreport` and with stand-ins for the programs that speak to servers. Where a test
is about what happens around it, `logreport` does again what it did in another test, which takes no time.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import yaml

CHECKOUT: Final = Path(__file__).parent.parent
RECIPES: Final = CHECKOUT / "examples" / "ci"
STAND_INS: Final = Path(__file__).parent / "ci"
WORKFLOWS: Final = ("github.yml", "github-fork-comment.yml")

#: Whose action the recipe uses is for its reader to fill in.
OURS: Final = "OWNER/logreport@COMMIT"
BODY: Final = "<!-- logreport -->"


def _loaded(file: Path) -> Any:
    """A YAML file in which everything is text, as GitHub hands it on: `on` and `true` are words."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


ACTION: Final = _loaded(CHECKOUT / "action.yml")
GITLAB: Final = _loaded(RECIPES / "gitlab.yml")
JENKINS: Final = (RECIPES / "Jenkinsfile").read_text(encoding="utf-8")


# The files, by the vocabularies that "Metadata syntax for GitHub Actions", "Workflow syntax for GitHub Actions" and
# "CI/CD YAML syntax reference" document, as far as they are used.


def _only(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _named(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "patternProperties": {"^[A-Za-z_][A-Za-z0-9_-]*$": of}, "additionalProperties": False}


TEXT: Final = {"type": "string"}
SWITCH: Final = {"enum": ["true", "false"]}
TEXTS: Final = {"type": "object", "additionalProperties": TEXT}
LIST: Final = {"type": "array", "items": TEXT, "minItems": 1}
COMMON: Final = {"name": TEXT, "id": TEXT, "if": TEXT, "env": TEXTS, "continue-on-error": SWITCH}
USES: Final = _only(COMMON | {"uses": TEXT, "with": TEXTS}, "uses")
RUN: Final = _only(COMMON | {"run": TEXT, "shell": {"enum": ["bash"]}, "working-directory": TEXT}, "run")
COLOURS: Final = ["white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"]

ACTION_SCHEMA: Final = _only(
    {
        "name": TEXT,
        "description": TEXT | {"maxLength": 125},  # the Marketplace shows no more
        "author": TEXT,
        "branding": _only({"icon": {"pattern": "^[a-z0-9-]+$"}, "color": {"enum": COLOURS}}, "icon", "color"),
        "inputs": _named(_only({"description": TEXT, "required": SWITCH, "default": TEXT}, "description", "default")),
        "outputs": _named(_only({"description": TEXT, "value": TEXT}, "description", "value")),
        "runs": _only(
            {
                "using": {"const": "composite"},
                "steps": {"type": "array", "items": {"oneOf": [USES, RUN | {"required": ["run", "shell"]}]}},
            },
            "using",
            "steps",
        ),
    },
    *("name", "description", "author", "branding", "inputs", "outputs", "runs"),
)

SCOPES: Final = ("actions", "checks", "contents", "id-token", "issues", "pull-requests", "statuses")
WORKFLOW_SCHEMA: Final = _only(
    {
        "name": TEXT,
        "on": _only(
            {
                "push": _only({"branches": LIST}),
                "pull_request": {"const": ""},
                "workflow_run": _only({"workflows": LIST, "types": LIST}, "workflows", "types"),
            }
        ),
        "permissions": _only({scope: {"enum": ["read", "write", "none"]} for scope in SCOPES}),
        "jobs": _named(
            _only(
                {"if": TEXT, "runs-on": TEXT, "steps": {"type": "array", "items": {"oneOf": [USES, RUN]}}},
                "runs-on",
                "steps",
            )
        ),
    },
    *("name", "on", "permissions", "jobs"),
)

GITLAB_SCHEMA: Final = _named(
    _only(
        {
            "image": TEXT,
            "rules": {"type": "array", "items": _only({"if": TEXT}, "if")},
            "variables": TEXTS,
            "script": LIST,
            "artifacts": _only(
                {
                    "when": {"enum": ["on_success", "on_failure", "always"]},
                    "expose_as": TEXT | {"pattern": "^[A-Za-z0-9_ -]+$"},
                    "paths": LIST,
                    "reports": _only({"junit": TEXT, "metrics": TEXT, "annotations": TEXT}),
                }
            ),
        },
        "script",
    )
)


def _steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job["steps"]]


GITHUB_FILES: Final = [CHECKOUT / "action.yml", *(RECIPES / name for name in WORKFLOWS)]
github_files = pytest.mark.parametrize("file", GITHUB_FILES, ids=lambda file: file.name)


def test_the_action_is_a_composite_action():
    jsonschema.validate(ACTION, ACTION_SCHEMA)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_workflows_are_workflows(name: str):
    jsonschema.validate(_loaded(RECIPES / name), WORKFLOW_SCHEMA)


def test_the_gitlab_recipe_is_a_job():
    jsonschema.validate(GITLAB, GITLAB_SCHEMA)


@github_files
def test_what_people_type_reaches_scripts_by_their_environment_only(file: Path):
    scripts = [step["run"] for step in _steps(_loaded(file)) if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []


@github_files
def test_actions_of_others_are_pinned_by_the_sha_of_a_version(file: Path):
    lines = re.findall(r"^ *(?:- )?uses: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    pinned = re.compile(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in lines if not pinned.fullmatch(line) and line != OURS] == []


def test_an_action_has_the_same_version_everywhere():
    text = "".join(file.read_text(encoding="utf-8") for file in GITHUB_FILES)
    pins = set(re.findall(r"uses: (actions/[\w-]+)@(\w+ # v[\d.]+)", text))
    assert len(pins) == len({action for action, _ in pins})


def test_the_workflows_ask_for_no_more_than_they_use():
    permissions = {name: _loaded(RECIPES / name)["permissions"] for name in WORKFLOWS}
    assert permissions == {
        "github.yml": {"contents": "read", "actions": "read", "pull-requests": "write"},
        "github-fork-comment.yml": {"actions": "read", "pull-requests": "write"},
    }


def test_the_workflow_that_may_write_runs_nothing_of_the_fork():
    steps = _steps(_loaded(RECIPES / "github-fork-comment.yml"))
    used = [step["uses"].partition("@")[0] for step in steps if "uses" in step]
    assert used == ["actions/download-artifact"]


def test_every_input_is_used_and_every_used_one_is_there():
    text = (CHECKOUT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\binputs\.([\w-]+)", text)) == set(ACTION["inputs"])


def test_the_recipe_uses_inputs_that_are_there():
    (used,) = [step["with"] for step in _steps(_loaded(RECIPES / "github.yml")) if step.get("uses") == OURS]
    assert set(used) <= set(ACTION["inputs"])


def test_the_recipes_name_the_artifacts_that_the_action_makes():
    """They are named after files, which are named after the job."""
    (job,) = _loaded(RECIPES / "github.yml")["jobs"]
    stem = ACTION["inputs"]["report-path"]["default"].replace("${{ github.job }}", job).removesuffix(".html")
    fork = (RECIPES / "github-fork-comment.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\blogreport-[\w.-]*\.json", (RECIPES / "github.yml").read_text())) == {f"{stem}.json"}
    assert set(re.findall(r"\blogreport-[\w-]*\.(?:html|md)", fork)) == {f"{stem}.html", f"{stem}.md"}


def test_the_second_workflow_waits_for_the_first():
    first, second = (_loaded(RECIPES / name) for name in WORKFLOWS)
    assert second["on"]["workflow_run"]["workflows"] == [first["name"]]


def _table(heading: str) -> list[list[str]]:
    """The rows of the README's table with this heading, its columns apart."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    rows = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", readme, re.MULTILINE)
    assert rows, f"README has no table of {heading}"
    return [line.strip("| ").split(" | ") for line in rows[1].splitlines()]


def test_the_readme_has_the_inputs_of_the_action():
    def shown(default: str) -> str:
        return f"`{default}`" if default else "none"

    expected = [[f"`{name}`", shown(one["default"]), one["description"]] for name, one in ACTION["inputs"].items()]
    assert _table("input | default") == expected


def test_the_readme_has_the_outputs_of_the_action():
    assert _table("output") == [[f"`{name}`", one["description"]] for name, one in ACTION["outputs"].items()]


# What runs. First the machine: programs that stand in for those that speak to servers.

#: One chart takes a fraction of the time that all take.
SETTINGS: Final = '[tool.logreport]\nmetrics = ["errors"]\n'


@dataclass
class Machine:
    """A folder to work in, and programs that say what they were called with."""

    root: Path
    work: Path
    artifacts: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.root),
            "TMPDIR": str(self.root),
            "LC_ALL": "C.UTF-8",
            "FAKE_GH": str(self.root / "gh.json"),
            "FAKE_REGISTRY": str(self.root),
        }

    @property
    def gh(self) -> dict[str, Any]:
        return json.loads((self.root / "gh.json").read_text())

    @gh.setter
    def gh(self, state: dict[str, Any]) -> None:
        (self.root / "gh.json").write_text(json.dumps(state))

    def knows(self, **state: Any) -> None:
        self.gh = self.gh | state

    @property
    def posted(self) -> list[str]:
        """What happened to comments, by the methods of the calls."""
        return [call[call.index("--method") + 1] for call in self.gh["calls"] if "--silent" in call]

    def calls(self, program: str) -> list[list[str]]:
        """What a program was called with, each time."""
        file = self.root / f"{program}.calls"
        calls = file.read_bytes().split(b"\0\n")[:-1] if file.exists() else []
        return [call.decode().split("\0") for call in calls]

    def program(self, name: str, script: str) -> None:
        file = self.root / "bin" / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def repeats(self, other: Machine, code: int) -> None:
        """From now on `logreport` writes what it wrote on the other machine, where it ran once, and exits with the code."""
        (call,) = other.calls("logreport")
        kept = self.root / "kept"
        kept.mkdir(exist_ok=True)
        for option in {"--html", "--json", "--comment", "--junit"} & set(call):
            shutil.copy(other.work / call[call.index(option) + 1], kept / option)
        again = f"""for word; do [ ! -f "{kept}/$option" ] || cp "{kept}/$option" "$word"; option=$word; done"""
        self.program("logreport", f"{_recorded('logreport')}\n{again}\nexit {code}")

    def bash(self, script: str, *options: str, cwd: Path | None = None, **environment: str) -> Done:
        (self.root / "script.sh").write_text(script, encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", *options, self.root / "script.sh"],
            cwd=cwd or self.work,
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )
        return Done(code=done.returncode, said=done.stdout + done.stderr)


@dataclass(frozen=True)
class Done:
    code: int
    said: str


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return _machine(tmp_path)


def _machine(root: Path) -> Machine:
    made = Machine(root=root, work=root / "work space")
    for folder in (made.work, root / "bin"):
        folder.mkdir()
    python = shlex.quote(sys.executable)
    made.program("logreport", f'{_recorded("logreport")}\nPYTHONPATH="{CHECKOUT}" exec {python} -m logreport "$@"')
    made.program("pip", _recorded("pip"))
    for name in ("gh", "curl"):
        made.program(name, f'exec {python} "{STAND_INS / name}.py" "$@"')
    (root / "logreport.toml").write_text(SETTINGS)
    made.gh = {"comments": [], "pulls": [], "runs": [], "workflows": ["LLM report"], "token": "write", "calls": []}
    return made


def _recorded(program: str) -> str:
    """Shell that notes the words of a call, which may hold anything but NUL."""
    return f"""printf '%s\\0' "$@" >> "$HOME/{program}.calls"; echo >> "$HOME/{program}.calls\""""


def _log(folder: Path, *, seconds: float = 1.0) -> Path:
    """A log of 20 calls of about that many seconds: of fewer no percentile is judged."""
    folder.mkdir(parents=True, exist_ok=True)
    calls = [
        {
            "timestamp": f"2026-03-01T10:{number:02}:00Z",
            "model": "gpt-4o",
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "duration_s": round(seconds * (1 + number % 7 / 100), 3),
        }
        for number in range(20)
    ]
    (folder / "calls.jsonl").write_text("".join(json.dumps(call) + "\n" for call in calls))
    return folder


# Then GitHub: what it does with the steps of a job.


@dataclass
class Job:
    """A job of GitHub Actions, or the part of one that is an action."""

    machine: Machine
    github: Mapping[str, Any]
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    failed: bool = False
    said: str = ""
    summary: str = ""

    def run(self, steps: list[dict[str, Any]]) -> Job:
        for step in steps:
            condition = step.get("if", "success()")
            if not re.search(r"\b(always|success|failure)\(", condition):
                condition = f"success() && ({condition})"
            if not self.value(condition):
                continue
            outputs, succeeded = self._one(step)
            self.outputs[step.get("id", "")] = outputs
            self.failed = self.failed or (not succeeded and step.get("continue-on-error") != "true")
        return self

    def value(self, expression: str) -> Any:
        """What an expression is: GitHub's own operators read as Python's, which mean the same here."""
        words = {"&&": " and ", "||": " or ", "false": "False", "true": "True", "null": "None"}
        parts = re.findall(r"'[^']*'|[A-Za-z_][\w.-]*|&&|\|\||[!=]=|[(),]|\d+|\s+|.", expression)
        functions = {
            "always": lambda: True,
            "success": lambda: not self.failed,
            "failure": lambda: self.failed,
            "format": lambda text, *values: text.format(*values),
            "hashFiles": lambda name: "a hash" if (self.machine.work / name).is_file() else "",
            "look": self._look,
        }
        python = "".join(
            words.get(part, part if part in functions or not re.match("[A-Za-z_]", part) else f"look({part!r})")
            for part in parts
        )
        return eval(python.strip(), functions)

    def _look(self, name: str) -> Any:
        context, *path = name.split(".")
        value: Any = {
            "github": self.github,
            "inputs": self.inputs,
            "steps": {step: {"outputs": outputs} for step, outputs in self.outputs.items()},
        }[context]
        for part in path:
            value = value.get(part, "") if isinstance(value, Mapping) else ""
        return value

    def text(self, template: str) -> str:
        """A value of the file, with its expressions worked out."""
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1])), template)

    def _one(self, step: dict[str, Any]) -> tuple[dict[str, str], bool]:
        if "run" in step:
            return self._script(step)
        given = {name: self.text(value) for name, value in step.get("with", {}).items()}
        if step["uses"] == OURS:
            part = Job(self.machine, self.github, _inputs(self, **given)).run(ACTION["runs"]["steps"])
            self.uploads += part.uploads
            self.said += part.said
            self.summary += part.summary
            return {name: part.text(one["value"]) for name, one in ACTION["outputs"].items()}, not part.failed
        action = re.fullmatch(r"actions/([\w-]+)@\w+", step["uses"])
        assert action
        return {
            "checkout": lambda: ({}, True),
            "setup-python": lambda: ({}, True),
            "upload-artifact": lambda: self._upload(given),
            "download-artifact": lambda: self._download(given),
        }[action[1]]()

    def _script(self, step: dict[str, Any]) -> tuple[dict[str, str], bool]:
        root = self.machine.root
        files = {name: root / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        done = self.machine.bash(
            step["run"],
            *(("-eo", "pipefail") if "shell" in step else ("-e",)),
            cwd=self.machine.work / self.text(step.get("working-directory", ".")),
            **{name: str(file) for name, file in files.items()},
            **{name: self.text(value) for name, value in step.get("env", {}).items()},
            GITHUB_ACTIONS="true",
            GITHUB_ACTION_PATH=str(CHECKOUT),
            GITHUB_REPOSITORY=self.github["repository"],
            GITHUB_WORKFLOW=self.github.get("workflow", ""),
        )
        self.said += done.said
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        lines = [line.partition("=") for line in files["GITHUB_OUTPUT"].read_text().splitlines()]
        return {name: value for name, _, value in lines}, done.code == 0

    def _upload(self, given: dict[str, str]) -> tuple[dict[str, str], bool]:
        assert given["archive"] == "false"
        file = self.machine.work / given["path"]
        if not file.is_file():
            return {}, given.get("if-no-files-found") == "ignore"
        assert file.name not in self.uploads, "GitHub refuses a second artifact of that name"
        self.uploads.append(file.name)
        self.machine.artifacts[self.github["run_id"], file.name] = file.read_bytes()
        return {"artifact-url": f"https://github.com/a/b/actions/runs/1/artifacts/{len(self.uploads)}"}, True

    def _download(self, given: dict[str, str]) -> tuple[dict[str, str], bool]:
        found = self.machine.artifacts.get((given["run-id"], given["name"]))
        if found is None:
            return {}, False
        file = self.machine.work / given.get("path", ".") / given["name"]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(found)
        return {}, True


def _inputs(job: Job, **given: str) -> dict[str, str]:
    return {name: job.text(one["default"]) for name, one in ACTION["inputs"].items()} | given


PULL_REQUEST: Final = {"pull_request": {"number": "7"}, "repository": {"default_branch": "main"}}
PUSH: Final = {"repository": {"default_branch": "main"}}
GITHUB: Final = {
    "repository": "a/b",
    "server_url": "https://github.com",
    "run_id": "1",
    "job": "llm-report",
    "workflow": "LLM report",
    "token": "the token",
}

with_jq = pytest.mark.skipif(
    shutil.which("jq") is None,
    reason="no jq here, which is part of `gh`",
)


def _acted(machine: Machine, *, event: Mapping[str, Any] = PULL_REQUEST, **inputs: str) -> Job:
    """The action on `logs/`, on a pull request."""
    job = Job(machine, GITHUB | {"event": event})
    spelled = {name.replace("_", "-"): value for name, value in inputs.items()}
    job.inputs = _inputs(job, **({"logs": "logs"} | spelled))
    return job.run(ACTION["runs"]["steps"])


@pytest.fixture
def act(machine: Machine) -> Callable[..., Job]:
    """`act(fail_on=…)`: the action, with the real `logreport` unless another program has its place."""
    return lambda **given: _acted(machine, **given)


HOLDS: Final = "duration.p95 < 30s"
BROKEN: Final = "duration.p95 < 500ms"
RELATIVE: Final = "duration.p95 <= baseline * 1.2 and significant"


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A run of the action that kept its rules. It was the first, so that it has no baseline."""
    machine = _machine(tmp_path_factory.mktemp("passed"))
    _log(machine.work / "logs")
    return _acted(machine, fail_on=f"{HOLDS}\n{RELATIVE}", baseline="baseline/main.json")


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A run of the action that broke two of its rules."""
    machine = _machine(tmp_path_factory.mktemp("failed"))
    _log(machine.work / "logs")
    return _acted(machine, fail_on=f"{HOLDS}\n{BROKEN}\nduration.max < 1ms\n")


@pytest.fixture
def again(machine: Machine, passed: Job, failed: Job) -> Callable[[str], None]:
    """`again("failed")`: from now on `logreport` does what it did in that run."""
    runs = {"passed": (passed, 0), "failed": (failed, 1)}

    def repeats(status: str) -> None:
        job, code = runs[status]
        machine.repeats(job.machine, code)

    return repeats


def _outputs(job: Job) -> dict[str, str]:
    return {name: job.text(one["value"]) for name, one in ACTION["outputs"].items()}


def test_a_run_that_keeps_its_rules_passes(passed: Job):
    assert not passed.failed, passed.said
    assert passed.uploads == ["logreport-llm-report.html", "logreport-llm-report.json"]
    assert _outputs(passed) == {
        "status": "passed",
        "breaches": "0",
        "report-path": "./logreport-llm-report.html",
        "json-path": "./logreport-llm-report.json",
        "artifact-url": "https://github.com/a/b/actions/runs/1/artifacts/1",
    }
    assert "<html" in (passed.machine.work / "logreport-llm-report.html").read_text(encoding="utf-8")
    assert passed.summary.endswith("[The whole report](https://github.com/a/b/actions/runs/1/artifacts/1)\n")


def test_a_broken_rule_fails_the_job_after_everything_else(failed: Job):
    assert failed.failed
    assert (_outputs(failed)["status"], _outputs(failed)["breaches"]) == ("failed", "2")
    assert failed.uploads == ["logreport-llm-report.html", "logreport-llm-report.json"]
    assert failed.outputs["check"]["code"] == "1"
    assert "::error " in failed.said


def test_the_last_step_exits_as_the_check_did(machine: Machine):
    *_, last = ACTION["runs"]["steps"]
    assert last["if"] == "always()"
    for code, expected in {"0": 0, "1": 1, "2": 2, "": 2}.items():
        summary = str(machine.root / "summary")
        assert machine.bash(last["run"], "-e", CODE=code, URL="", GITHUB_STEP_SUMMARY=summary).code == expected


def test_logs_that_cannot_be_read_are_an_error_and_no_breach(machine: Machine, act: Callable[..., Job]):
    job = act(fail_on=HOLDS, comment="true")
    assert job.failed
    assert job.text(ACTION["outputs"]["status"]["value"]) == "error"
    assert job.outputs["check"]["code"] == "2"
    assert machine.posted == []


def test_no_rule_is_an_error_unless_only_a_report_is_wanted(machine: Machine, act: Callable[..., Job]):
    _log(machine.work / "logs")
    assert _outputs(act())["status"] == "error"
    job = act(arguments="--exit-zero")
    assert not job.failed, job.said
    assert _outputs(job)["status"] == "passed"


def test_rules_are_found_in_the_settings_of_the_working_directory(machine: Machine, act: Callable[..., Job]):
    folder = machine.work / "my app"
    _log(folder / "logs")
    (folder / "logreport.toml").write_text(f'[tool.logreport.check]\nrules = ["{BROKEN}"]\n')
    job = act(working_directory="my app")
    assert job.failed
    assert (_outputs(job)["status"], _outputs(job)["breaches"]) == ("failed", "1"), job.said
    assert _outputs(job)["report-path"] == "my app/logreport-llm-report.html"
    assert job.uploads == ["logreport-llm-report.html", "logreport-llm-report.json"]


def test_nothing_is_uploaded_where_that_is_not_wanted(again: Callable[[str], None], act: Callable[..., Job]):
    again("passed")
    job = act(upload="false")
    assert not job.failed, job.said
    assert job.uploads == []
    assert _outputs(job)["artifact-url"] == ""


def test_the_actions_own_code_is_installed_unless_a_version_is_named(machine: Machine):
    (install,) = [step["run"] for step in ACTION["runs"]["steps"] if "pip install" in step.get("run", "")]
    machine.bash(install, "-e", VERSION="", GITHUB_ACTION_PATH="/an action/of ours")
    machine.bash(install, "-e", VERSION="1.2.3", GITHUB_ACTION_PATH="/an action/of ours")
    assert [call[-1] for call in machine.calls("pip")] == ["/an action/of ours", "logreport==1.2.3"]


def test_where_installing_fails_the_status_is_error(machine: Machine, act: Callable[..., Job]):
    machine.program("pip", "exit 1")
    job = act(fail_on=HOLDS)
    assert job.failed
    assert _outputs(job)["status"] == "error"
    assert machine.calls("logreport") == []


# The baseline.


def test_the_first_run_has_no_baseline_and_passes(passed: Job):
    """Else no run would ever pass, and none would become the baseline."""
    assert not passed.failed, passed.said
    assert "1 of 2 gates passed, 1 inconclusive, as allowed" in passed.said


@pytest.mark.parametrize("recipe", ["action", "gitlab", "jenkins"])
def test_on_the_first_run_what_cannot_be_judged_for_another_reason_fails(
    recipe: str, machine: Machine, act: Callable[..., Job], jenkins: Callable[[], Done]
):
    _log(machine.work / "logs")
    rule = "duration.p95[model=nope] < 1s"
    (machine.work / "logreport.toml").write_text(f'{SETTINGS}[tool.logreport.check]\nrules = ["{rule}"]\n')
    if recipe == "action":
        job = act(fail_on=f"{HOLDS}\n{RELATIVE}", baseline="baseline/main.json")
        assert (_outputs(job)["status"], _outputs(job)["breaches"]) == ("failed", "1"), job.said
        done = Done(code=int(job.failed), said=job.said)
    else:
        done = _gitlab(machine, CI_COMMIT_BRANCH="main") if recipe == "gitlab" else jenkins()
    assert done.code == 1, done.said
    assert "1 of 3 gates passed, 1 inconclusive, 1 inconclusive, as allowed" in done.said
    assert list(machine.root.glob("*baseline.json")) == []


@pytest.mark.parametrize("required", ["true", "false"])
def test_a_baseline_may_be_missing_unless_it_is_required(
    required: str, machine: Machine, again: Callable[[str], None], act: Callable[..., Job]
):
    again("passed")
    act(baseline="a baseline.json", require_baseline=required)
    act(require_baseline=required)
    one, none = machine.calls("logreport")
    assert ("--allow-missing-baseline" in one) == (required == "false")
    assert "--baseline=a baseline.json" in one
    assert [word for word in none if word.startswith("--") and "baseline" in word] == []
    assert "--allow-inconclusive" not in one + none


def test_a_required_baseline_that_is_missing_is_an_error(machine: Machine, act: Callable[..., Job]):
    _log(machine.work / "logs")
    job = act(fail_on=RELATIVE, baseline="baseline/main.json", require_baseline="true")
    assert job.failed
    assert _outputs(job)["status"] == "error"
    assert job.outputs["check"]["code"] == "2"


def test_a_slower_run_breaks_the_rule_about_its_baseline(passed: Job, machine: Machine, act: Callable[..., Job]):
    shutil.copy(passed.machine.work / _outputs(passed)["json-path"], machine.work / "a baseline.json")
    _log(machine.work / "logs", seconds=3)
    job = act(fail_on=RELATIVE, baseline="a baseline.json")
    assert (job.failed, _outputs(job)["status"]) == (True, "failed"), job.said
    assert "no baseline" not in job.said


# The comment.


@with_jq
def test_a_broken_rule_makes_a_comment(machine: Machine, again: Callable[[str], None], act: Callable[..., Job]):
    again("failed")
    job = act(comment="true")
    assert job.failed
    (comment,) = machine.gh["comments"]
    assert comment["issue"] == "7"
    assert comment["body"].startswith(f"{BODY}\n")
    assert "[The whole report](https://github.com/a/b/actions/runs/1/artifacts/1)" in comment["body"]
    assert job.uploads == ["logreport-llm-report.html", "logreport-llm-report.json"]


@with_jq
def test_a_comment_is_kept_up_to_date_and_not_repeated(
    machine: Machine, again: Callable[[str], None], act: Callable[..., Job]
):
    bodies = []
    for status in ("failed", "failed", "passed"):
        again(status)
        act(comment="true")
        (comment,) = machine.gh["comments"]
        bodies.append(comment["body"])
    assert machine.posted == ["POST", "PATCH", "PATCH"]
    assert bodies[2] != bodies[1]


@with_jq
def test_nothing_is_said_where_all_is_well(machine: Machine, again: Callable[[str], None], act: Callable[..., Job]):
    stranger = {"id": 1, "issue": "7", "body": "What does `<!-- logreport -->` mean?"}
    machine.knows(comments=[stranger])
    again("passed")
    assert not act(comment="true").failed
    assert machine.gh["comments"] == [stranger]


@with_jq
def test_each_report_of_a_workflow_has_a_comment_of_its_own(
    machine: Machine, again: Callable[[str], None], act: Callable[..., Job]
):
    for status, page in (("failed", "one.html"), ("failed", "two.html"), ("passed", "one.html")):
        again(status)
        act(comment="true", report_path=page)
    assert machine.posted == ["POST", "POST", "PATCH"]


@with_jq
def test_no_comment_is_made_unless_asked_nor_outside_pull_requests(
    machine: Machine, again: Callable[[str], None], act: Callable[..., Job]
):
    again("failed")
    act()
    act(comment="true", event=PUSH)
    assert machine.gh["calls"] == []


@with_jq
@pytest.mark.parametrize("token", ["read", "none"])
@pytest.mark.parametrize("status", ["passed", "failed"])
def test_a_token_that_may_not_write_changes_nothing(
    token: str, status: str, machine: Machine, again: Callable[[str], None], act: Callable[..., Job]
):
    machine.knows(token=token)
    again(status)
    job = act(comment="true")
    assert (job.failed, _outputs(job)["status"]) == (status == "failed", status)
    assert machine.gh["comments"] == []
    if status == "failed":
        assert "::warning title=logreport::Could not comment" in job.said
        assert job.uploads[2:] == ["logreport-llm-report.md"]


@with_jq
def test_a_comment_that_may_not_be_updated_changes_nothing_either(
    machine: Machine, again: Callable[[str], None], act: Callable[..., Job]
):
    again("failed")
    act(comment="true")
    before = machine.gh["comments"]
    machine.knows(token="read")
    again("passed")
    job = act(comment="true")
    assert not job.failed, job.said
    assert machine.gh["comments"] == before
    assert job.uploads[2:] == ["logreport-llm-report.md"]


# Whatever people type is never run.

HOSTILE: Final = (
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "a & touch pwned | touch pwned > pwned",
    "; rm -rf .",
    "--help",
    "${IFS}$HOME \\",
    "* ? [a]",
    "::stop-commands::x",
)
ONE_LINE: Final = ("title", "baseline", "report-path", "version", "allow-inconclusive", "require-baseline")
LINES: Final = ("fail-on", "logs", "arguments")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_type_is_never_run(text: str, machine: Machine, act: Callable[..., Job]):
    machine.program("logreport", _recorded("logreport"))
    (machine.work / "kept").touch()
    typed = {name.replace("-", "_"): text for name in (*ONE_LINE, *LINES)} | {"require_baseline": "true"}
    job = act(**typed, comment=text, upload=text)
    (call,) = machine.calls("logreport")
    assert call[-2:] == ["--", text]
    assert {f"--title={text}", f"--fail-on={text}", f"--baseline={text}", text} <= set(call)
    assert call[call.index("--html") + 1] == text
    assert machine.calls("pip")[0][-1] == f"logreport=={text}"
    assert sorted(file.name for file in machine.work.iterdir()) == ["kept"]
    assert "::stop-commands::" not in job.said


def test_lines_of_an_output_cannot_be_smuggled_in(again: Callable[[str], None], act: Callable[..., Job]):
    again("failed")
    job = act(report_path="page.html\nstatus=passed\ncode=0")
    assert (job.failed, _outputs(job)["status"]) == (True, "failed")


def test_lines_are_words_and_spaces_around_them_are_not(machine: Machine, act: Callable[..., Job]):
    machine.program("logreport", _recorded("logreport"))
    act(
        fail_on="\n  errors.rate < 2%  \r\n\n\tcost.total < 1 USD",
        logs="a b.jsonl\n\nlogs/*.json",
        arguments="--run=x y",
    )
    (call,) = machine.calls("logreport")
    assert call[call.index("--junit") + 2 :] == [
        *("--fail-on=errors.rate < 2%", "--fail-on=cost.total < 1 USD", "--run=x y"),
        *("--", "a b.jsonl", "logs/*.json"),
    ]


def test_paths_and_the_heading_may_have_any_signs(machine: Machine, act: Callable[..., Job]):
    """With the real `logreport`, and in the steps that go on with the paths."""
    odd = "it's $(touch pwned) `touch pwned` \"; touch pwned #"
    _log(machine.work / f"{odd} logs")
    job = act(fail_on=HOLDS, logs=f"{odd} logs", report_path=f"{odd}.html", title=odd, baseline=f"{odd}.none")
    assert not job.failed, job.said
    assert job.uploads == [f"{odd}.html", f"{odd}.json"]
    made = {file.name for file in machine.work.iterdir()}
    assert made == {f"{odd} logs", *(f"{odd}.{ending}" for ending in ("html", "json", "md"))}


# The workflows as a whole.


def _workflow(name: str, machine: Machine, **github: Any) -> Job:
    (job,) = _loaded(RECIPES / name)["jobs"].values()
    made = Job(machine, GITHUB | github)
    if "if" in job and not made.value(job["if"]):
        return made
    return made.run(job["steps"])


@with_jq
def test_the_workflow_compares_with_the_last_run_of_the_default_branch(machine: Machine):
    _log(machine.work / "logs")
    machine.knows(workflows=[])
    on_main = _workflow("github.yml", machine, event=PUSH, run_id="10")
    assert not on_main.failed, on_main.said
    of_a_fork = {"databaseId": 11, "headBranch": "main", "event": "pull_request", "conclusion": "success"}
    of_main = of_a_fork | {"databaseId": 10, "event": "push"}
    machine.knows(workflows=["LLM report"], runs=[of_a_fork, of_main])

    _log(machine.work / "logs", seconds=3)
    slower = _workflow("github.yml", machine, event=PULL_REQUEST, run_id="12")
    assert slower.failed
    assert slower.uploads == ["logreport-llm-report.html", "logreport-llm-report.json"]
    assert machine.posted == ["POST"]


@with_jq
def test_the_workflow_goes_on_where_the_baseline_has_expired(machine: Machine, again: Callable[[str], None]):
    again("passed")
    run = {"databaseId": 10, "headBranch": "main", "event": "push", "conclusion": "success"}
    machine.knows(runs=[run])
    job = _workflow("github.yml", machine, event=PULL_REQUEST)
    assert not job.failed, job.said
    (call,) = machine.calls("logreport")
    assert {"--baseline=baseline/logreport-llm-report.json", "--allow-missing-baseline"} <= set(call)
    assert not (machine.work / "baseline").exists()


FORK: Final = {
    "workflow_run": {
        "id": "1",
        "event": "pull_request",
        "head_sha": "c0ffee",
        "head_branch": "fast & `er`",
        "head_repository": {"full_name": "stranger/b", "owner": {"login": "stranger"}},
    }
}
PULL: Final = {"number": 7, "state": "open", "head": {"label": "stranger:fast & `er`", "sha": "c0ffee"}}


@with_jq
def test_what_a_fork_may_not_say_the_second_workflow_says(machine: Machine, again: Callable[[str], None]):
    again("failed")
    machine.knows(token="read", pulls=[PULL | {"number": 6, "head": PULL["head"] | {"sha": "beef"}}, PULL])
    for _ in range(2):
        assert _workflow("github.yml", machine, event=PULL_REQUEST).failed
        machine.knows(token="write")
        second = _workflow("github-fork-comment.yml", machine, event=FORK)
        assert not second.failed, second.said
        machine.knows(token="read")
    (comment,) = machine.gh["comments"]
    assert comment["issue"] == "7"
    assert comment["body"].startswith(f"{BODY}\n")
    assert machine.posted == ["POST", "POST", "PATCH", "PATCH"]  # the first of each was refused


@with_jq
def test_the_second_workflow_is_silent_where_there_is_nothing_to_say(machine: Machine):
    machine.knows(pulls=[PULL])
    assert not _workflow("github-fork-comment.yml", machine, event=FORK).failed
    machine.artifacts["1", "logreport-llm-report.md"] = b"<!-- logreport -->\n"
    machine.knows(pulls=[PULL | {"state": "closed"}])
    assert not _workflow("github-fork-comment.yml", machine, event=FORK).failed
    run = FORK["workflow_run"] | {"head_repository": {"full_name": "a/b", "owner": {"login": "a"}}}
    machine.knows(pulls=[PULL])
    assert not _workflow("github-fork-comment.yml", machine, event={"workflow_run": run}).failed
    assert machine.gh["comments"] == []


# GitLab.


def _gitlab(machine: Machine, **environment: str) -> Done:
    """Runs the job as GitLab does: its lines are one script."""
    (job,) = GITLAB.values()
    told = {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": "https://gitlab.example/api/v4",
        "CI_PROJECT_ID": "1",
        "CI_JOB_TOKEN": "the token",
        "CI_JOB_URL": "https://gitlab.example/a/b/-/jobs/1",
        "CI_DEFAULT_BRANCH": "main",
        **environment,
    }
    for name, value in job["variables"].items():
        told[name] = re.sub(r"\$(\w+)", lambda found: told[found[1]], value)
    return machine.bash("\n".join(job["script"]), "-eo", "pipefail", **told)


def test_the_gitlab_job_compares_with_the_default_branch(machine: Machine):
    (job,) = GITLAB.values()
    reports = {kind: machine.work / name for kind, name in job["artifacts"]["reports"].items()}
    attached = [*(machine.work / name for name in job["artifacts"]["paths"]), *reports.values()]

    _log(machine.work / "logs")
    first = _gitlab(machine, CI_COMMIT_BRANCH="main")
    assert first.code == 0, first.said
    for file in attached:
        file.unlink()
    _log(machine.work / "logs", seconds=3)
    slower = _gitlab(machine, CI_PIPELINE_SOURCE="merge_request_event")
    assert slower.code == 1, slower.said

    assert [file for file in attached if not file.is_file()] == []
    assert ET.parse(reports["junit"]).getroot().attrib["failures"] == "1"
    assert reports["metrics"].read_text().endswith("# EOF\n")
    links = [
        link["external_link"] for links in json.loads(reports["annotations"].read_text()).values() for link in links
    ]
    assert {link["url"] for link in links} == {"https://gitlab.example/a/b/-/jobs/1/artifacts/file/logreport.html"}


@pytest.mark.parametrize(("branch", "code", "kept"), [("", 0, "old"), ("main", 0, "new"), ("main", 1, "old")])
def test_gitlab_keeps_the_baseline_of_the_default_branch_where_it_passed(
    branch: str, code: int, kept: str, machine: Machine
):
    for text, last, branch_ in (("old", 0, "main"), ("new", code, branch)):
        machine.program("logreport", f"{_recorded('logreport')}\nprintf {text} > logreport.json; exit {last}")
        assert _gitlab(machine, CI_COMMIT_BRANCH=branch_).code == last
    (baseline,) = machine.root.glob("*baseline.json")
    assert baseline.read_text() == kept
    assert (machine.work / "baseline.json").read_text() == "old"


def test_gitlab_links_to_the_page_itself():
    """To several files, or a folder, it would open a list."""
    (job,) = GITLAB.values()
    assert (job["artifacts"]["paths"], job["artifacts"]["when"]) == (["logreport.html"], "always")


# Jenkins.


def _jenkins(machine: Machine) -> Done:
    """Runs the `sh` step as Jenkins does: by `sh -xe`, after Groovy has joined the lines that end with a backslash."""
    (script,) = re.findall(r"sh '''(.*?)'''", JENKINS, re.DOTALL)
    assert "\\" not in script.replace("\\\n", "")
    environment = {"JENKINS_URL": "https://jenkins.example/"}
    return machine.bash(f"sh -xe <<'SCRIPT'\n{script.replace(chr(92) + chr(10), '')}\nSCRIPT", **environment)


@pytest.fixture
def jenkins(machine: Machine) -> Callable[[], Done]:
    """`python3 -m venv` makes an environment of this machine's programs."""
    bin_ = machine.root / "bin"
    machine.program("python3", f'[ "$1 $2" = "-m venv" ] && mkdir -p "$3" && ln -sfn "{bin_}" "$3/bin"')
    return lambda: _jenkins(machine)


def test_the_jenkins_job_compares_with_main(machine: Machine, jenkins: Callable[[], Done]):
    _log(machine.work / "logs")
    first = jenkins()
    assert first.code == 0, first.said
    assert machine.calls("pip") == [["install", "logreport"]]

    # What copyArtifacts does, by its `filter`, `target` and `flatten`.
    made = machine.work / "llm-report" / "logreport.json"
    (machine.work / "baseline").mkdir()
    made.rename(machine.work / "baseline" / "logreport.json")
    _log(machine.work / "logs", seconds=3)
    slower = jenkins()
    assert slower.code == 1, slower.said
    assert made.is_file()
    assert ET.parse(machine.work / "llm-report" / "junit.xml").getroot().attrib["failures"] == "1"


def test_a_jenkins_job_shows_nothing_of_an_earlier_build(machine: Machine, jenkins: Callable[[], Done]):
    (machine.work / "llm-report").mkdir()
    (machine.work / "llm-report" / "junit.xml").touch()
    assert jenkins().code == 2
    assert list((machine.work / "llm-report").iterdir()) == []


def test_jenkins_publishes_what_the_job_writes_whatever_its_outcome():
    text = re.sub(r"^\s*//.*$", "", JENKINS, flags=re.MULTILINE)
    assert [text.count(sign) for sign in "{[("] == [text.count(sign) for sign in "}])"]
    assert re.findall(r"^  (\w+) ?\{", text, re.MULTILINE) == ["agent", "options", "stages", "post"]
    always = text.partition("always {")[2]
    assert re.findall(r"^ {6}(\w+) ", always, re.MULTILINE) == ["junit", "archiveArtifacts", "publishHTML"]
    written = set(re.findall(r"--(?:html|json|junit) (\S+)", text))
    shown = set(re.findall(r"'(llm-report/[\w.]+)'", text)) | {"llm-report/logreport.html"}
    assert shown == written
    assert "reportDir: 'llm-report', reportFiles: 'logreport.html'" in always


@pytest.mark.parametrize("recipe", ["gitlab.yml", "Jenkinsfile"])
def test_the_recipes_use_the_options_that_are_there(recipe: str):
    import click

    from logreport.cli import main

    text = (RECIPES / recipe).read_text(encoding="utf-8")
    with click.Context(main) as ctx:
        check = main.get_command(ctx, "check")
    assert check is not None
    there = {spelling for parameter in check.params for spelling in parameter.opts}
    command = re.search(r"logreport check (.*?)(?:\n\s*- \||''')", text, re.DOTALL)
    assert command
    assert set(re.findall(r"(?<!\w)--[a-z-]+", command[1])) <= there

"""The README is true: all that can be used is in it, and what it shows runs."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest

from logreport import hookspecs
from logreport.cli import main
from logreport.errors import ExitCode

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def _commands() -> dict[str, click.Command]:
    with click.Context(main) as ctx:
        found = {name: main.get_command(ctx, name) for name in main.list_commands(ctx)}
    return {name: command for name, command in found.items() if command is not None}


COMMANDS = _commands()
OPTIONS = [
    (name, spelling)
    for name, command in COMMANDS.items()
    for parameter in command.params
    if isinstance(parameter, click.Option)
    for spelling in [*parameter.opts, *parameter.secondary_opts]
]
HOOKS = [name for name, _ in inspect.getmembers(hookspecs, inspect.isfunction) if name.startswith("logreport_")]


def _section(title: str) -> str:
    found = re.search(rf"^### {title}\n(.*?)(?=^##)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README has no section {title}"
    return found[1]


def _option_rows() -> dict[str, set[str]]:
    """From each option of the README's table to the commands it is listed for."""
    rows: dict[str, set[str]] = {}
    for spellings, of in re.findall(r"^\| (`-.*?) \| (.*?) \|", _section("Commands"), re.MULTILINE):
        for spelling in re.findall(r"`(-[\w-]+)", spellings):
            rows.setdefault(spelling, set()).update(of.split(", "))
    return rows


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str):
    assert f"| `logreport {name}" in _section("Commands")


@pytest.mark.parametrize(("name", "spelling"), OPTIONS)
def test_every_option_is_in_the_readme_with_its_command(name: str, spelling: str):
    assert name in _option_rows().get(spelling, set())


def test_the_readme_lists_no_option_that_is_not_there():
    real = {(spelling, name) for name, spelling in OPTIONS}
    listed = {(spelling, name) for spelling, names in _option_rows().items() for name in names}
    assert listed - real == {("-h", "all"), ("--help", "all")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str):
    assert re.search(rf"^Examples?:\n(.*\n)*? .*logreport {name}\b", _help(COMMANDS[name]), re.MULTILINE)


def _examples() -> list[list[str]]:
    found = []
    for command in COMMANDS.values():
        for line in re.findall(r"^  .*\blogreport .*$", _help(command), re.MULTILINE):
            words = shlex.split(line.rpartition("|")[2].partition(" > ")[0])
            found.append(words[words.index("logreport") + 1 :])
    return found


@pytest.mark.parametrize("words", _examples(), ids=" ".join)
def test_the_examples_in_help_are_understood(words: list[str]):
    COMMANDS[words[0]].make_context(words[0], words[1:])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str):
    without = [option.name for option in COMMANDS[name].params if isinstance(option, click.Option) and not option.help]
    assert without == []


def test_every_metric_and_its_labels_are_in_the_readme():
    import sqlalchemy as sa

    from logreport import Window
    from logreport.plugins import load_plugins

    said = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", _section("Metrics"), re.MULTILINE))
    built_in = [offer.value for offer in load_plugins().metrics if offer.plugin.startswith("logreport.")]
    labels: dict[str, str] = {}
    moment = datetime(2024, 12, 18, tzinfo=UTC)
    for metric in built_in:
        query = metric.query(Window(first=moment, last=moment))
        assert isinstance(query, sa.Select)
        labels[metric.name] = ", ".join(str(column.name) for column in query.selected_columns)
    assert said == labels


def test_every_source_is_in_the_readme():
    from logreport.plugins import load_plugins

    said = re.findall(r"^\| `([\w-]+)` \|", _section("Sources"), re.MULTILINE)
    assert said == [offer.value.name for offer in load_plugins().sources if offer.plugin.startswith("logreport.")]


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_in_the_readme_with_its_signature(name: str):
    assert f"`{name}{inspect.signature(getattr(hookspecs, name))}`".replace("'", "") in _section("Hooks")


def test_every_public_name_is_in_the_readme():
    import logreport

    missing = [name for name in logreport.__all__ if f"`{name}`" not in _section("Hooks") and name != "__version__"]
    assert missing == []


def test_what_figures_and_units_offer_is_in_the_readme():
    from logreport import figures, units

    section = _section("Hooks")
    own = [
        name
        for module in (figures, units)
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name != "TYPE_CHECKING"
        and (name.isupper() or getattr(value, "__module__", "") == module.__name__)
    ]
    assert {"labels", "PALETTE", "seconds"} <= set(own)
    assert [name for name in own if not re.search(rf"`(figures\.|units\.)?{name}\b", section)] == []


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_in_the_readme(code: ExitCode):
    assert f"\n| {int(code)} |" in _section("Exit codes")


def test_every_environment_variable_is_in_the_readme():
    files = [*CHECKOUT.glob("logreport/**/*.py"), CHECKOUT / "tests" / "conftest.py"]
    used = {
        name for file in files for name in re.findall(r"\b(LOGREPORT_[A-Z_]+|SOURCE_DATE_EPOCH)\b", file.read_text())
    }
    assert [name for name in sorted(used) if f"| `{name}` |" not in _section("Environment variables")] == []


def _shell_blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_there_are_shell_blocks_to_run():
    assert len(_shell_blocks()) >= 2


@pytest.mark.parametrize("block", _shell_blocks(), ids=lambda block: block.split("\n")[0])
def test_the_shell_blocks_of_the_readme_run(block: str, sample: Path, tmp_path: Path):
    (tmp_path / "examples").mkdir()
    shutil.copy(sample, tmp_path / "examples")
    shutil.copytree(sample.parent / "generic", tmp_path / "examples" / "generic")
    script = f'logreport() {{ "{sys.executable}" -m logreport "$@"; }}\nset -eu\n{block}'
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if "inspect" in block:
        assert "prompt_tokens ← tokensUsed.input" in done.stdout
        return
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


def _example_plugin() -> dict[str, Any]:
    """What the Python blocks of the five steps make when they stand in one file, the last one's check included."""
    section = README.partition("## Adding a metric")[2].partition("\n## ")[0]
    blocks = re.findall(r"^ {3}```python\n(.*?)^ {3}```$", section, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"__name__": "logreport_longest"}
    exec("\n".join(re.sub("^ {3}", "", block, flags=re.MULTILINE) for block in blocks), names)
    return names


def test_the_metric_of_the_five_steps_keeps_the_contract_and_is_loaded():
    from types import SimpleNamespace

    from logreport.plugins import load_plugins

    names = _example_plugin()
    plugin = SimpleNamespace(logreport_metrics=names["logreport_metrics"])
    plugins = load_plugins([("longest", plugin)])
    assert [failure for failure in plugins.failures if failure.plugin == "longest"] == []
    assert "longest_call" in [offer.value.name for offer in plugins.metrics]


def test_adding_a_metric_takes_five_numbered_steps():
    for text, heading in ((README, "## Adding a metric in five steps"), (_contributing(), "## How to add a metric")):
        section = text.partition(heading)[2].partition("\n## ")[0]
        assert re.findall(r"^(\d)\. ", section, re.MULTILINE) == ["1", "2", "3", "4", "5"]


def _contributing() -> str:
    return (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_files_that_pages_link_to_exist(name: str):
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+?)\)", text) if not link.startswith("http")]
    assert [link for link in links if not (CHECKOUT / link).exists()] == []


def test_the_make_targets_that_pages_name_exist():
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake (report|test|lint|bench|help|clean)\b", README + _contributing()))
    assert {"report", "test"} <= named
    assert [name for name in sorted(named) if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_the_changelog_has_the_version():
    from logreport import __version__

    text = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text or f"## [{__version__}]" in text

"""`logreport check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from logreport.cli import ci, options
from logreport.errors import BadInput, CannotWrite, ExitCode, LogReportError
from logreport.signs import visible

if TYPE_CHECKING:
    from logreport.cli.reporting import Done
    from logreport.gates import Gate
    from logreport.rules import CheckSettings, Rule


@click.command("check")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@options.database
@click.option("--run", metavar="NAME", help="Name of the run of these files; without files, only this run.")
@options.how
@options.careful
@options.filters
@options.baseline
@click.option(
    "--fail-on",
    "rules",
    multiple=True,
    metavar="RULE",
    help="What must hold, or the build fails: 'duration.p95 < 2s', 'errors.rate < 2%' (repeatable).",
)
@click.option("--allow-inconclusive", is_flag=True, help="Pass rules of which nobody can tell whether they hold.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 though a gate failed, or there is no rule.")
@click.option("--list", "listing", is_flag=True, help="Print every number that a rule can be about, and judge nothing.")
@click.option("--html", metavar="FILE", help="Also write the page; - for stdout.")
@options.programs
@click.option("--junit", metavar="FILE", help="Also write the gates as JUnit XML; - for stdout.")
@click.option("--comment", metavar="FILE", help="Also write the comment of a pull request, as Markdown; - for stdout.")
@click.option(
    "--annotations",
    metavar="WHERE",
    help="Also write annotations: `github` prints its commands, FILE gets GitLab's JSON. [default: github, on GitHub]",
)
@options.looks
@click.pass_context
def command(
    ctx: click.Context,
    /,
    rules: Sequence[str],
    allow_inconclusive: bool,
    exit_zero: bool,
    listing: bool,
    **typed: Any,
) -> None:
    """Judge log files, or what is in the database, by rules; fail where one is broken.

    Rules can also stand in pyproject.toml or logreport.toml, under [tool.logreport.check].

    \b
    Examples:
      logreport check logs/ --fail-on 'errors.rate < 2%' --html report.html
      logreport check logs/ --baseline main.json --fail-on 'duration.p95 <= baseline * 1.2 and significant'
      logreport check --list logs/
    """
    from logreport.rules import CheckSettings

    # Who looks for a name has no right rule yet.
    settings = CheckSettings() if listing else _settings(rules, allow_inconclusive)
    if not settings.rules and not exit_zero and not listing:
        raise LogReportError(
            "there is no rule to check by",
            "give one: --fail-on 'errors.rate < 2%'; `--list` has the names; with `--exit-zero` there need be none",
        )
    typed["baseline"] = settings.baseline if typed["baseline"] is None else typed["baseline"]
    typed["allow_missing_baseline"] |= settings.allow_missing_baseline
    done = _done(settings, typed)
    if listing:
        with _printing():
            _list(done)
        ctx.exit(ExitCode.OK if done.useful else ExitCode.FAILED)
    gates = _delivered(done, _lenient(settings.rules, done, allow_missing=typed["allow_missing_baseline"]))
    if not done.whole:
        click.echo("Error: not all of the files could be read: the gates are of a part of the calls", err=True)
        click.echo("hint: name those that are logs, or mend what is said above", err=True)
    if not done.whole or not done.useful:
        ctx.exit(ExitCode.FAILED)
    if not exit_zero and any(gate.fails for gate in gates):
        ctx.exit(ExitCode.GATE_FAILED)


def _lenient(rules: Sequence[Rule], done: Done, *, allow_missing: bool) -> list[Rule]:
    """The rules; those about a baseline that may be missing, and is, are not held against the run."""
    if done.baseline is not None or not allow_missing:
        return list(rules)
    return [replace(rule, allow_inconclusive=True) if rule.bound.relative else rule for rule in rules]


def _delivered(done: Done, rules: Sequence[Rule]) -> tuple[Gate, ...]:
    """The gates; everything that was asked for is written, whether they can be judged or not."""
    from logreport.cli.writing import write
    from logreport.gates import judge

    assert done.report.measured is not None
    try:
        gates = judge(rules, done.report.measured, done.report.cards, done.baseline)
    except LogReportError:
        write(done.report, done.wanted)
        raise
    try:
        write(replace(done.report, gates=gates), done.wanted)
    finally:
        with _printing():
            _tell(gates, err=done.wanted.stdout_is_data)
    return gates


def _settings(typed: Sequence[str], allow_inconclusive: bool) -> CheckSettings:
    """The rules that were typed and those of the project's settings."""
    from logreport.rules import CheckSettings, check_settings, rule
    from logreport.settings import setting

    said = setting(Path.cwd(), "check")
    found = check_settings(said) if said else CheckSettings()
    rules = [*found.rules, *(rule(text) for text in typed)]
    if allow_inconclusive:
        rules = [replace(one, allow_inconclusive=True) for one in rules]
    return replace(found, rules=tuple(rules))


def _done(settings: CheckSettings, typed: dict[str, Any]) -> Done:
    from logreport.cli.reporting import of_database, of_files

    if typed["files"]:
        return of_files(rules=settings.rules, **typed)
    _nothing_of_files(typed)
    run = typed.pop("run")
    return of_database(runs=(run,) if run is not None else (), rules=settings.rules, **typed)


def _nothing_of_files(typed: dict[str, Any]) -> None:
    """Takes away what is about reading files, which must not have been typed where there are none."""
    unsaid = {
        "input_timezone": "UTC",
        "source": None,
        "mapped": (),
        "origin": None,
        "strict": False,
        "rejected": None,
    }
    for name, value in unsaid.items():
        if typed.pop(name) != value:
            option = {"mapped": "map"}.get(name, name.replace("_", "-"))
            raise BadInput(f"--{option} is about reading files, and none is named", "name the log files")
    typed.pop("files")


@contextmanager
def _printing() -> Iterator[None]:
    """What is printed may go nowhere: a reader that has seen enough changes nothing of what is answered.

    Raises:
        CannotWrite: it should go somewhere, and cannot.
    """
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still held must not raise at the end
        raise CannotWrite(f"cannot write to standard output: {problem.strerror}", "is the disk full?") from problem


#: A longer name pushes its value aside.
_WIDE: Final = 64


def _list(done: Done) -> None:
    """Every name with its present value and how many calls that is of."""
    from logreport.named_numbers import measured_names, number, row_names
    from logreport.spoken import said

    report = done.report
    assert report.measured is not None
    for name in measured_names(report.measured):
        found = number(report.measured, name)
        calls = f"{found.calls:,} calls" if found.calls is not None else ""
        _line(str(name), said(found.value, found.unit), calls)
    for card in report.cards:
        for name, value in row_names(card):
            _line(str(name), said(value, None))


def _line(name: str, value: str, calls: str = "") -> None:
    click.echo(f"{visible(name):<{_WIDE}}  {value:>14}  {calls}".rstrip())


def _tell(gates: Sequence[Gate], *, err: bool) -> None:
    """A line a gate, and what it all comes to."""
    from logreport.gates import summary

    colours = {"passed": "green", "failed": "red", "inconclusive": "yellow"}
    for gate in gates:
        word = "warning" if gate.level == "warn" and gate.stands_out else gate.status
        line = f"{click.style(word, fg=colours[gate.status], bold=True)}  {visible(gate.message)}"
        click.echo(line, err=err, color=ci.colour())
        if gate.stands_out:
            click.echo(f"    rule: {visible(gate.rule.text)}", err=err)
    if gates:
        click.echo(summary(gates), err=err)

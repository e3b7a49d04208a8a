"""The command line. Each command is one thin file; errors become messages here and nowhere else."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from logreport import __version__
from logreport.errors import ExitCode, LogReportError

_COMMANDS = ("ingest", "render", "report", "compare", "check", "inspect", "serve", "plugins", "ingests", "forget")


class _Failure(click.ClickException):
    """A `LogReportError` on its way to stderr."""

    def __init__(self, error: LogReportError) -> None:
        super().__init__(error.message)
        self.__dict__["exit_code"] = error.exit_code  # Click declares it for the class, reads it from us
        self.hint = error.hint

    def show(self, file: Any = None) -> None:
        click.echo(f"Error: {self.message}", err=True)
        if self.hint:
            click.echo(f"hint: {self.hint}", err=True)


class _Commands(click.Group):
    """Loads a command's file when it is named, so that `--help` stays light."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"logreport.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LogReportError as error:
            raise _Failure(error) from error
        except (click.Abort, KeyboardInterrupt):
            click.echo("Aborted.", err=True)  # Click's own exit code for this, 1, means a failed gate here
            ctx.exit(ExitCode.FAILED)
        except BrokenPipeError:
            # The reader of our output went away; what Python still holds must not raise again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(ExitCode.FAILED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="logreport")
def main() -> None:
    """From the logs of an LLM application to one honest, self-contained HTML report.

    \b
    In one step, without a database:
      logreport report calls.json -o report.html
    \b
    Or kept in a database, to look at again:
      logreport ingest calls.json
      logreport render -o report.html
    \b
    Or judged in CI, against an earlier report:
      logreport check logs/ --baseline main.json --fail-on 'duration.p95 <= baseline * 1.2 and significant'
    """

"""What a CI server tells in its environment, and what it wants of a program that runs under it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from logreport.errors import CannotWrite

#: The word of `--annotations` that means the commands GitHub reads in what a step prints.
GITHUB: Final = "github"


def on_github() -> bool:
    """Whether this is a job of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def summary_file() -> str | None:
    """The file that GitHub Actions shows as the summary of a step."""
    return os.environ.get("GITHUB_STEP_SUMMARY") or None if on_github() else None


def job_url() -> str | None:
    """The address of a job of GitLab CI."""
    return os.environ.get("CI_JOB_URL") or None


def colour() -> bool | None:
    """Whether to print in colours: servers show them in logs, NO_COLOR forbids them; None leaves it to the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if on_github() or os.environ.get("GITLAB_CI") == "true" else None


def add_to_summary(text: str) -> None:
    """Add Markdown to the summary of the step, to which others may have written.

    Raises:
        CannotWrite: it cannot be written.
    """
    name = summary_file()
    assert name is not None
    try:
        with Path(name).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text + "\n")
    except OSError as problem:
        raise CannotWrite(f"cannot write the summary of this step, {name}: {problem.strerror}") from problem


def annotate(commands: Iterable[str], *, err: bool) -> None:
    """Print the commands, on standard error where standard output is data: GitHub reads both."""
    for command in commands:
        click.echo(command, err=err)

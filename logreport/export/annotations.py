"""Gates that stand out as annotations: lines that GitHub reads in the log of a job, and a file that GitLab reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from logreport.export.gate_names import name_of
from logreport.gates import worst
from logreport.signs import cut, visible

if TYPE_CHECKING:
    from logreport.gates import Gate
    from logreport.report import Report

#: GitHub shows ten errors and ten warnings of a step and drops the others without a word (actions/toolkit#734).
MOST: Final = 10

#: The label of a link stands in a narrow column.
_LONGEST: Final = 250


def github(report: Report, *, page: str | None) -> list[str]:
    """A line for each gate that stands out, the worst first, for standard output; `page` is where the report is.

    They are commands as GitHub's "Workflow commands for GitHub Actions" has them, at most `MOST`: where there are more
    gates, the last line says how many.
    """
    found = worst(report.gates)
    if len(found) <= MOST:
        return [_command(gate) for gate in found]
    more = len(found) - (MOST - 1)
    where = visible(page) if page else "the report"
    told = f"and {more:,} more gates that failed or are inconclusive, see {where}"
    return [*(_command(gate) for gate in found[: MOST - 1]), f"::warning title=logreport::{_data(told)}"]


def _command(gate: Gate) -> str:
    level = "error" if gate.level == "error" else "warning"
    title = f"logreport: {gate.status}: {name_of(gate)}"
    return f"::{level} title={_property(title)}::{_data(visible(gate.message))}"


def _data(text: str) -> str:
    """Escaped as `escapeData` of actions/toolkit does (packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as `escapeProperty` there does."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def gitlab(report: Report, *, page: str | None, job_url: str | None) -> str:
    """The file for `artifacts:reports:annotations`: links to the page, one more for each gate that stands out.

    GitLab's "CI/CD artifacts reports types" describes it. `page` is the path of the page among the job's artifacts and
    `job_url` what `CI_JOB_URL` says; without one of them there is nothing to link to, and the file is empty.
    """
    found: dict[str, Any] = {}
    if page and job_url:
        url = f"{job_url.rstrip('/')}/artifacts/file/{quote(PurePath(page).as_posix().lstrip('/'))}"
        found["logreport"] = [{"external_link": {"label": label, "url": url}} for label in _labels(report)]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _labels(report: Report) -> list[str]:
    return [cut(visible(text), _LONGEST) for text in (report.title, *_outstanding(worst(report.gates)))]


def _outstanding(gates: Sequence[Gate]) -> list[str]:
    told = [f"{gate.level}: {gate.message}" for gate in gates]
    return told if len(told) <= MOST else [*told[: MOST - 1], f"and {len(told) - MOST + 1:,} more gates"]

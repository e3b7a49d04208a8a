"""The report as one HTML file: templates filled in, nothing fetched, nothing that runs but what its policy names."""

from __future__ import annotations

import importlib.resources
import re
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jinja2

from logreport import plotlyjs
from logreport.errors import LogReportError
from logreport.render.chart import Charts
from logreport.render.context import Files, PageContext, page_context
from logreport.render.logo import Logo, read_logo
from logreport.signs import visible

if TYPE_CHECKING:
    from logreport.report import Report

__all__ = ["Charts", "Logo", "PageContext", "read_logo", "render_page", "templates"]

_PAGE: Final = "report.html.jinja"


def render_page(
    report: Report,
    *,
    charts: Charts = Charts.PLOTLY,
    template_folder: Path | None = None,
    logo: Logo | None = None,
    on_notice: Callable[[str], object] | None = None,
) -> str:
    """The page; templates, style and script in `template_folder` go before ours.

    `on_notice` hears, in one sentence, when the page is larger than it need be and why.

    Raises:
        LogReportError: a template of the user's is wrong; the message names its file and line.
    """
    ours = jinja2.FileSystemLoader(templates())
    theirs = [jinja2.FileSystemLoader(template_folder)] if template_folder is not None else []
    environment = jinja2.Environment(
        # By its long name a template of ours can be extended by the one that takes its place.
        loader=jinja2.ChoiceLoader([*theirs, ours, jinja2.PrefixLoader({"logreport": ours})]),
        autoescape=True,  # select_autoescape() would leave `.html.jinja` out
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["readable"] = visible
    try:
        files = Files(*(_text(environment, name) for name in ("report.css", "theme.js", "report.js", "charts.js")))
        library = plotlyjs.library() if charts is Charts.PLOTLY else None
        page = page_context(report, files, library=library, logo=logo)
        if on_notice and library and library.notice and page.plotly:
            on_notice(library.notice)
        return environment.get_template(_PAGE).render(page=page)
    except jinja2.TemplateSyntaxError as problem:
        raise _wrong(f"{problem.filename or problem.name}, line {problem.lineno}: {problem.message}") from problem
    except Exception as problem:
        place = _place(problem, [folder for folder in (template_folder, templates()) if folder is not None])
        if not place and not isinstance(problem, jinja2.TemplateError | OSError | UnicodeDecodeError):
            raise  # not the template's fault
        raise _wrong(f"{place}{str(problem) or type(problem).__name__}") from problem


def templates() -> Path:
    """Where the templates are: in the package when installed, at the top of a checkout otherwise."""
    packaged = Path(str(importlib.resources.files("logreport"))) / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "templates"


def _text(environment: jinja2.Environment, name: str) -> str:
    """The file as it is; ours without indentation and comments, which are for its authors and not for every page."""
    assert environment.loader is not None
    text, file, _ = environment.loader.get_source(environment, name)
    if file is None or Path(file).parent != templates():
        return text
    lines = (line.strip() for line in text.splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith(("//", "/* ")))
    return re.sub(r"\s*([{};,])\s*|(?<=:)\s+", r"\1", kept) if name.endswith(".css") else kept


def _place(problem: Exception, folders: Sequence[Path]) -> str:
    """Where in a template it happened: Jinja names the templates' own files and lines in its tracebacks."""
    frames = traceback.extract_tb(problem.__traceback__)
    found = [frame for frame in frames if any(Path(frame.filename).is_relative_to(folder) for folder in folders)]
    return f"{found[-1].filename}, line {found[-1].lineno}: " if found else ""


def _wrong(reason: str) -> LogReportError:
    return LogReportError(
        f"the template cannot be filled in: {reason}", "the README's section on templates lists what a template can use"
    )

"""The report as one HTML file: templates filled in, nothing fetched, nothing that runs but what its policy names."""

from __future__ import annotations

import importlib.resources
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jinja2

from logreport import plotlyjs
from logreport.errors import LogReportError
from logreport.render.chart import Charts
from logreport.render.context import Files, PageContext, drawn, page_context
from logreport.render.logo import Logo, read_logo
from logreport.signs import visible

if TYPE_CHECKING:
    from logreport.report import Report

__all__ = ["Charts", "Logo", "PageContext", "Pages", "Piece", "read_logo", "render_page", "templates"]

_PAGE: Final = "report.html.jinja"
_CARD: Final = "metric.html.jinja"


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
    return Pages(template_folder=template_folder, logo=logo).page(report, charts=charts, on_notice=on_notice)


class Piece(NamedTuple):
    """One card of a page that is alive: its HTML, the style rules of its drawing, and what Plotly draws, or None."""

    html: str
    style: str
    figure: dict[str, Any] | None


class _Text(NamedTuple):
    """A style or script as pages carry it, as long as its file stays as it is."""

    text: str
    fresh: Callable[[], bool]


class Pages:
    """Templates, those in `template_folder` before ours, filled in as a whole page or piece by piece.

    Every method raises `LogReportError` where a template of the user's is wrong; it names its file and line.
    """

    def __init__(self, *, template_folder: Path | None = None, logo: Logo | None = None) -> None:
        ours = jinja2.FileSystemLoader(templates())
        theirs = [jinja2.FileSystemLoader(template_folder)] if template_folder is not None else []
        self._environment = jinja2.Environment(
            # By its long name a template of ours can be extended by the one that takes its place.
            loader=jinja2.ChoiceLoader([*theirs, ours, jinja2.PrefixLoader({"logreport": ours})]),
            autoescape=True,  # select_autoescape() would leave `.html.jinja` out
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["readable"] = visible
        self._folders = [folder for folder in (template_folder, templates()) if folder is not None]
        self._logo = logo
        self._texts: dict[str, _Text] = {}

    def page(
        self, report: Report, *, charts: Charts = Charts.PLOTLY, on_notice: Callable[[str], object] | None = None
    ) -> str:
        """The report as one file; for `on_notice` see `render_page`."""
        with self._blaming():
            library = plotlyjs.library() if charts is Charts.PLOTLY else None
            page = page_context(report, self._files, library=library, logo=self._logo)
            if on_notice and library and library.notice and page.plotly:
                on_notice(library.notice)
            return self._environment.get_template(_PAGE).render(page=page)

    def card(self, report: Report, name: str) -> Piece:
        """One card of the report, as it stands on the page."""
        with self._blaming():
            alone = replace(report, cards=tuple(card for card in report.cards if card.name == name))
            found = drawn(alone.cards, interactive=True)
            page = page_context(replace(report, cards=()), self._files, library=None, logo=self._logo)
            html = self._environment.get_template(_CARD).render(page=page, section=found.sections[0])
            return Piece(html, found.style, found.figures.get(name))

    def blocks(self, report: Report) -> dict[str, str]:
        """The page's blocks by their names, as they are with the user's templates; `metrics` is empty."""
        with self._blaming():
            undrawn = tuple(card for card in report.cards if card.status == "empty")
            page = page_context(replace(report, cards=undrawn), self._files, library=None, logo=self._logo)
            template = self._environment.get_template(_PAGE)
            context = template.new_context({"page": page})
            for _ in template.root_render_func(context):  # only after this does the context know every block
                pass
            return {name: "".join(context.blocks[name][0](context)) for name in context.blocks}

    def text(self, name: str) -> str:
        """A style or script as a page carries it."""
        with self._blaming():
            kept = self._texts.get(name)
            if kept is None or not kept.fresh():
                kept = self._texts[name] = _text(self._environment, name)
            return kept.text

    @property
    def _files(self) -> Files:
        return Files(*(self.text(name) for name in ("report.css", "theme.js", "report.js", "charts.js")))

    @contextmanager
    def _blaming(self) -> Iterator[None]:
        """Turns what goes wrong in a template into a message that names it."""
        try:
            yield
        except LogReportError:
            raise
        except jinja2.TemplateSyntaxError as problem:
            place = f"{problem.filename or problem.name}, line {problem.lineno}"
            raise _wrong(f"{place}: {problem.message}") from problem
        except Exception as problem:
            place = _place(problem, self._folders)
            if not place and not isinstance(problem, jinja2.TemplateError | OSError | UnicodeDecodeError):
                raise  # not the template's fault
            raise _wrong(f"{place}{str(problem) or type(problem).__name__}") from problem


def templates() -> Path:
    """Where the templates are: in the package when installed, at the top of a checkout otherwise."""
    packaged = Path(str(importlib.resources.files("logreport"))) / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "templates"


def _text(environment: jinja2.Environment, name: str) -> _Text:
    """The file as it is; ours without indentation and comments, which are for its authors and not for every page."""
    assert environment.loader is not None
    text, file, fresh = environment.loader.get_source(environment, name)
    assert fresh is not None
    if file is None or Path(file).parent != templates():
        return _Text(text, fresh)
    lines = (line.strip() for line in text.splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith(("//", "/* ")))
    return _Text(re.sub(r"\s*([{};,])\s*|(?<=:)\s+", r"\1", kept) if name.endswith(".css") else kept, fresh)


def _place(problem: Exception, folders: Sequence[Path]) -> str:
    """Where in a template it happened: Jinja names the templates' own files and lines in its tracebacks."""
    frames = traceback.extract_tb(problem.__traceback__)
    found = [frame for frame in frames if any(Path(frame.filename).is_relative_to(folder) for folder in folders)]
    return f"{found[-1].filename}, line {found[-1].lineno}: " if found else ""


def _wrong(reason: str) -> LogReportError:
    return LogReportError(
        f"the template cannot be filled in: {reason}", "the README's section on templates lists what a template can use"
    )

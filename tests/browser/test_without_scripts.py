"""Where no script runs, on paper and in old browsers, every chart is drawn and every table can be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

#: What is wrong with the drawings of the page; nothing where each is there, in its card, its texts inside it.
_DRAWINGS = """() => [...document.querySelectorAll(".card .chart")].flatMap((chart) => {
  const [name, svg] = [chart.closest(".card").id, chart.querySelector("svg.drawing")];
  if (!svg) return [`${name}: no drawing`];
  const [box, card] = [svg.querySelector(".plot, g").getBoundingClientRect(), chart.closest(".card").getBoundingClientRect()];
  const wrong = [];
  if (!svg.checkVisibility({ visibilityProperty: true, opacityProperty: true })) wrong.push(`${name}: hidden`);
  if (box.width < 150 || box.height < 60) wrong.push(`${name}: ${box.width} x ${box.height}`);
  for (const text of svg.querySelectorAll("text")) {
    const { left, right, width, top, bottom } = text.getBoundingClientRect();
    if (!width) continue; // meant for narrower or wider screens
    if (left < card.left - 1 || right > card.right + 1) wrong.push(`${name}: ${text.textContent} is cut off`);
    if (top < card.top - 1 || bottom > card.bottom + 1) wrong.push(`${name}: ${text.textContent} is outside`);
  }
  return wrong;
})"""

_SHOWN = """() => [...document.querySelectorAll(".card table")].filter((table) =>
  ![...table.tBodies[0].rows].every((row) => row.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })
    && row.getBoundingClientRect().height > 5)).map((table) => table.closest(".card").id)"""

#: About what A4 has between its margins.
_PAPER = {"width": 760, "height": 1000}

#: Jenkins sends this with every file that it serves, unless it is told otherwise.
_JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self'"


@pytest.fixture
def jenkins(sample_html: str) -> Iterator[str]:
    """The address of a server that sends the page with Jenkins's policy."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = sample_html.encode() if self.path == "/" else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", _JENKINS)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def _open_tables(opened) -> None:
    for summary in opened.page.locator("summary").all():
        summary.click()


def test_with_scripts_off_charts_are_drawn_and_tables_open(sample_html: str, open_page):
    opened = open_page(sample_html, java_script_enabled=False)

    assert opened.look("[...document.querySelectorAll('button')].filter((one) => one.checkVisibility()).length") == 0
    _open_tables(opened)
    for width in (1440, 390, 320):
        opened.page.set_viewport_size({"width": width, "height": 900})
        assert opened.look(_DRAWINGS) == []
        assert opened.look(_SHOWN) == []


def test_a_thin_page_without_scripts_and_on_paper_is_whole_too(thin_html: str, open_page):
    opened = open_page(thin_html, java_script_enabled=False)
    for width in (1440, 390):
        opened.page.set_viewport_size({"width": width, "height": 900})
        assert opened.look(_DRAWINGS) == []

    opened.page.set_viewport_size(_PAPER)
    opened.page.emulate_media(media="print")
    assert opened.look(_DRAWINGS) == []
    assert opened.look(_SHOWN) == []
    assert opened.look("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_what_jenkins_leaves_of_the_page_can_be_read(jenkins: str, sample_html: str, open_page):
    opened = open_page(sample_html, load=False)
    opened.page.goto(jenkins)

    assert opened.look("getComputedStyle(document.body).display") == "block", "no style sheet applies"
    assert opened.taken == []
    assert opened.look(_DRAWINGS) == []
    _open_tables(opened)
    assert opened.look(_SHOWN) == []
    assert [url for url in opened.requests if not url.startswith((jenkins, "data:"))] == []


def test_a_browser_that_cannot_inflate_keeps_the_drawings(sample_html: str, open_page):
    opened = open_page(sample_html, init="delete window.DecompressionStream;")
    page = opened.page
    for name in opened.look("[...document.querySelectorAll('.card')].map((card) => card.id)"):
        page.locator(f"#{name}").scroll_into_view_if_needed()
        page.wait_for_timeout(60)

    assert opened.taken == []
    assert opened.look(_DRAWINGS) == []
    assert page.locator(".live").count() == 0
    assert page.locator("[data-do=png]:visible").count() == 0
    assert opened.complaints == []
    page.locator("#tokens_by_model summary").click()
    page.locator("#tokens_by_model thead button").first.click()
    assert page.locator("#tokens_by_model [aria-sort]").count() == 1


@pytest.mark.parametrize("by", ["system", "toggle"])
def test_a_dark_page_is_light_on_paper_with_every_drawing_and_every_table(sample_html: str, open_page, by: str):
    scheme = "dark" if by == "system" else "light"
    opened = open_page(sample_html, color_scheme=scheme)
    page = opened.page
    if by == "toggle":
        page.locator("#page-theme").click()
        assert opened.look("document.documentElement.dataset.theme") == "dark"
    opened.scroll_through()
    assert opened.taken

    page.set_viewport_size(_PAPER)
    page.emulate_media(media="print", color_scheme=scheme)
    page.wait_for_timeout(300)

    assert opened.look(_DRAWINGS) == []
    assert opened.look(_SHOWN) == []
    assert page.locator(".live:visible").count() == 0
    assert page.locator(":is(.live svg, .live .bars path):visible").count() == 0
    assert page.locator(".actions:visible, .quiet-button:visible, nav:visible").count() == 0
    colours = (
        "() => [document.body, document.querySelector('.card')].map((one) => getComputedStyle(one).backgroundColor)"
    )
    assert opened.look(colours) == ["rgb(255, 255, 255)"] * 2
    assert opened.look("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert opened.look("getComputedStyle(document.querySelector('.drawing .text text')).fill") in (
        "rgb(68, 68, 68)",
        "rgb(87, 96, 106)",
    )
    assert opened.complaints == []


def test_printing_closes_the_tables_again(sample_html: str, open_page):
    opened = open_page(sample_html)
    opened.scroll_through()

    paper = opened.page.pdf(format="A4")

    assert paper.startswith(b"%PDF")
    assert opened.page.locator("details[open]").count() == 0
    assert opened.complaints == []

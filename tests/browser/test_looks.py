"""Light and dark, wide and narrow: the page fits and a model has one colour everywhere."""

from __future__ import annotations

import pytest

WIDTHS = (1440, 768, 390, 320)

_GROUND = "getComputedStyle(document.body).backgroundColor"

#: What reaches beyond its card; a table may, for it scrolls by itself.
_STICKS_OUT = """() => [...document.querySelectorAll(".card, .headline > div")].flatMap((card) => {
  const { left, right } = card.getBoundingClientRect();
  return [...card.querySelectorAll("h2, p, dt, dd, .chart, .actions, .actions button, summary, .scroll")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && (box.left < left - 1 || box.right > right + 1);
  }).map((one) => `${card.id} ${one.tagName}: ${one.textContent.slice(0, 60)}`);
})"""

#: The colours of a card's bars in the order of its table, as drawn or as Plotly draws them.
_FILLS = """([name, marks]) => {
  const models = [...document.querySelectorAll(`#${name} tbody th`)].map((one) => one.textContent);
  const fills = [...document.querySelectorAll(`#${name} ${marks}`)].map((bar) => getComputedStyle(bar).fill);
  return Object.fromEntries(models.map((model, at) => [model, fills[at]]));
}"""
_MODELS = ("tokens_by_model", "prompt_vs_completion", "time_to_first_token")

#: Whether the charts have the inks of the page by now.
_SAME_INK = """[...document.querySelectorAll(".live .ytick text")].every((text) =>
  getComputedStyle(text).fill === getComputedStyle(document.querySelector(".sentence")).color)"""


def _dark(opened) -> bool:
    """Whether the page is dark, its cards and charts too."""
    colours = opened.look(
        """() => [document.body, ...document.querySelectorAll(".card, .headline > div")]
            .map((one) => getComputedStyle(one).backgroundColor)
            .concat([...document.querySelectorAll(".taken .main-svg")]
                .map((one) => getComputedStyle(one).backgroundColor).filter((colour) => !colour.endsWith(", 0)")))"""
    )
    dark = {sum(int(part) for part in colour[4:-1].split(",")) < 200 for colour in colours}
    assert len(dark) == 1, colours
    return dark.pop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_and_the_toggle_goes_before_it(sample_html: str, open_page, scheme: str):
    opened = open_page(sample_html, color_scheme=scheme)
    page = opened.page
    page.locator(".taken").first.wait_for(state="attached")
    other = "light" if scheme == "dark" else "dark"
    assert _dark(opened) is (scheme == "dark")

    page.locator("#page-theme").click()
    assert opened.until(_SAME_INK, wanted=True)
    assert _dark(opened) is (other == "dark")

    page.reload()
    assert _dark(opened) is (other == "dark")
    page.emulate_media(color_scheme=other)
    assert _dark(opened) is (other == "dark")
    page.locator("#page-theme").click()
    assert _dark(opened) is (scheme == "dark")
    assert opened.complaints == []


def test_a_system_that_turns_dark_turns_the_charts_too(sample_html: str, open_page):
    opened = open_page(sample_html, color_scheme="light")
    opened.page.locator(".taken").first.wait_for(state="attached")

    opened.page.emulate_media(color_scheme="dark")

    assert opened.until(_SAME_INK, wanted=True)
    assert _dark(opened)
    assert opened.page.locator("#page-theme").text_content() == "Light"


def test_a_browser_that_keeps_nothing_still_turns_dark(sample_html: str, open_page):
    broken = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('kept nothing'); } });"
    opened = open_page(sample_html, color_scheme="light", init=broken)

    opened.page.locator("#page-theme").click()

    assert _dark(opened)
    assert opened.complaints == []


def test_a_kept_theme_that_is_no_theme_is_ignored(sample_html: str, open_page):
    opened = open_page(sample_html, color_scheme="dark", init="localStorage.setItem('logreport-theme', '<b>');")

    assert opened.look("document.documentElement.dataset.theme ?? null") is None
    assert _dark(opened)


def test_the_document_never_scrolls_sideways(sample_html: str, open_page):
    opened = open_page(sample_html)
    for summary in opened.page.locator("summary").all():
        summary.click()
    opened.scroll_through()
    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 900})
        opened.page.wait_for_timeout(60)
        assert opened.too_wide <= 0, width


def test_a_thin_page_never_scrolls_sideways_and_nothing_sticks_out_of_its_card(thin_html: str, open_page):
    opened = open_page(thin_html)
    for summary in opened.page.locator("summary").all():
        summary.click()
    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 900})
        opened.page.wait_for_timeout(60)
        assert opened.too_wide <= 0, width
        assert opened.look(_STICKS_OUT) == [], width


def test_texts_of_a_drawing_do_not_lie_on_each_other(sample_html: str, open_page):
    opened = open_page(sample_html, java_script_enabled=False)
    for width in (1440, 390, 320):
        opened.page.set_viewport_size({"width": width, "height": 900})
        overlaps = opened.look(
            """() => [...document.querySelectorAll("svg.drawing")].flatMap((svg) => {
                const texts = [...svg.querySelectorAll("text")].map((one) => [one, one.getBoundingClientRect()])
                    .filter(([, box]) => box.width);
                return texts.flatMap(([one, a], at) => texts.slice(at + 1).filter(([, b]) =>
                    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
                    .map(([other]) => `${svg.closest(".card").id}: ${one.lastChild.data} / ${other.lastChild.data}`));
            })"""
        )
        assert overlaps == [], width


def test_a_model_has_one_colour_in_every_chart(settled):
    opened = settled(1440)
    drawn = [opened.look(_FILLS, [name, ".drawing .plot rect"]) for name in _MODELS]
    taken = [opened.look(_FILLS, [name, ".live .bars .point path"]) for name in _MODELS]

    assert len(set(drawn[0].values())) == len(drawn[0]) == 2
    assert [found == drawn[0] for found in (*drawn, *taken)] == [True] * 6


@pytest.mark.parametrize("width", [1440, 390])
def test_a_link_to_a_metric_leads_there(sample_html: str, open_page, width: int):
    opened = open_page(sample_html, width=width, fragment="#tokens_over_time")
    opened.page.wait_for_timeout(100)
    place = """() => {
      const title = document.querySelector("#tokens_over_time h2").getBoundingClientRect();
      const hit = document.elementFromPoint(title.left + 5, title.top + title.height / 2);
      return [scrollY > 0, title.top >= 0 && title.bottom <= innerHeight, Boolean(hit.closest("#tokens_over_time"))];
    }"""
    assert opened.look(place) == [True, True, True]
    opened.page.locator("#tokens_over_time .taken").wait_for(state="attached")
    opened.page.wait_for_timeout(300)
    assert opened.look(place) == [True, True, True]


def test_the_contents_lead_to_every_card_and_say_where_the_reader_is(sample_html: str, open_page):
    opened = open_page(sample_html, height=700)
    cards = opened.look("[...document.querySelectorAll('.card')].map((card) => `#${card.id}`)")

    assert opened.look("[...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href'))") == cards
    opened.page.locator("nav a[href='#temperature']").click()
    opened.page.locator("nav a[aria-current]").first.wait_for()
    assert opened.look("location.hash") == "#temperature"
    assert opened.page.locator("#temperature h2").bounding_box()["y"] < 700
    assert opened.page.locator("nav a[aria-current]").count() == 1


def test_every_card_of_a_thin_page_says_a_sentence(thin_html: str, open_page):
    opened = open_page(thin_html, java_script_enabled=False)

    for card in opened.page.locator(".card[id]:not(#what-was-read)").all():
        sentences = card.locator(".sentence, .why, .behind").all_inner_texts()
        assert len(sentences) >= 2
        for sentence in sentences:
            assert sentence[:1].isupper() or sentence[:1].isdigit()
            assert sentence.endswith((".", "?")), sentence
        drawn = card.locator("svg.drawing").count()
        assert drawn == card.locator("table").count()
        assert drawn or "Nothing to show: " in card.locator(".why").inner_text()
    ids = opened.look("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    assert "NaN" not in opened.page.locator("body").inner_text()
    assert "None" not in opened.page.locator("body").inner_text()


def test_a_page_of_no_call_has_no_chart_and_says_why(report_of, call, open_page, tmp_path):
    from datetime import UTC, datetime

    from logreport import Window
    from logreport.render import render_page

    window = Window(since=datetime(2030, 1, 1, tzinfo=UTC))
    opened = open_page(render_page(report_of([call()], folder=tmp_path, window=window)))

    (line,) = opened.page.locator(".left-out").all_inner_texts()
    assert line.endswith("Tokens over time (there is no call in this window).")
    assert opened.page.locator(".card:not(#what-was-read)").count() == 0
    assert opened.page.locator(".chart, #page-plotly").count() == 0
    assert opened.page.locator("#page-theme").is_visible()
    assert opened.complaints == []

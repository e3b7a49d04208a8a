"""Keyboard, screen reader and weak eyes: everything is reached, named and readable."""

from __future__ import annotations

import pytest

#: Texts that stand out less than 4.5:1 from what is behind them, or 3:1 where they are large.
_PALE = """() => {
  const parse = (colour) => {
    const found = colour.match(/rgba?\\(([^)]+)\\)/)?.[1].split(/[ ,/]+/).map(Number);
    return found && { rgb: found.slice(0, 3), alpha: found[3] ?? 1 };
  };
  const over = (front, back, alpha) => front.map((part, at) => part * alpha + back[at] * (1 - alpha));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((p) => (p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour?.alpha) layers.push(colour);
      if (colour?.alpha === 1) break;
    }
    return layers.reverse().reduce((below, { rgb, alpha }) => over(rgb, below, alpha), [255, 255, 255]);
  };
  const pale = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const [text, parent] = [walker.currentNode.data.trim(), walker.currentNode.parentElement];
    if (!text || parent.closest("script, style, title, desc, .skip")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    const style = getComputedStyle(parent);
    const svg = parent.closest("svg");
    const ink = parse(svg ? style.fill : style.color);
    let alpha = ink.alpha * (svg ? Number(style.fillOpacity) : 1);
    for (let one = parent; one; one = one.parentElement) alpha *= Number(getComputedStyle(one).opacity);
    if (alpha === 0) continue;
    const ground = behind(parent);
    const [a, b] = [light(over(ink.rgb, ground, alpha)), light(ground)].sort((x, y) => y - x);
    const [size, bold] = [parseFloat(style.fontSize), Number(style.fontWeight) >= 700];
    const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    if ((a + 0.05) / (b + 0.05) < least) pale.push(`${text.slice(0, 40)}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
  }
  return pale;
}"""

#: What the focus is on: a name for each kind of thing, and whether it can be seen that it is there.
_FOCUS = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const { width, height } = one.getBoundingClientRect();
  const kind = one.matches(".skip") ? "skip" : one.matches("#page-theme") ? "theme" : one.matches("nav a") ? "contents"
    : one.matches("h2 a") ? "heading" : one.dataset.do ?? (one.matches("summary") ? "summary"
    : one.matches("th button") ? "sort" : one.matches(".scroll") ? "table" : one.tagName.toLowerCase());
  return { kind, seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, there: width > 0 && height > 0,
    id: one.closest(".card")?.id ?? "" };
}"""


def test_the_keyboard_reaches_everything_and_the_focus_is_seen(sample_html: str, open_page):
    opened = open_page(sample_html)
    page = opened.page
    opened.scroll_through()
    opened.look("() => { document.querySelector('#tokens_by_model details').open = true; }")

    page.keyboard.press("Tab")
    found = [opened.look(_FOCUS)]
    for _ in range(120):
        page.keyboard.press("Tab")
        now = opened.look(_FOCUS)
        if now["kind"] == "body" or now == found[0]:
            break
        found.append(now)

    kinds = [focus["kind"] for focus in found]
    assert kinds[0] == "skip"
    assert kinds[1] == "theme"
    assert set(kinds) == {"skip", "theme", "contents", "heading", "csv", "json", "png", "summary", "sort", "table"}
    assert kinds.count("contents") == kinds.count("heading") == 7
    assert kinds.count("csv") == kinds.count("json") == kinds.count("png") == kinds.count("summary") == 6
    assert [focus for focus in found if not focus["seen"] or not focus["there"]] == []


def test_the_first_key_leads_past_the_contents(sample_html: str, open_page):
    page = open_page(sample_html).page

    page.keyboard.press("Tab")
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#page-metrics"
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('#page-metrics'))")


def test_every_drawing_is_a_picture_with_a_name(settled):
    opened = settled(1440)
    titles = opened.look(
        "[...document.querySelectorAll('.chart')].map((one) => one.closest('.card').querySelector('h2').textContent)"
    )
    drawings = opened.look(
        """() => [...document.querySelectorAll("svg.drawing")].map((svg) => [svg.getAttribute("role"),
            svg.querySelector("title").textContent,
            svg.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id)?.textContent ?? null)])"""
    )

    assert [title for _, title, _ in drawings] == titles
    for role, title, labels in drawings:
        assert role == "img"
        assert labels[0] == title
        assert all(labels)


def test_a_taken_chart_still_has_its_name(settled):
    assert 'figure "Total tokens by model"' in settled(1440).page.locator("#tokens_by_model").aria_snapshot()


@pytest.mark.parametrize("taken", [False, True], ids=["as drawn", "taken over"])
def test_every_text_stands_out(sample_html: str, open_page, taken: bool):
    opened = open_page(sample_html, java_script_enabled=taken)
    if taken:
        opened.scroll_through()
        opened.page.locator("#tokens_by_model [data-do=csv]").click()  # which says so
    for summary in opened.page.locator("summary").all():
        summary.click()

    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        assert opened.until(_PALE, []) == [], scheme


def test_every_text_of_a_thin_page_stands_out(thin_html: str, open_page):
    opened = open_page(thin_html, java_script_enabled=False)

    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        assert opened.look(_PALE) == [], scheme


def test_ids_are_unique_and_everything_pressed_has_a_name(settled):
    opened = settled(1440)
    twice = opened.look(
        """() => { const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
            return ids.filter((id, at) => ids.indexOf(id) !== at); }"""
    )
    assert twice == []
    unnamed = opened.look(
        """() => [...document.querySelectorAll("button, main a, nav a, summary")].filter((one) =>
            !(one.getAttribute("aria-label") ?? one.textContent).trim()).map((one) => one.outerHTML)"""
    )
    assert unnamed == []
    missing = opened.look(
        """() => [...document.querySelectorAll("[aria-labelledby]")].flatMap((one) =>
            one.getAttribute("aria-labelledby").split(" ")).filter((id) => !document.getElementById(id))"""
    )
    assert missing == []


def test_a_button_says_on_its_label_what_is_written_on_it(settled):
    opened = settled(1440)
    pairs = opened.look(
        "[...document.querySelectorAll('[data-do]')].map((one) => [one.textContent, one.getAttribute('aria-label') ?? one.textContent])"
    )

    assert pairs
    assert [label for text, label in pairs if not label.startswith(text)] == []
    assert len({label for _, label in pairs}) == len(pairs), "two buttons of one name"


def test_the_page_has_one_heading_and_then_one_a_card(settled):
    opened = settled(1440)

    assert opened.look("[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => one.tagName)") == [
        "H1",
        *["H2"] * 7,
    ]
    assert opened.look("document.documentElement.lang") == "en"
    assert opened.look(
        "[...document.querySelectorAll('table th')].every((one) => ['col', 'row', null].includes(one.getAttribute('scope')))"
    )
    assert opened.look("[...document.querySelectorAll('thead th')].every((one) => one.scope === 'col')")

"""Dark and narrow, on paper and by keyboard; and whatever names are in a log, nothing runs and nothing is refused."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

#: Whether body, cards, fields and charts are dark, each.
_DARK = """() => [...new Set([...document.querySelectorAll(
    "body, .card, .headline > div, .control input[type=text], .control .dash-dropdown, .presets, .taken .main-svg")]
  .map((one) => getComputedStyle(one).backgroundColor).filter((colour) => !/, 0\\)$/.test(colour))
  .map((colour) => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) < 200))]"""

#: What the focus is on, and whether that is seen.
_FOCUS = """() => {
  const one = document.activeElement;
  const name = one.matches(".dash-dropdown-focus-target") ? one.parentElement.querySelector("button").id : one.id;
  const what = name || (one.type === "radio" ? one.name : one.closest("nav") ? "contents" : one.className || one.localName);
  const around = one.type === "radio" ? one.closest("label") : one;
  const seen = [around, one.parentElement, one.parentElement?.querySelector(".dash-dropdown")].some((place) => {
    const style = place && getComputedStyle(place);
    return style && ((style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none");
  });
  return [what, seen];
}"""

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "model-\u202egpj.exe\u2066\u2069",
    "".join(map(chr, range(1, 0x20))) + "\x7f",
    "L" * 2000,
    "__proto__",
    "constructor",
    "'\"&lt;b&gt; %{x} {{ 7 * 7 }} ${7 * 7}",
    "=HYPERLINK(1)",
    "a&model=b#c?d+e%20f|g",
)

#: Calls of these names have 100, 101, … tokens.
_TOKENS = {name: 100 + at for at, name in enumerate(HOSTILE)}


@pytest.fixture
def hostile(tmp_path: Path, call_record, ingest, serve):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    records = (
        call_record(f"2024-12-18 10:00:{at:02}", name, tokens, name)
        for at, (name, tokens) in enumerate(_TOKENS.items())
    )
    ingest(url, *records, run=HOSTILE[0])
    return serve(url, "--title", HOSTILE[1])


# ---------------------------------------------------------------- light and dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dashboard_follows_the_system_until_the_button_is_pressed(calls_server, view, scheme: str):
    viewer = view(calls_server, color_scheme=scheme)
    viewer.sees(calls="11")
    viewer.taken("tokens_by_model")
    other = "light" if scheme == "dark" else "dark"
    assert viewer.until(_DARK, [scheme == "dark"]) == [scheme == "dark"]

    viewer.page.get_by_role("button", name=f"Show the page in {other} colours").click()
    assert viewer.until(_DARK, [other == "dark"]) == [other == "dark"]
    viewer.preset("Day")
    viewer.sees(calls="5")
    assert viewer.until(_DARK, [other == "dark"]) == [other == "dark"]

    viewer.page.reload()
    viewer.sees(calls="5")
    assert viewer.until(_DARK, [other == "dark"]) == [other == "dark"]
    assert viewer.page.get_by_role("button", name=f"Show the page in {scheme} colours").is_visible()
    assert viewer.complaints == []


def test_an_open_list_has_the_colours_of_the_page(calls_server, view):
    viewer = view(calls_server, color_scheme="dark")
    viewer.sees(calls="11")

    viewer.page.locator("#page-models").click()
    viewer.page.locator(".dash-dropdown-option").first.wait_for()

    colours = viewer.look(
        """() => [".dash-dropdown-content", ".dash-dropdown-option", ".dash-dropdown-search"].map((one) => {
            const style = getComputedStyle(document.querySelector(one));
            return style.color.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
        })"""
    )
    assert min(colours) > 450, "light on dark"
    ground = viewer.look("getComputedStyle(document.querySelector('.dash-dropdown-content')).backgroundColor")
    assert ground == viewer.look("getComputedStyle(document.querySelector('.card')).backgroundColor")


# ---------------------------------------------------------------- narrow, and on paper


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_scrolls_only_downwards_and_has_every_control(calls_server, view, width: int):
    viewer = view(calls_server, width=width, height=800, has_touch=True, is_mobile=True)
    viewer.sees(calls="11")
    assert viewer.look(_TOO_WIDE) <= 0

    for control in viewer.page.locator("#page-controls :is(.dash-dropdown, input[type=text], .presets label)").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 43, "a finger wide"
    viewer.page.locator(".presets").get_by_text("Week", exact=True).tap()
    viewer.sees(calls="8", search="?last=1w")
    viewer.page.locator("#page-models").tap()
    options = viewer.page.locator(".dash-dropdown-content")
    options.wait_for()
    box = options.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert viewer.look(_TOO_WIDE) <= 0
    options.get_by_text("large", exact=True).tap()
    viewer.page.keyboard.press("Escape")
    viewer.sees(calls="3", tokens="600")
    viewer.taken("tokens_over_time")
    viewer.page.locator("#tokens_by_model summary").tap()
    assert viewer.look(_TOO_WIDE) <= 0
    assert viewer.complaints == []


@pytest.mark.parametrize("width", [1600, 1280, 1024, 390])
def test_what_is_chosen_can_be_read_in_the_control(calls_server, view, width: int):
    viewer = view(calls_server, "?model=large&timezone=Europe/Berlin&bucket=15m&since=2024-12-18T10:00", width=width)
    viewer.sees(calls="1")

    shown = viewer.look(
        """[...document.querySelectorAll("#page-controls :is(.dash-dropdown-value, input[type=text])")].map(
            (one) => [one.value ?? one.textContent, one.scrollWidth <= one.clientWidth])"""
    )
    assert [text for text, _ in shown] == ["2024-12-18T10:00", "", "Europe/Berlin", "15 minutes", "large", "All", "All"]
    assert [text for text, whole in shown if not whole] == []


@pytest.mark.parametrize("width", [390, 320])
def test_many_long_choices_and_a_message_fit_on_a_phone(calls_server, view, width: int):
    names = "&".join(f"model=an-organisation/some-model-family-instruct-of-a-very-long-name-{at}" for at in range(8))
    viewer = view(calls_server, f"?{names}&since=2024-12-18T10:00:00.000001%2B05:30", width=width)

    viewer.sees(calls="0")
    assert viewer.look(_TOO_WIDE) <= 0
    viewer.go("?timezone=" + "x" * 300)
    viewer.page.locator("#page-message a").wait_for()
    assert viewer.look(_TOO_WIDE) <= 0


def test_paper_has_the_numbers_and_no_controls(calls_server, view):
    viewer = view(calls_server, "?last=1w")
    viewer.sees(calls="8")

    viewer.page.emulate_media(media="print")

    for gone in ("#page-controls", "#page-download", "#page-theme", "#page-banner", "nav", ".actions"):
        assert viewer.page.locator(f"{gone}:visible").count() == 0, gone
    assert viewer.page.locator(".headline").is_visible()
    assert viewer.page.locator(".card:visible").count() == 4
    assert "Temperature" in viewer.page.locator("#page-left-out").inner_text()
    viewer.look("dispatchEvent(new Event('beforeprint'))")
    assert viewer.page.locator("details:not([open])").count() == 0
    viewer.look("dispatchEvent(new Event('afterprint'))")
    assert viewer.page.locator("details[open]").count() == 0


# ---------------------------------------------------------------- keyboard and screen reader


def test_every_control_says_what_it_is_for(calls_server, view):
    viewer = view(calls_server)
    viewer.sees(calls="11")
    controls = viewer.page.get_by_role("region", name="What is shown")

    for name in ("From", "Until"):
        assert controls.get_by_role("textbox", name=name, exact=True).count() == 1
    for name in ("All", "Hour", "Day", "Week", "4 weeks"):
        assert controls.get_by_role("group", name="Newest").get_by_role("radio", name=name, exact=True).count() == 1
    found = [button.aria_snapshot() for button in controls.get_by_role("button").all()]
    labels = ("Time zone", "Step", "Models", "Request types", "Runs")
    assert [label for label, one in zip(labels, found, strict=True) if label not in one] == []


def test_a_list_says_by_its_name_what_is_chosen_too(calls_server, view):
    viewer = view(calls_server, "?model=small&bucket=1d")
    viewer.sees(calls="5")

    buttons = viewer.page.get_by_role("region", name="What is shown").get_by_role("button")
    assert "1 day" in buttons.nth(1).aria_snapshot()
    assert "small" in buttons.nth(2).aria_snapshot()


def test_the_keyboard_reaches_the_controls_in_their_order(calls_server, view):
    viewer = view(calls_server)
    viewer.sees(calls="11")

    found = []
    for _ in range(12):
        viewer.page.keyboard.press("Tab")
        found.append(viewer.look(_FOCUS))

    assert [what for what, _ in found] == [
        *("skip", "page-download", "page-theme"),
        *("page-last", "page-since", "page-until", "page-timezone", "page-bucket"),
        *("page-models", "page-request-types", "page-runs", "contents"),
    ]
    assert [what for what, seen in found if not seen] == [], "where the focus is not seen"


def test_a_window_is_chosen_by_keyboard_alone(calls_server, view):
    viewer = view(calls_server)
    viewer.sees(calls="11")
    keyboard = viewer.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(15):
            if viewer.look(_FOCUS)[0] == name:
                return
            keyboard.press("Tab")
        raise AssertionError(name)

    tab_to("page-last")
    keyboard.press("ArrowRight")
    viewer.sees(calls="3", search="?last=1h")
    tab_to("page-since")
    keyboard.type("2024-12-17", delay=50)
    tab_to("page-models")  # a field that is left is read
    viewer.sees(calls="6", search="?since=2024-12-17", since="2024-12-17", preset="")
    keyboard.press("Enter")
    viewer.page.locator(".dash-dropdown-option").first.wait_for()
    keyboard.type("large")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    keyboard.press("Escape")
    viewer.sees(calls="3", tokens="600", search="?since=2024-12-17&model=large")
    assert viewer.until(f"({_FOCUS})()[0]", "page-models") == "page-models", "the focus comes back"
    assert viewer.complaints == []


def test_ids_are_unique_and_there_is_one_heading_of_the_page(calls_server, view):
    viewer = view(calls_server)
    viewer.sees(calls="11")

    assert (
        viewer.look(
            """() => { const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
            return ids.filter((id, at) => ids.indexOf(id) !== at); }"""
        )
        == []
    )
    assert viewer.page.locator("h1").count() == 1
    assert (
        viewer.look(
            """() => [...document.querySelectorAll("[aria-labelledby]:not(.dash-dropdown)")].flatMap((one) =>
            one.getAttribute("aria-labelledby").split(" ")).filter((id) => !document.getElementById(id))"""
        )
        == []
    )
    assert [viewer.page.locator(f"#{one}").get_attribute("role") for one in ("page-message", "page-banner")] == [
        "alert",
        "alert",
    ]
    assert viewer.page.locator("#page-said").get_attribute("role") == "status"


# ---------------------------------------------------------------- nothing runs, nothing is refused


def test_hostile_names_are_text_wherever_they_stand(hostile, view):
    viewer = view(hostile)
    found = viewer.sees(calls="10", tokens="1,045")
    assert found["by_type"][HOSTILE[0]] == "1"
    assert found["by_model"]["__proto__"] == "105"
    for card in ("tokens_by_model", "request_types"):
        viewer.taken(card)
        for bar in viewer.page.locator(f"#{card} .live .bars path").all():
            box = bar.bounding_box()
            viewer.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            viewer.page.locator(f"#{card} .live .hoverlayer .hovertext").first.wait_for()

    viewer.page.locator("#page-models").click()
    options = viewer.page.locator(".dash-dropdown-content .dash-dropdown-option")
    options.first.wait_for()
    assert options.count() == len(HOSTILE)
    assert max(len(text) for text in options.all_text_contents()) <= 110
    for at in range(options.count()):
        options.nth(at).click()
    viewer.page.keyboard.press("Escape")

    viewer.sees(calls="10", tokens="1,045")
    text = viewer.look("document.documentElement.textContent")
    assert [mark for mark in (*map(chr, range(1, 9)), *"\x7f\u202e\u2066\u2069") if mark in text] == []
    assert viewer.look("document.querySelectorAll('main img, #page-controls img, [onerror], main b').length") == 0
    assert viewer.complaints == []


def test_a_hostile_name_is_found_again_by_its_address(hostile, view):
    viewer = view(hostile, load=False)
    for name, tokens in _TOKENS.items():
        viewer.go(f"?{urlencode({'model': name})}")
        viewer.sees(calls="1", tokens=str(tokens))
        assert viewer.until("document.querySelectorAll('#page-models-value .dash-dropdown-value-item').length", 1) == 1
        assert viewer.look("new URLSearchParams(location.search).getAll('model')") == [name]
        assert viewer.complaints == []


def test_a_viewer_who_does_everything_is_refused_nothing(calls_server, view):
    viewer = view(calls_server, permissions=["clipboard-read", "clipboard-write"])
    page = viewer.page
    viewer.sees(calls="11")
    viewer.taken("tokens_over_time")
    viewer.taken("tokens_by_model")
    bar = page.locator("#tokens_by_model .live .bars path").first.bounding_box()
    page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.locator("#tokens_by_model .live .hoverlayer .hovertext").first.wait_for()
    viewer.drag("tokens_by_model", 0.2, 0.5)
    zoom = page.locator("#tokens_by_model [data-do=zoom]")
    zoom.wait_for()
    assert viewer.range[0] > 0
    zoom.click()
    zoom.wait_for(state="hidden")
    with page.expect_download() as waited:
        page.locator("#tokens_by_model [data-do=png]").click()
    assert Path(waited.value.path()).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    page.locator("#tokens_by_model [data-do=csv]").click()
    page.locator("#page-said", has_text="Copied").wait_for()
    assert viewer.look("navigator.clipboard.readText()").splitlines()[:2] == ["model,tokens", "old,6000"]
    page.locator("#tokens_by_model summary").click()
    page.locator("#tokens_by_model thead button").first.click()
    page.locator("#page-theme").click()
    viewer.choose("timezone", "Asia/Kathmandu", search="Kath")
    viewer.sees(calls="11", timezone=["Asia/Kathmandu"])
    for width, height in ((390, 844), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert viewer.until(_TOO_WIDE, 0) <= 0
    for search in ("?since=2030", "?since=2030-01-01", "?last=1h"):  # no window, nothing to show, all again
        viewer.go(search)
    viewer.sees(calls="3")

    assert viewer.complaints == []


def test_everything_comes_from_the_server_with_a_policy(calls_server, view):
    viewer = view(calls_server, load=False)
    answers = []
    viewer.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it is given
    viewer.go()
    viewer.sees(calls="11")

    assert len(answers) > 10
    for answer in answers:
        if answer.url.startswith(("data:", "blob:")):
            continue
        assert answer.url.startswith(viewer.server.url)
        assert answer.status in (200, 204)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert not re.search(r"script-src[^;]*unsafe", policy)
        assert answer.headers["x-content-type-options"] == "nosniff"

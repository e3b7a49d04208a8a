"""Views: right numbers, asked once for all who want them, dropped when the data change."""

from __future__ import annotations

import threading

import pytest

from logreport import Metric
from logreport.errors import BadWindow, CannotConnect
from logreport.metrics import tokens_by_model
from logreport.plugins import load_plugins
from logreport.render import Pages
from logreport.serve.address import asked
from logreport.serve.views import KEPT, Outdated, Views

PATIENCE = 60


def _rows(views: Views, search: str, metric: str = "tokens_by_model") -> list[dict[str, object]]:
    return views.view(asked(search)).cards[metric].result(PATIENCE)[0].rows


@pytest.mark.parametrize(
    ("search", "rows"),
    [
        ("", [{"model": "large", "tokens": 100}, {"model": "small", "tokens": 30}]),
        ("?model=small", [{"model": "small", "tokens": 30}]),
        ("?request_type=json", [{"model": "small", "tokens": 20}]),
        ("?since=2024-12-18T11:00&until=2024-12-19", [{"model": "small", "tokens": 20}]),
        (
            "?since=2024-12-18T12:00&timezone=Europe/Berlin",
            [{"model": "large", "tokens": 100}, {"model": "small", "tokens": 20}],
        ),
        ("?last=1d", [{"model": "large", "tokens": 100}]),
        ("?last=25h", [{"model": "large", "tokens": 100}, {"model": "small", "tokens": 20}]),
        ("?run=one&model=large", [{"model": "large", "tokens": 100}]),
        ("?run=none", []),
    ],
)
def test_a_view_has_the_numbers_of_its_window(views: Views, search: str, rows: list[dict[str, object]]) -> None:
    assert _rows(views, search) == rows


def test_the_step_is_the_one_asked_for(views: Views) -> None:
    days = _rows(views, "?bucket=1d", "tokens_over_time")

    assert days == [
        {"bucket": "2024-12-18T00:00:00+00:00", "tokens": 30},
        {"bucket": "2024-12-19T00:00:00+00:00", "tokens": 100},
    ]


def test_the_same_window_is_asked_once(views: Views) -> None:
    one = views.view(asked("?model=small"))

    assert views.view(asked("?model=small")) is one
    assert views.kept(asked("?model=small"), one.version) is one
    assert views.kept(asked("?model=small"), "another version") is None
    assert views.view(asked("?model=large")) is not one


def test_an_ingest_empties_the_cache(views: Views, database_url: str, load) -> None:
    before = views.view(asked(""))
    views.report(before)

    load(database_url, {"created": "2024-12-20 10:00:00", "model": "new", "metrics": {"tokens": 1000}})

    after = views.view(asked(""))
    assert after.version != before.version
    assert _rows(views, "")[0] == {"model": "new", "tokens": 1000}
    assert views.kept(asked(""), before.version) is None
    assert views.state()[1].models == ("large", "new", "small")
    assert _rows(views, "?last=1d") == [{"model": "new", "tokens": 1000}, {"model": "large", "tokens": 100}]


def test_an_answer_about_other_data_than_its_view_is_kept_for_nobody(views: Views) -> None:
    view = views.view(asked(""))
    views.report(view)
    view.moved = view.worn = True

    assert views.kept(asked(""), view.version) is None
    assert views.view(asked("")) is not view


def test_what_nobody_can_want_any_more_is_not_asked(postgresql: str, load) -> None:
    load(postgresql, {"created": "2024-12-18 10:00:00", "model": "a", "metrics": {"tokens": 1}})
    plain = tokens_by_model.METRIC
    gate, drawn = threading.Event(), []

    def slow(frame):
        drawn.append(len(frame))
        gate.wait(PATIENCE)
        return plain.figure(frame)

    late = Metric(name="late", title="Late", description="Late.", requires=("tokens",), query=plain.query, figure=slow)
    views = Views(postgresql, [(late, "test")], Pages(), title="t", timezone="UTC")
    old = [views.view(asked(f"?model=a&model={number}")) for number in range(6)]
    while len(drawn) < 2:
        threading.Event().wait(0.01)

    load(postgresql, {"created": "2024-12-18 11:00:00", "model": "a", "metrics": {"tokens": 4}})
    new = views.view(asked("?model=a"))
    gate.set()

    assert new.cards["late"].result(PATIENCE)[0].rows == [{"model": "a", "tokens": 5}]
    assert [type(view.cards["late"].exception(PATIENCE)) for view in old].count(Outdated) == 4
    assert len(drawn) == 3
    views.close()


def test_the_choices_are_those_of_all_that_is_stored(views: Views) -> None:
    choices = views.state()[1]

    assert choices.models == ("large", "small")
    assert choices.request_types == ("json", "text")
    assert choices.runs == ("one",)


def test_the_page_of_a_view_is_the_page_of_its_window(views: Views) -> None:
    page = views.page(views.view(asked("?model=small&timezone=Europe/Berlin")))

    assert page.startswith("<!doctype html>")
    assert "models small" in page
    assert "2024-12-18 11:00:00 to 2024-12-18 12:30:00 (Europe/Berlin)" in page
    assert ">large<" not in page


def test_the_parts_around_the_cards_are_those_of_the_page(views: Views) -> None:
    blocks = views.blocks(views.view(asked("?model=small")))

    assert "<h1>LLM report</h1>" in blocks["title"]
    assert '<dl class="headline">' in blocks["headline"]
    assert "Shown: models small." in blocks["shown"]
    assert 'id="what-was-read"' in blocks["read"]


def test_a_bad_window_is_a_message_and_a_step_too_small_as_well(views: Views) -> None:
    with pytest.raises(BadWindow, match="unknown time zone"):
        views.view(asked("?timezone=nowhere"))
    view = views.view(asked("?bucket=1s"))
    with pytest.raises(BadWindow, match=r"gives .* points"):
        view.outline.result(PATIENCE)
    for future in view.futures:
        assert isinstance(future.exception(PATIENCE), BadWindow)


def test_no_more_views_are_kept_than_said(views: Views) -> None:
    first = views.view(asked("?model=0"))
    for number in range(1, KEPT + 1):
        views.view(asked(f"?model={number}"))

    assert views.kept(asked("?model=0"), first.version) is None
    assert views.kept(asked(f"?model={KEPT}"), first.version) is not None


def test_a_slow_metric_holds_up_no_other(database_url: str, load) -> None:
    load(database_url, {"created": "2024-12-18 10:00:00", "model": "a", "metrics": {"tokens": 1}})
    gate = threading.Event()

    def slow(frame):
        gate.wait(PATIENCE)
        return tokens_by_model.METRIC.figure(frame)

    plain = tokens_by_model.METRIC
    late = Metric(name="late", title="Late", description="Late.", requires=("tokens",), query=plain.query, figure=slow)
    views = Views(database_url, [(late, "test"), (plain, "test")], Pages(), title="t", timezone="UTC")

    for number in range(20):
        views.view(asked(f"?model=a&model={number}"))
    view = views.view(asked("?model=a"))

    assert view.cards["tokens_by_model"].result(PATIENCE)[0].rows == [{"model": "a", "tokens": 1}]
    assert not view.cards["late"].done()
    gate.set()
    assert view.cards["late"].result(PATIENCE)[0].status == "ok"
    views.close()


def test_a_metric_that_fails_costs_its_own_card(database_url: str, load) -> None:
    load(database_url, {"created": "2024-12-18 10:00:00", "model": "a", "metrics": {"tokens": 1}})
    plain = tokens_by_model.METRIC
    bad = Metric(
        name="bad", title="Bad", description="Bad.", requires=(), query=lambda window: 1 / 0, figure=plain.figure
    )
    views = Views(database_url, [(bad, "test"), (plain, "test")], Pages(), title="t", timezone="UTC")

    report = views.report(views.view(asked("")))

    assert [card.status for card in report.cards] == ["failed", "ok"]
    views.close()


def test_without_a_database_each_question_is_told_so(tmp_path) -> None:
    metrics = [(offer.value, offer.plugin) for offer in load_plugins().metrics]
    views = Views(f"duckdb:///{tmp_path / 'none.duckdb'}", metrics, Pages(), title="t", timezone="UTC")

    for ask in (views.ping, views.state, lambda: views.view(asked(""))):
        with pytest.raises(CannotConnect):
            ask()

"""What the server answers: to browsers that show the dashboard, and to whoever tries something else."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from concurrent.futures import Future
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from logreport.metrics import tokens_by_model
from logreport.plugins import load_plugins
from logreport.render import Pages
from logreport.serve.address import asked
from logreport.serve.app import make_app
from logreport.serve.policy import policy
from logreport.serve.routes import add_routes
from logreport.serve.views import Views

UPDATE = "/_dash-update-component"


@pytest.fixture
def dash(views: Views) -> Dash:
    app = make_app(views, title="LLM report", refresh=None)
    add_routes(app, views, Pages())
    return app


@pytest.fixture
def client(dash: Dash) -> FlaskClient:
    return dash.server.test_client()


def asked_of(dash: Dash, output: str, **values: Any) -> dict[str, Any]:
    """What a browser sends for the callback with this output; values by the id of the component."""
    (name,) = (name for name in dash.callback_map if output in name and "data-view" not in name)
    known = dash.callback_map[name]

    def filled(parts: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [part | {"value": values.get(part["id"])} for part in parts]

    outputs = [dict(zip(("id", "property"), one.rsplit(".", 1), strict=True)) for one in name.strip(".").split("...")]
    return {
        "output": name,
        "outputs": outputs if name.startswith("..") else outputs[0],
        "inputs": filled(known["inputs"]),
        "state": filled(known["state"]),
        "changedPropIds": [],
    }


def look(client: FlaskClient, dash: Dash, search: str) -> dict[str, Any]:
    answer = client.post(UPDATE, json=asked_of(dash, "page-view.data", **{"page-address": search}))
    assert answer.status_code == 200
    return json.loads(answer.data)["response"]


def test_a_view_and_a_card_of_it(client: FlaskClient, dash: Dash) -> None:
    found = look(client, dash, "?model=small")
    seen = {name: found[name]["data"] for name in ("page-view", "page-version")}

    answer = client.post(UPDATE, json=asked_of(dash, "answer-tokens_by_model.data", **seen))
    card = json.loads(answer.data)["response"]["answer-tokens_by_model"]["data"]

    assert found["page-message"]["children"] == ""
    assert found["page-models"]["value"] == ["small"]
    assert [one["value"] for one in found["page-models"]["options"]] == ["large", "small"]
    assert found["page-download"]["href"] == "/report.html?model=small"
    assert card["view"] == f"?model=small|{seen['page-version']}"
    assert "2 calls stand behind this chart." in card["html"]
    assert card["figure"]["data"][0]["x"] == [30]
    assert ".drawing" in card["style"]


def test_news_are_a_newer_state_of_the_data_and_nothing_else(
    client: FlaskClient, dash: Dash, database_url: str, load
) -> None:
    seen = {name: look(client, dash, "?model=small")[name]["data"] for name in ("page-view", "page-version")}

    def news(source: str, **values: Any) -> Any:
        wanted = asked_of(dash, "page-version.data@", **seen, **values) | {"changedPropIds": [source]}
        return client.post(UPDATE, json=wanted)

    assert news("page-tick.n_intervals").status_code == 204
    again = json.loads(news("page-again.data", **{"page-again": 7}).data)["response"]
    assert again["page-version"]["data"] == seen["page-version"]
    assert again["page-served"]["data"] == 7
    # A tick takes the place of what was asked for before it was answered.
    assert news("page-tick.n_intervals", **{"page-again": 7}).status_code == 200
    assert news("page-tick.n_intervals", **{"page-again": 7, "page-served": 7}).status_code == 204

    load(database_url, {"created": "2024-12-20 10:00:00", "model": "new", "metrics": {"tokens": 1}})
    found = json.loads(news("page-tick.n_intervals").data)["response"]

    assert found["page-version"]["data"] != seen["page-version"]
    assert [one["value"] for one in found["page-models"]["options"]] == ["large", "new", "small"]
    assert "page-address" not in found
    assert "value" not in found["page-models"]


def test_what_takes_long_is_told(client: FlaskClient, dash: Dash, views: Views, monkeypatch) -> None:
    found = look(client, dash, "")
    seen = {name: found[name]["data"] for name in ("page-view", "page-version")}
    cards = views.view(asked("")).cards
    cards["temperature"].result(60)  # before, the card would be made into whatever stands in its place
    cards["temperature"] = Future()
    monkeypatch.setattr("logreport.serve.views.PATIENCE", 0.05)

    answer = client.post(UPDATE, json=asked_of(dash, "answer-temperature.data", **seen))

    told = json.loads(answer.data)["response"]["answer-temperature"]["data"]
    assert told == {"gone": "The database takes long to answer."}
    assert client.get("/report.html").status_code == 503


def test_new_data_can_make_a_step_too_small(client: FlaskClient, dash: Dash, database_url: str, load) -> None:
    load(database_url, {"created": "2025-12-20 10:00:00", "model": "new", "metrics": {"tokens": 1}})
    seen = {"page-view": "?bucket=5m", "page-version": "of before"}

    answer = client.post(UPDATE, json=asked_of(dash, "answer-temperature.data", **seen))

    told = json.loads(answer.data)["response"]["answer-temperature"]["data"]["bad"]
    assert "points over this span; " in told


def test_the_page_to_take_along_is_about_one_state_of_the_data(postgresql: str, load) -> None:
    load(postgresql, {"created": "2024-12-18 10:00:00", "model": "a", "metrics": {"tokens": 1}})
    plain, asked_before = tokens_by_model.METRIC, []

    def query(window):
        if not asked_before:
            asked_before.append(window)
            load(postgresql, {"created": "2024-12-18 11:00:00", "model": "a", "metrics": {"tokens": 4}})
        return plain.query(window)

    views = Views(postgresql, [(replace(plain, query=query), "test")], Pages(), title="t", timezone="UTC")
    app = make_app(views, title="t", refresh=None)
    add_routes(app, views, Pages())

    page = app.server.test_client().get("/report.html").text

    assert "2 calls stand behind this chart." in page
    assert re.search(r"<dt>tokens</dt>\s*<dd[^>]*>5</dd>", page)
    views.close()


def test_what_is_chosen_before_the_first_answer_is_added_to_the_address(client: FlaskClient, dash: Dash) -> None:
    chosen = asked_of(dash, "page-view.data", **{"page-address": "?model=small&since=2024-12-18", "page-bucket": "1h"})
    answer = client.post(UPDATE, json=chosen | {"changedPropIds": ["page-bucket.value"]})

    found = json.loads(answer.data)["response"]["page-address"]["search"]
    assert found == "?since=2024-12-18&model=small&bucket=1h"


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ("?bogus=1", "unknown part: bogus"),
        ("?since=yesterday", "not a time: yesterday"),
        ("?timezone=Atlantis", "unknown time zone: Atlantis"),
        ("?bucket=1s", "points over this span"),
        ("?until=2024-12-01&since=2024-12-02", "not after"),
        ("?model=%00", "NUL"),
        ("?" + "x" * 9000, "too long"),
    ],
)
def test_a_bad_window_is_a_message_wherever_it_is(client: FlaskClient, dash: Dash, search: str, says: str) -> None:
    found = look(client, dash, search)
    page = client.get(f"/report.html{search}")
    seen = {"page-view": search, "page-version": ""}
    card = client.post(UPDATE, json=asked_of(dash, "answer-temperature.data", **seen))

    assert says in found["page-message"]["children"][0]
    assert "page-view" not in found
    assert page.status_code == 400
    assert says in page.text
    assert card.status_code == 200


@pytest.mark.parametrize(
    "search",
    [
        "?model=%ff%fe",
        "?model=%ED%A0%80",
        "?model=';DROP TABLE metrics;--",
        "?run=%27%22%5C%25_",
        "?model=" + "a" * 7000,
    ],
)
def test_a_strange_name_is_a_name(client: FlaskClient, dash: Dash, search: str) -> None:
    assert look(client, dash, search)["page-message"]["children"] == ""
    page = client.get(f"/report.html{search}")
    assert page.status_code == 200
    assert "there is no call in this window" in page.text


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"{}", b'{"output":"a.b","outputs":{},"inputs":[]}', b'{"output":["a"]}', b"\xff\xfe"],
)
def test_what_no_browser_asks_for_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post(UPDATE, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"


def test_parts_that_are_wrong_or_missing_are_refused(client: FlaskClient, dash: Dash) -> None:
    right = asked_of(dash, "page-view.data")
    for wrong in (
        {"inputs": []},
        {"inputs": right["inputs"][:-1]},
        {"inputs": [5] * len(right["inputs"])},
        {"inputs": list(reversed(right["inputs"]))},
        {"state": []},
        {"outputs": 5},
    ):
        assert client.post(UPDATE, json=right | wrong).status_code == 400, wrong


@pytest.mark.parametrize("value", [5, "x", ["?"], {"search": {"a": 1}, "version": [1]}, {"search": 5}, {}])
def test_values_of_another_kind_do_no_harm(client: FlaskClient, dash: Dash, value: Any) -> None:
    for seen in ({"page-view": value, "page-version": ""}, {"page-view": "", "page-version": value}):
        assert client.post(UPDATE, json=asked_of(dash, "answer-temperature.data", **seen)).status_code < 500
    changed = asked_of(dash, "page-view.data", **{"page-address": "", "page-models": value, "page-since": value})
    changed["changedPropIds"] = ["page-models.value"]
    assert client.post(UPDATE, json=changed).status_code < 500
    dragged = asked_of(dash, "page-view.data", **{"page-address": "", "page-dragged": value})
    dragged["changedPropIds"] = ["page-dragged.data"]
    assert client.post(UPDATE, json=dragged).status_code < 500


def test_other_addresses_are_not_the_dashboard(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    for path in ("/nope", "/report", "/look/secret.py", "/look/..%2Fcli", "/favicon.ico", "/_mcp"):
        assert client.get(path).status_code == 404, path


def test_styles_and_scripts_are_asked_for_again_and_sent_once(client: FlaskClient) -> None:
    for name in ("report.css", "dashboard.css", "theme.js", "report.js", "charts.js", "dashboard.js", "plotly.js"):
        first = client.get(f"/look/{name}")
        assert first.status_code == 200
        assert client.get(f"/look/{name}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert b"Plotly" in gzip.decompress(client.get("/look/plotly.js").data)


def test_the_policy_lets_run_what_the_page_has_inline(client: FlaskClient, dash: Dash) -> None:
    said = policy(dash.csp_hashes())

    assert "script-src 'self' 'sha256-" in said
    assert "unsafe-eval" not in said
    assert "'unsafe-inline'" not in said.partition("style-src")[0]
    assert "style-src-attr 'none'" in said
    inline = re.findall(r"<script(?! src)([^>]*)>(.*?)</script>", client.get("/").text, re.DOTALL)
    run = [text for kind, text in inline if "application/json" not in kind]
    assert [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in said for text in run] == [True]


def test_what_is_served_is_well_while_its_database_is(client: FlaskClient, tmp_path) -> None:
    assert client.get("/healthz").status_code == 200

    metrics = [(offer.value, offer.plugin) for offer in load_plugins().metrics]
    lost = Views(f"duckdb:///{tmp_path / 'none.duckdb'}", metrics, Pages(), title="t", timezone="UTC")
    app = make_app(lost, title="t", refresh=None)
    add_routes(app, lost, Pages())
    answer = app.server.test_client().get("/healthz")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert app.server.test_client().get("/report.html").status_code == 503
    found = look(app.server.test_client(), app, "")
    assert "there is no database" in found["page-gone"]["data"]["gone"]
    assert found["page-view"]["data"] == ""

"""Gates that stand out, as GitHub and GitLab show them beside a job."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from logreport.export.annotations import MOST, github, gitlab
from logreport.report import Report

_COMMAND = re.compile(r"::(error|warning) title=([^:,\r\n]*)::([^\r\n]*)")


def _read(line: str) -> tuple[str, str, str]:
    found = _COMMAND.fullmatch(line)
    assert found, line
    level, title, message = found.groups()
    for code, sign in (("%3A", ":"), ("%2C", ",")):
        title = title.replace(code, sign)
    return level, title.replace("%25", "%"), message.replace("%25", "%")


def test_what_stands_out_is_told_the_worst_first(compared: Report) -> None:
    assert [_read(line) for line in github(compared, page=None)] == [
        ("error", "logreport: failed: duration.p95 <= 2s", "duration.p95 4.6 s > 2 s"),
        (
            *("error", "logreport: failed: duration.p95[model=small] <= baseline * 1.2"),
            "duration.p95[model=small] 4.6 s > 2.4 s (baseline 2 s)",
        ),
        (
            *("error", "logreport: failed: duration.p95[model=large] <= baseline * 1.2"),
            "duration.p95[model=large] 4.6 s > 2.4 s (baseline 2 s)",
        ),
        (
            *("error", "logreport: inconclusive: cost.total < 25 USD"),
            "cost.total $0.0324: 92,160 tokens have no price",
        ),
        ("warning", "logreport: failed: errors.rate < 2%", "errors.rate 10.0 % > 2.0 %"),
    ]


def test_where_nothing_stands_out_nothing_is_told(plain: Report, judged: Callable[..., Report]) -> None:
    assert github(plain, page="report.html") == []
    assert github(judged("tokens.total < 1M tokens"), page="report.html") == []


@pytest.mark.parametrize("count", [9, 10, 11, 30])
def test_there_are_at_most_ten_and_the_last_says_how_many_more(compared: Report, count: int) -> None:
    gates = [replace(compared.gates[0], message=f"m{at}", excess=float(-at)) for at in range(count)]

    lines = [_read(line) for line in github(replace(compared, gates=tuple(gates)), page="out/report.html")]

    assert len(lines) == min(count, MOST)
    if count > MOST:
        assert lines[-1] == (
            *("warning", "logreport"),
            f"and {count - 9} more gates that failed or are inconclusive, see out/report.html",
        )
    shown = min(count, MOST) if count <= MOST else MOST - 1
    assert [message for _, _, message in lines[:shown]] == [f"m{at}" for at in range(shown)]


@pytest.mark.parametrize(
    "name", ["a\nb", "a\r\n::error::x", "100%", "%0A::error::x", "a,file=x", "a:b", "\x1b[31m", "::x"]
)
def test_no_name_breaks_out_of_its_line(compared: Report, name: str) -> None:
    gate = compared.gates[0]
    told = replace(gate, message=f"{name} is wrong", rule=replace(gate.rule, text=f"{name} < 1"))

    (line,) = github(replace(compared, gates=(told,)), page=None)

    level, title, message = _read(line)
    assert level == "error"
    assert title.endswith(" < 1")
    assert message.endswith(" is wrong")
    assert line.isprintable()
    # What a log says in the toolkit's code for a line's end is no line's end.
    assert "%0A" not in line
    assert ("%250A" in line) == ("%0A" in name)


def _links(text: str) -> list[tuple[str, str]]:
    document = json.loads(text)
    assert list(document) == ["logreport"]
    for one in document["logreport"]:
        assert one.keys() == {"external_link"}
        assert one["external_link"].keys() == {"label", "url"}
    return [(one["external_link"]["label"], one["external_link"]["url"]) for one in document["logreport"]]


def test_gitlab_links_to_the_page_and_for_each_gate(compared: Report) -> None:
    links = _links(gitlab(compared, page="out dir/report.html", job_url="https://gitlab.example/a/-/jobs/7/"))

    assert {url for _, url in links} == {"https://gitlab.example/a/-/jobs/7/artifacts/file/out%20dir/report.html"}
    assert [label for label, _ in links] == [
        "LLM report",
        "error: duration.p95 4.6 s > 2 s",
        "error: duration.p95[model=small] 4.6 s > 2.4 s (baseline 2 s)",
        "error: duration.p95[model=large] 4.6 s > 2.4 s (baseline 2 s)",
        "error: cost.total $0.0324: 92,160 tokens have no price",
        "warn: errors.rate 10.0 % > 2.0 %",
    ]


@pytest.mark.parametrize(("page", "job_url"), [("report.html", None), (None, "https://gitlab.example/1"), (None, None)])
def test_without_a_job_or_a_page_there_is_nothing_to_link_to(compared: Report, page: str, job_url: str) -> None:
    assert json.loads(gitlab(compared, page=page, job_url=job_url)) == {}


def test_gitlab_has_ten_gates_at_most_and_short_labels(hostile: Report, compared: Report) -> None:
    links = _links(gitlab(hostile, page="report.html", job_url="https://gitlab.example/1"))
    long = replace(compared, gates=(replace(compared.gates[0], message="m" * 9_999),))

    assert len(links) == 1 + MOST
    assert re.fullmatch(r"and \d+ more gates", links[-1][0])
    assert all(label.isprintable() for label, _ in links)
    assert (
        max(len(label) for label, _ in _links(gitlab(long, page="r.html", job_url="https://gitlab.example/1"))) <= 250
    )

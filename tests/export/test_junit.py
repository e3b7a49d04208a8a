"""Gates as JUnit XML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreport.export.gate_names import distinct
from logreport.export.junit import junit
from logreport.report import Report


def _suite(report: Report) -> ET.Element:
    text = junit(report)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    root = ET.fromstring(text.encode())
    (suite,) = root
    assert (root.tag, suite.tag, suite.get("name")) == ("testsuites", "testsuite", "logreport")
    return suite


def _cases(report: Report) -> list[tuple[str | None, str | None, dict[str, Any]]]:
    return [
        (case.get("classname"), case.get("name"), {part.tag: part.get("message", part.text) for part in case})
        for case in _suite(report)
    ]


def test_a_gate_is_a_case(compared: Report) -> None:
    assert _cases(compared) == [
        ("logreport.duration", "duration.p95 <= 2s", {"failure": "duration.p95 4.6 s > 2 s"}),
        (
            "logreport.duration",
            "duration.p95[model=small] <= baseline * 1.2",
            {"failure": "duration.p95[model=small] 4.6 s > 2.4 s (baseline 2 s)"},
        ),
        (
            "logreport.duration",
            "duration.p95[model=large] <= baseline * 1.2",
            {"failure": "duration.p95[model=large] 4.6 s > 2.4 s (baseline 2 s)"},
        ),
        ("logreport.errors", "errors.rate < 2%", {"system-out": "warning: errors.rate 10.0 % > 2.0 %"}),
        ("logreport.tokens", "tokens.total < 1M tokens", {}),
        (
            "logreport.time_to_first_token",
            "time_to_first_token.p95[model=none] < 1s",
            {"skipped": "time_to_first_token.p95[model=none]: no call is to none"},
        ),
        ("logreport.cost", "cost.total < 25 USD", {"failure": "cost.total $0.0324: 92,160 tokens have no price"}),
    ]


def test_the_counts_are_those_of_the_cases(compared: Report) -> None:
    suite = _suite(compared)

    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "7",
        "failures": "4",
        "errors": "0",
        "skipped": "1",
        "time": "0",
    }
    assert len(suite.findall("testcase")) == 7
    assert [failure.get("type") for failure in suite.iter("failure")] == [*["failed"] * 3, "inconclusive"]
    assert len(suite.findall("testcase/skipped")) == 1


def test_a_failure_says_its_message_as_text_too(compared: Report) -> None:
    for part in [*_suite(compared).iter("failure"), *_suite(compared).iter("skipped")]:
        assert part.text == part.get("message")


def test_a_warning_that_is_inconclusive_passes(judged: Callable[..., Report]) -> None:
    ((_, _, parts),) = _cases(judged("cost.total < 25 USD; level=warn"))

    assert parts == {"system-out": "warning: cost.total $0.0324: 92,160 tokens have no price"}


def test_a_warning_that_may_be_inconclusive_is_skipped(judged: Callable[..., Report]) -> None:
    ((_, _, parts),) = _cases(judged("cost.total < 25 USD; level=warn; allow_inconclusive"))

    assert list(parts) == ["skipped"]


def test_a_report_without_gates_has_no_case(plain: Report) -> None:
    suite = _suite(plain)

    assert (suite.get("tests"), len(suite)) == ("0", 0)


def test_a_rule_that_is_given_twice_is_two_cases(judged: Callable[..., Report]) -> None:
    report = judged(*["errors.rate < 2%", "errors.rate < 2%; level=warn", "errors.rate < 2%; min_calls=5"])

    assert [name for _, name, _ in _cases(report)] == [
        "errors.rate < 2%",
        "errors.rate < 2% (2)",
        "errors.rate < 2% (3)",
    ]


def test_names_of_all_kinds_are_told_apart(hostile: Report) -> None:
    names = [name for _, name, _ in _cases(hostile)]

    assert len(set(names)) == len(names) == len(hostile.gates)
    assert "duration.p95[model=<failure/>] <= baseline * 1.2" in names
    assert "duration.p95[model=a]b] <= baseline * 1.2" in names
    assert names == distinct(hostile.gates)


@given(st.text(st.characters()))
def test_whatever_a_message_holds_the_xml_can_be_read(compared: Report, message: str) -> None:
    gate = replace(compared.gates[0], message=message)

    (case,) = _suite(replace(compared, gates=(gate,)))

    # Nothing of what can be read is lost.
    told = case[0].get("message") or ""
    assert [sign for sign in told if sign.isalnum()] == [sign for sign in message if sign.isalnum()]


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x85", "\ud800", "\ufffe", "\uffff", "\n", "\t"])
def test_what_xml_forbids_is_harmless(compared: Report, sign: str) -> None:
    gate = replace(compared.gates[0], message=f"a{sign}b")

    (case,) = _suite(replace(compared, gates=(gate,)))

    assert case[0].get("message") in {"a\ufffdb", "a b"}

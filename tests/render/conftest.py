"""A small report whose names come from somebody who means no good."""

from __future__ import annotations

import pytest

from logreport.report import Report

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def report(make_report_of) -> Report:
    return make_report_of(
        {"created": "2024-12-18 16:40:40", "model": HOSTILE, "type": "<b>x</b>", "metrics": {"tokens": 1213}},
        {"created": "2024-12-18 17:40:40", "model": None, "metrics": {"tokens": 7}},
    )

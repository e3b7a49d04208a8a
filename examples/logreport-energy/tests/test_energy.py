"""Two tests are enough for a metric: the contract every metric keeps, and one number worked out by hand."""

import pytest
from logreport_energy import ENERGY_BY_MODEL

from logreport.testing import calls, check_metric, frame_of


def test_it_is_a_good_metric() -> None:
    check_metric(ENERGY_BY_MODEL)


def test_two_thousand_tokens_cost_one_watt_hour() -> None:
    frame = frame_of(
        ENERGY_BY_MODEL,
        calls(
            {"model": "small", "tokens": 1500}, {"model": "small", "tokens": 500}, {"model": "small", "tokens": None}
        ),
    )

    assert frame["model"].tolist() == ["small"]
    assert frame["watt_hours"].tolist() == pytest.approx([1.0])

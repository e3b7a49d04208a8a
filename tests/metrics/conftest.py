"""Calls in both databases, to ask metrics about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from logreport import Window
from logreport.plugins import load_plugins
from logreport.price_file import OwnPrices
from logreport.report import Card, Report, make_report
from logreport.store import Store, open_store
from logreport.testing import _load, calls


class Asked:
    """A store that can be filled with a few calls and asked for a report or one card of it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.prices: OwnPrices | None = None

    def hold(self, *given: dict[str, Any]) -> None:
        _load(self.store, calls(*given))

    def report(self, bucket: timedelta | None = None, **window: Any) -> Report:
        metrics = [(offer.value, offer.plugin) for offer in load_plugins().metrics]
        findings = [(offer.value, offer.plugin) for offer in load_plugins().findings]
        return make_report(
            self.store, metrics, Window(**window), title="Test", bucket=bucket, ingests=(),
            findings=findings, prices=self.prices,
        )  # fmt: skip

    def card(self, name: str, bucket: timedelta | None = None, **window: Any) -> Card:
        (card,) = [card for card in self.report(bucket, **window).cards if card.name == name]
        return card

    def rows(self, name: str, bucket: timedelta | None = None, **window: Any) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.card(name, bucket, **window).rows]


@pytest.fixture
def asked(database_url: str) -> Iterator[Asked]:
    with open_store(database_url) as store:
        yield Asked(store)

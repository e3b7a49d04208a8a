"""Answers about windows, each asked once, whoever wants it, for as long as the data are the same."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from logreport import sql
from logreport.call import Call, Ingest
from logreport.cards import Answer, Card, ask_card, draw_card
from logreport.errors import LogReportError
from logreport.finding import Finding
from logreport.headline import Trend
from logreport.metric import Metric, Window
from logreport.outline import Outline, outline
from logreport.price_file import OwnPrices
from logreport.render import Pages, Piece
from logreport.report import IngestLine, Report, compose, ingest_lines, trend_of
from logreport.serve.address import Asked
from logreport.serve.lanes import Lanes
from logreport.serve.reader import Reader
from logreport.store import Store

#: Views that are kept for whoever looks at the same window next.
KEPT: Final = 64

#: Names offered in a list of choices; a log with more of them is filtered by its address.
MOST_CHOICES: Final = 1000

#: Seconds that a request waits for an answer. A thread is held as long, and there are only so many.
PATIENCE: Final = 20.0

_LOG: Final = logging.getLogger(__name__)

S = TypeVar("S")
T = TypeVar("T")


#: What keeps a database from being shown: it is away, a newer program made it, it had no memory left.
UNWELL: Final = (LogReportError, sa.exc.SQLAlchemyError)


class StillAsking(Exception):
    """An answer takes longer than a request may."""


class Outdated(Exception):
    """There are newer data: it is better asked for again."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What viewers can choose from, by name."""

    models: tuple[str, ...] = ()
    request_types: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


class View:
    """The answers about one window at one state of the data, as futures: each is there as soon as it can be.

    `moved` says that an answer is about newer data than `version` names; `worn` that it, or a failure, makes the view
    one to be asked for anew by who looks next.
    """

    def __init__(self, version: str, metrics: Sequence[str]) -> None:
        self.version = version
        self.moved = False
        self.worn = False
        self.outline: Future[Outline] = Future()
        self.trend: Future[Trend] = Future()
        self.ingests: Future[Sequence[IngestLine]] = Future()
        self.cards: dict[str, Future[tuple[Card, Piece]]] = {name: Future() for name in metrics}

    def outlined(self) -> None:
        """Wait until it is known whether the window makes sense: its step may not fit the span.

        Raises:
            BadWindow: it does not.
        """
        waited(self.outline)

    @property
    def futures(self) -> list[Future[Any]]:
        return [self.outline, self.trend, self.ingests, *self.cards.values()]


def waited(future: Future[T]) -> T:
    """The answer; `StillAsking` where it takes so long that it is better asked for again."""
    try:
        return future.result(PATIENCE)
    except TimeoutError:
        if future.done():
            raise  # the answer's own
        raise StillAsking from None


class Views:
    """Views of one database, shared by all viewers; those of older data are dropped."""

    def __init__(
        self,
        url: str | None,
        metrics: Sequence[tuple[Metric, str]],
        pages: Pages,
        *,
        title: str,
        timezone: str,
        findings: Sequence[tuple[Finding, str]] = (),
        prices: OwnPrices | None = None,
    ) -> None:
        self.metrics = metrics
        self.timezone = timezone
        self._findings = findings
        self._prices = prices
        self._title = title
        self._pages = pages
        self._reader = Reader(url)
        self._lanes = Lanes()
        self._lock = threading.Lock()
        self._version = ""
        self._views: OrderedDict[Asked, View] = OrderedDict()
        self._facts: dict[tuple[str, str], Future[Any]] = {}

    def close(self) -> None:
        """End what keeps the database open."""
        self._reader.close()

    def ping(self) -> str:
        """Have the database answer; how messages name it.

        Raises:
            CannotConnect: it does not.
        """
        with self._reader.reading() as store:
            store.version()
            return store.database.shown

    def view(self, asked: Asked) -> View:
        """The view of what is asked for, at the present state of the data; its answers may still be on their way.

        Raises:
            BadWindow: what is asked for makes no sense.
            CannotConnect: the database does not answer.
        """
        with self._reader.reading() as store:
            version = store.version()
            with self._lock:
                self._forget_others(version)
            newest = self._once(version, "newest", lambda: _newest(store)) if asked.last else None
            window, bucket = asked.window(self.timezone, newest)
            with self._lock:
                self._forget_others(version)
                found = self._views.get(asked)
                if found is not None and not found.worn:
                    self._views.move_to_end(asked)
                    return found
                view = View(version, [metric.name for metric, _ in self.metrics])
                self._views[asked] = view
                while len(self._views) > KEPT:
                    self._views.popitem(last=False)
            self._begin(view, store, window, bucket)
            return view

    def kept(self, asked: Asked, version: str) -> View | None:
        """The view of what is asked for at that state of the data, if it is still there: the database is not asked."""
        with self._lock:
            found = self._views.get(asked) if version == self._version else None
            return None if found is None or found.moved else found

    def state(self) -> tuple[str, Choices]:
        """The present state of the data, and what there is to choose from in all of them.

        Raises:
            CannotConnect: the database does not answer.
        """
        with self._reader.reading() as store:
            version = store.version()
            with self._lock:
                self._forget_others(version)
            return version, self._once(version, "choices", lambda: _choices(store))

    def blocks(self, view: View) -> dict[str, str]:
        """The page's parts around the cards, waited for."""
        return self._pages.blocks(
            self._report(waited(view.outline), (), waited(view.trend), waited(view.ingests)),
        )

    def late_blocks(self, view: View) -> dict[str, str]:
        """The page's parts that depend on every card, waited for."""
        report = self.report(view)
        for failure in report.remarks.failures:
            _LOG.warning("finding %s (%s) failed: %s", *failure)
        return self._pages.blocks(report)

    def report(self, view: View) -> Report:
        """The whole report of a view, waited for."""
        cards = [waited(view.cards[metric.name])[0] for metric, _ in self.metrics]
        return self._report(waited(view.outline), cards, waited(view.trend), waited(view.ingests))

    def page(self, view: View) -> str:
        """The static page of a view, waited for."""
        return self._pages.page(self.report(view))

    def _report(self, found: Outline, cards: Sequence[Card], trend: Trend, ingests: Sequence[IngestLine]) -> Report:
        return compose(found, trend, cards, title=self._title, ingests=ingests, findings=self._findings)

    def _forget_others(self, version: str) -> None:
        if version != self._version:
            self._version = version
            self._views.clear()
            self._facts.clear()

    def _once(self, version: str, name: str, ask: Callable[[], T]) -> T:
        """A fact about all that is stored, asked once by the first who wants it; a failure is not kept."""
        key = version, name
        with self._lock:
            known = self._facts.get(key)
            mine = known is None
            if known is None:
                known = self._facts[key] = Future()
        if mine:
            try:
                known.set_result(ask())
            except BaseException as problem:
                with self._lock:
                    self._facts.pop(key, None)
                known.set_exception(problem)
                raise
        result: T = known.result()
        return result

    def _begin(self, view: View, store: Store, window: Window, bucket: timedelta | None) -> None:
        """Ask for the outline, then for all that needs it, side by side."""
        for future in view.futures:
            future.add_done_callback(partial(_wear, view))
        view.outline.add_done_callback(partial(self._go_on, view, store))
        metrics = [metric for metric, _ in self.metrics]

        def ask(now: Store) -> Outline:
            return outline(now, metrics, window, bucket, self._prices)

        self._ask(view, store, "the outline", ask, _same, view.outline)

    def _go_on(self, view: View, store: Store, outlined: Future[Outline]) -> None:
        problem = outlined.exception()
        if problem is not None:
            for future in view.futures[1:]:
                future.set_exception(problem)
            return
        found = outlined.result()
        for metric, plugin in self.metrics:
            ask = partial(ask_card, metric=metric, plugin=plugin, outline=found)
            self._ask(view, store, metric.name, ask, partial(self._draw, found), view.cards[metric.name])
        self._ask(view, store, "the trend", partial(trend_of, found=found), _same, view.trend)
        self._ask(view, store, "the ingests", partial(ingest_lines, window=found.window), _same, view.ingests)

    def _ask(
        self,
        view: View,
        store: Store,
        lane: str,
        ask: Callable[[Store], S],
        finish: Callable[[S], T],
        future: Future[T],
    ) -> None:
        """Have the database asked in a lane, and the answer finished without it; the view began with `store`."""

        def work() -> T:
            if view.version != self._version:
                raise Outdated
            with self._reader.reading() as now:
                answer = ask(now)
                # While a store that is ours alone stays open, nobody writes it.
                if not (now.database.exclusive and now is store) and now.version() != view.version:
                    view.moved = view.worn = True
            return finish(answer)

        self._lanes.submit(lane, work, future)

    def _draw(self, found: Outline, answer: Answer) -> tuple[Card, Piece]:
        card = draw_card(answer, found)
        return card, self._pages.card(self._report(found, [card], Trend(), ()), card.name)


def _wear(view: View, future: Future[Any]) -> None:
    """A failure may pass: it is shown, and not kept for those who look later."""
    problem = future.exception()
    answer = None if problem else future.result()
    if problem or (isinstance(answer, tuple) and answer[0].status == "failed"):
        view.worn = True


def _same(answer: T) -> T:
    return answer


def _newest(store: Store) -> datetime | None:
    newest: datetime | None = store.rows(sa.select(sa.func.max(Call.created).label("newest")))[0]["newest"]
    return newest


def _choices(store: Store) -> Choices:
    return Choices(
        models=_names(store, Call.model),
        request_types=_names(store, Call.request_type),
        runs=_names(store, Ingest.run),
    )


def _names(store: Store, column: Any) -> tuple[str, ...]:
    select = (
        sa.select(column.label("name"))
        .where(column != "")  # an address has no word for a name without a letter
        .group_by(column)
        .order_by(sql.by_name(column))
        .limit(MOST_CHOICES)
    )
    return tuple(row["name"] for row in store.rows(select))

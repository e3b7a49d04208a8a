"""Answers about windows, each asked once, whoever wants it, for as long as the data are the same."""

from __future__ import annotations

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
from logreport.cards import Card, make_card
from logreport.errors import CannotConnect
from logreport.headline import Trend
from logreport.metric import Metric, Window
from logreport.outline import Outline, outline
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

#: How often a view is begun anew because its data changed meanwhile.
_TRIES: Final = 5

T = TypeVar("T")


class Moved(Exception):
    """The data changed after the view was begun: no error, the viewer is shown the newer ones."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What viewers can choose from, by name."""

    models: tuple[str, ...]
    request_types: tuple[str, ...]
    runs: tuple[str, ...]


class View:
    """The answers about one window at one state of the data, as futures: each is there as soon as it can be."""

    def __init__(self, version: str, metrics: Sequence[str]) -> None:
        self.version = version
        self.outline: Future[Outline] = Future()
        self.trend: Future[Trend] = Future()
        self.ingests: Future[list[IngestLine]] = Future()
        self.cards: dict[str, Future[tuple[Card, Piece]]] = {name: Future() for name in metrics}

    def outlined(self) -> View:
        """This view, once it is known that its window makes sense: its step may not fit the span."""
        self.outline.result()
        return self

    @property
    def futures(self) -> list[Future[Any]]:
        return [self.outline, self.trend, self.ingests, *self.cards.values()]


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
    ) -> None:
        self.metrics = metrics
        self.timezone = timezone
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
                if found is not None:
                    self._views.move_to_end(asked)
                    return found
                view = View(version, [metric.name for metric, _ in self.metrics])
                self._views[asked] = view
                while len(self._views) > KEPT:
                    self._views.popitem(last=False)
            self._begin(view, store, window, bucket)
        return view

    def now(self, asked: Asked, take: Callable[[View], T]) -> T:
        """What is taken from the view of the present data, anew where they change meanwhile.

        Raises:
            BadWindow, CannotConnect: as `view`; also where the data change without a pause.
        """
        for _ in range(_TRIES):
            try:
                return take(self.view(asked))
            except Moved:
                continue
        raise CannotConnect("the data change faster than they are read")

    def kept(self, asked: Asked, version: str) -> View | None:
        """The view of what is asked for at that state of the data, if it is still there: the database is not asked."""
        with self._lock:
            return self._views.get(asked) if version == self._version else None

    def choices(self) -> Choices:
        """What there is to choose from, in all that is stored.

        Raises:
            CannotConnect: the database does not answer.
        """
        with self._reader.reading() as store:
            version = store.version()
            with self._lock:
                self._forget_others(version)
            return self._once(version, "choices", lambda: _choices(store))

    def report(self, view: View) -> Report:
        """The whole report of a view, waited for."""
        cards = [view.cards[metric.name].result()[0] for metric, _ in self.metrics]
        return self._report(view.outline.result(), cards, view.trend.result(), view.ingests.result())

    def blocks(self, view: View) -> dict[str, str]:
        """The page's parts around the cards, waited for."""
        return self._pages.blocks(self._report(view.outline.result(), (), view.trend.result(), view.ingests.result()))

    def page(self, view: View) -> str:
        """The static page of a view, waited for."""
        return self._pages.page(self.report(view))

    def _report(self, found: Outline, cards: Sequence[Card], trend: Trend, ingests: Sequence[IngestLine]) -> Report:
        return compose(found, trend, cards, title=self._title, ingests=ingests)

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
        """Ask for the outline, then for all that needs it, side by side; the store is held until the last answer."""
        release = self._reader.share()
        left = [len(view.futures)]
        lock = threading.Lock()

        def done(future: Future[Any]) -> None:
            if future.exception() is not None:
                self._drop(view)
            with lock:
                left[0] -= 1
                last = not left[0]
            if last:
                release()

        for future in view.futures:
            future.add_done_callback(done)
        view.outline.add_done_callback(partial(self._go_on, view, store))
        metrics = [metric for metric, _ in self.metrics]
        self._ask(view, store, "the outline", partial(outline, store, metrics, window, bucket), view.outline)

    def _go_on(self, view: View, store: Store, outlined: Future[Outline]) -> None:
        problem = outlined.exception()
        if problem is not None:
            for future in view.futures[1:]:
                future.set_exception(problem)
            return
        found = outlined.result()
        for metric, plugin in self.metrics:
            work = partial(self._card, store, found, metric, plugin)
            self._ask(view, store, metric.name, work, view.cards[metric.name])
        self._ask(view, store, "the trend", partial(trend_of, store, found), view.trend)
        self._ask(view, store, "the ingests", partial(ingest_lines, store, found.window), view.ingests)

    def _ask(self, view: View, store: Store, lane: str, work: Callable[[], T], future: Future[T]) -> None:
        """Have the work done in its lane; what was asked of newer data than the view's is thrown away."""

        def checked() -> T:
            answer = work()
            # Nobody can have written what is exclusively ours.
            if not store.database.exclusive and store.version() != view.version:
                raise Moved
            return answer

        self._lanes.submit(lane, checked, future)

    def _card(self, store: Store, found: Outline, metric: Metric, plugin: str) -> tuple[Card, Piece]:
        card = make_card(store, metric, plugin, found)
        return card, self._pages.card(self._report(found, [card], Trend(), ()), metric.name)

    def _drop(self, view: View) -> None:
        """A view with a failure is asked for again by the next who wants it."""
        with self._lock:
            for key, kept in list(self._views.items()):
                if kept is view:
                    del self._views[key]


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
        .where(column.is_not(None))
        .group_by(column)
        .order_by(sql.by_name(column))
        .limit(MOST_CHOICES)
    )
    return tuple(row["name"] for row in store.rows(select))

"""Slow work holds up its own lane and no other."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import pytest

from logreport.serve.lanes import THREADS, WIDTH, Lanes

PATIENCE = 20


def test_a_slow_lane_leaves_room_for_the_others() -> None:
    lanes, gate = Lanes(), threading.Event()
    slow: list[Future[Any]] = [Future() for _ in range(3 * THREADS)]
    for future in slow:
        lanes.submit("slow", lambda: gate.wait(PATIENCE), future)
    quick: Future[str] = Future()

    lanes.submit("quick", lambda: "done", quick)

    assert quick.result(PATIENCE) == "done"
    assert not any(future.done() for future in slow)
    gate.set()
    assert all(future.result(PATIENCE) for future in slow)


def test_a_lane_has_so_many_under_way_and_no_more() -> None:
    lanes, lock, under_way, most = Lanes(), threading.Lock(), [0], [0]
    both = threading.Barrier(WIDTH)

    def work() -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        both.wait(PATIENCE)  # only passed where as many are under way as may be
        with lock:
            under_way[0] -= 1

    futures: list[Future[Any]] = [Future() for _ in range(5 * WIDTH)]
    for future in futures:
        lanes.submit("one", work, future)
    for future in futures:
        future.result(PATIENCE)

    assert most[0] == WIDTH


def test_what_fails_says_so_and_the_lane_goes_on() -> None:
    lanes = Lanes()
    failed: Future[Any] = Future()
    after: Future[int] = Future()

    lanes.submit("one", lambda: 1 // 0, failed)
    lanes.submit("one", lambda: 3, after)

    with pytest.raises(ZeroDivisionError):
        failed.result(PATIENCE)
    assert after.result(PATIENCE) == 3


def test_work_that_ends_the_interpreter_is_a_failure_too() -> None:
    lanes = Lanes()
    failed: Future[Any] = Future()

    def leave() -> None:
        raise SystemExit(3)

    lanes.submit("one", leave, failed)

    with pytest.raises(SystemExit):
        failed.result(PATIENCE)

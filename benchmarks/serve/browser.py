"""A browser as the server sees it: six connections that stay open, and Dash's requests on them."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

#: So many connections browsers open to one server.
CONNECTIONS = 6

#: Seconds after which nobody waits any longer.
PATIENCE = 60

#: How often a window is asked for whose data changed while it was answered.
_TRIES = 5

#: The page waits so many seconds before it asks again (dashboard.js).
_AGAIN = 0.1


class Refused(Exception):
    """The server did not answer as it should."""


@dataclass(frozen=True)
class Seen:
    """A change of window, from the first request until the last answer; `began` is seconds since 1970."""

    search: str
    version: str
    began: float
    look: float
    seconds: float
    calls: int | None
    failed: int
    again: int


class _Connection:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._place = parts.hostname or "", parts.port or 80
        self._host = parts.netloc
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, body: bytes = b"") -> bytes:
        """What the server answers; a body is JSON, and posted."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._place)
        try:
            return await self._asked(*self._streams, path, body)
        except BaseException:
            self.close()  # whatever comes on it now belongs to nobody
            raise

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes) -> bytes:
        head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: {self._host}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}\r\n".encode() + body)
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        answer = await reader.readexactly(int(headers["content-length"]))
        if status.split(" ")[1] != "200":
            raise Refused(f"{path}: {status}: {answer[:200].decode(errors='replace')}")
        if headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Browser:
    """What is asked when a window is changed: first `look`, then all that hangs on what it answers, side by side."""

    def __init__(self, connections: Sequence[_Connection], callbacks: Sequence[dict[str, Any]]) -> None:
        self._free: asyncio.LifoQueue[_Connection] = asyncio.LifoQueue()
        for connection in connections:
            self._free.put_nowait(connection)
        ours = [callback for callback in callbacks if not callback["clientside_function"]]
        (self._look,) = (one for one in ours if "page-view.data" in one["output"])
        hangs = {"id": "page-view", "property": "data"}
        self._answers = [one for one in ours if hangs in one["inputs"]]
        self._seen: str | None = None

    async def change(self, search: str) -> Seen:
        """Look at another window.

        Raises:
            Refused: it was not shown.
        """
        began, start = time.time(), time.perf_counter()
        for attempt in range(_TRIES):
            response = json.loads(await self._ask(self._look, {"page-address": search}, "page-address.search"))[
                "response"
            ]
            shown = {name: response.get(name, {}).get("data") for name in ("page-view", "page-version")}
            if not all(isinstance(one, str) for one in shown.values()):
                raise Refused(f"{search}: {response}")
            self._seen = shown["page-view"]
            looked = time.perf_counter()
            answers = await asyncio.gather(*(self._ask(one, shown, "page-view.data") for one in self._answers))
            ended = time.perf_counter()
            for answer in answers:
                if b'"gone":' in answer or b'"bad":' in answer:
                    raise Refused(f"{search}: {answer[:200].decode(errors='replace')}")
            if not any(re.search(rb'"moved": ?true', answer) for answer in answers):
                return Seen(
                    search=search,
                    version=shown["page-version"],
                    began=began,
                    look=looked - start,
                    seconds=ended - start,
                    calls=_calls(answers),
                    failed=sum(b"why bad" in answer for answer in answers),
                    again=attempt,
                )
            await asyncio.sleep(_AGAIN)
        raise Refused(f"{search}: the data changed {_TRIES} times meanwhile")

    async def _ask(self, callback: dict[str, Any], values: dict[str, Any], changed: str) -> bytes:
        body = {
            "output": callback["output"],
            "outputs": _outputs(callback["output"]),
            "inputs": [one | {"value": values.get(one["id"])} for one in callback["inputs"]],
            "changedPropIds": [changed],
            "state": [one | {"value": self._seen} for one in callback["state"]],
        }
        connection = await self._free.get()
        try:
            return await connection.ask("/_dash-update-component", json.dumps(body).encode())
        finally:
            self._free.put_nowait(connection)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Browser]:
    """A browser that has the dashboard at this URL open; its window is still to be asked for."""
    connections = [_Connection(url) for _ in range(CONNECTIONS)]
    try:
        for path in ("/", "/_dash-layout"):
            await connections[0].ask(path)
        yield Browser(connections, json.loads(await connections[0].ask("/_dash-dependencies")))
    finally:
        for connection in connections:
            connection.close()


def _calls(answers: Sequence[bytes]) -> int | None:
    """How many calls the headline says there are."""
    (around,) = (answer for answer in answers if b'"answer-page-headline"' in answer)
    headline = json.loads(around)["response"]["answer-page-headline"]["data"]["html"]
    found = re.search(r'<dt>calls</dt>\s*<dd class="figure" title="([\d,]+)"', headline)
    return int(found[1].replace(",", "")) if found else None


def _outputs(joined: str) -> Any:
    """The outputs of a callback, taken apart as Dash's own page does it."""
    found = [dict(zip(("id", "property"), one.rsplit(".", 1), strict=True)) for one in joined.strip(".").split("...")]
    return found if joined.startswith("..") else found[0]

"""Viewers of a dashboard, all in this process, which is not the server's: a plan on stdin, what they saw on stdout.

The plan is JSON: {"url": URL, "viewers": [[[ADDRESS, SECONDS OF THINKING BEFORE IT], ...], ...], "seconds": N or null}.
After so many seconds nobody asks for anything new.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from browser import PATIENCE, Refused, Seen, opened


async def _watch(plan: dict[str, Any]) -> tuple[list[Seen], list[str]]:
    seen: list[Seen] = []
    errors: list[str] = []
    until = time.monotonic() + plan["seconds"] if plan["seconds"] else float("inf")

    async def view(windows: Sequence[tuple[str, float]]) -> None:
        async with opened(plan["url"]) as browser:
            for search, thinking in windows:
                await asyncio.sleep(thinking)
                if time.monotonic() > until:
                    return
                try:
                    async with asyncio.timeout(PATIENCE):
                        seen.append(await browser.change(search))
                except (Refused, OSError, EOFError, TimeoutError) as problem:
                    errors.append(f"{search}: {problem or type(problem).__name__}")

    await asyncio.gather(*(view(windows) for windows in plan["viewers"]))
    return seen, errors


def main() -> None:
    seen, errors = asyncio.run(_watch(json.load(sys.stdin)))
    json.dump({"seen": [asdict(one) for one in seen], "errors": errors}, sys.stdout)


if __name__ == "__main__":
    main()

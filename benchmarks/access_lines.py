"""Write N made-up web requests in the combined log format, the same for the same N: what GoAccess reads."""

from __future__ import annotations

import argparse
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = 20_241_218
FIRST = datetime(2024, 12, 1, tzinfo=UTC)
SPAN = timedelta(days=30)
PATHS = tuple(f"/page/{number}" for number in range(12))
WEIGHTS = tuple(2.0**-number for number in range(12))
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "curl/8.11.0",
    "python-requests/2.32.3",
)


def write(path: Path, count: int) -> None:
    """As many distinct values as the calls have, so that neither program has more groups to keep than the other."""
    chance = random.Random(SEED)  # deterministic by design
    step = SPAN / max(count, 1)
    with path.open("w", encoding="ascii") as file:
        for number in range(count):
            when = (FIRST + number * step).strftime("%d/%b/%Y:%H:%M:%S +0000")
            (page,) = chance.choices(PATHS, WEIGHTS)
            file.write(
                f'203.0.113.{number % 12} - - [{when}] "GET {page} HTTP/1.1" 200 {int(4_000 * chance.random())} '
                f'"-" "{AGENTS[number % 4]}"\n'
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many requests")
    parser.add_argument("path", type=Path, help="the file to write")
    asked = parser.parse_args()
    write(asked.path, asked.count)


if __name__ == "__main__":
    main()

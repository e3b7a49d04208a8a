"""Write a log of N made-up calls, the same for the same N: 12 models, 4 request types, spread evenly over 30 days."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = 20_241_218
FIRST = datetime(2024, 12, 1, tzinfo=UTC)
SPAN = timedelta(days=30)
MODELS = tuple(f"model-{number:02}-2024-11-20" for number in range(12))
#: Each model is called half as often as the one before it: real logs have one model that is nearly everything.
WEIGHTS = tuple(2.0**-number for number in range(12))
TYPES = ("chat", "text", "embedding", "tool")

#: What stands before the first record, between two, and after the last.
SHAPES = {
    "lines": ("", "\n", "\n"),
    "array": ("[", ",\n", "]\n"),
    "envelope": ('{"data":[', ",\n", '],"schema":{"items":{"type":"object"}},"dialect":"clickhouse"}\n'),
}


def records(count: int) -> Iterator[str]:
    """The calls as JSON texts, oldest first; where one did not stream, its first token came with its last."""
    chance = random.Random(SEED)  # deterministic by design
    start, step = FIRST.timestamp(), SPAN.total_seconds() / max(count, 1)
    for number in range(count):
        (model,) = chance.choices(MODELS, WEIGHTS)
        begin = start + number * step
        created = datetime.fromtimestamp(begin, UTC).strftime("%Y-%m-%d %H:%M:%S")
        duration = 0.05 + 20 * chance.random()
        streamed = chance.random() < 0.5
        first_token = duration * chance.random() if streamed else duration
        prompt, completion = int(4_000 * chance.random()), int(1_000 * chance.random())
        yield (
            f'{{"created":"{created}","model":"{model}","stream":{"true" if streamed else "false"},"max_tokens":16000,'
            f'"temperature":{number % 11 / 10},"type":"{TYPES[number % 4]}","metrics":{{"start":{begin:.3f},'
            f'"end":{begin + duration:.3f},"tokens":{prompt + completion},"prompt_tokens":{prompt},'
            f'"completion_tokens":{completion},"time_to_first_token":{first_token:.3f}}}}}'
        )


def write(path: Path, count: int, shape: str) -> None:
    before, between, after = SHAPES[shape]
    with path.open("w", encoding="utf-8") as file:
        file.write(before)
        for number, record in enumerate(records(count)):
            if number:
                file.write(between)
            file.write(record)
        file.write(after)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many calls")
    parser.add_argument("path", type=Path, help="the file to write")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="lines")
    asked = parser.parse_args()
    write(asked.path, asked.count, asked.shape)


if __name__ == "__main__":
    main()

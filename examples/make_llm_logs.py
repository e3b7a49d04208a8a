"""Write llm-logs.json: 1,000 calls in the shape of a project-log export, the same bytes every time.

    python examples/make_llm_logs.py examples/llm-logs.json

The oddities of real exports are in it on purpose: newest first; streamed calls without token counts; repeated
timestamps; older records without type, temperature, start and end; calls that did not stream, whose time to first token
is the whole duration; one model with nearly all the calls.
"""

import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

CALLS = 1_000
DAYS = 9
NEWEST = datetime(2024, 12, 18, 16, 40, 40, tzinfo=UTC)
OLDER_THAN = NEWEST - timedelta(days=7, hours=12)  # before this the application logged less

MODELS = {"gpt-4o-2024-11-20": 0.94, "gpt-4o-mini-2024-07-18": 0.06}
TEMPERATURES = {0.0: 0.22, 0.2: 0.12, 0.5: 0.08, 0.7: 0.46, 0.9: 0.04, 1.0: 0.08}
TYPES = {"text": 0.83, "json": 0.17}
MAX_TOKENS = (1_000, 4_096, 16_000)

SCHEMA = {
    "items": {
        "type": "object",
        "properties": {
            "created": {"type": "string", "format": "date-time"},
            "model": {"type": "string"},
            "stream": {"type": "boolean"},
            "max_tokens": {"type": "integer"},
            "temperature": {"type": "number"},
            "type": {"type": "string"},
            "metrics": {"type": "object"},
        },
    },
    "type": "array",
}


def times(chance: random.Random) -> list[datetime]:
    """Busy by day, quiet by night and at the weekend, newest first; now and then two calls in one second."""
    found: list[datetime] = []
    while len(found) < CALLS:
        moment = NEWEST - timedelta(seconds=chance.randrange(DAYS * 86_400))
        busy = 1.0 if 7 <= moment.hour < 18 else 0.15
        if moment.weekday() >= 5:
            busy *= 0.3
        if chance.random() < busy:
            found += [moment] * (2 if chance.random() < 0.04 else 1)
    return sorted(found[:CALLS], reverse=True)


def pick(chance: random.Random, weights: dict) -> object:
    return chance.choices(list(weights), weights=list(weights.values()))[0]


def call(chance: random.Random, created: datetime) -> dict:
    model = pick(chance, MODELS)
    stream = chance.random() < 0.12
    prompt = min(int(chance.lognormvariate(6.2, 0.8)), 12_000) + 8
    completion = min(int(chance.lognormvariate(5.6, 0.9)), 4_000) + 1
    wait = round(chance.lognormvariate(-0.6, 0.45), 3)
    speed = 95 if "mini" in str(model) else 62
    duration = round(wait + completion / speed * chance.uniform(0.8, 1.3), 3)
    end = round(created.timestamp() + chance.randrange(-400, 400) / 1_000, 3)
    metrics: dict[str, object] = {"start": round(end - duration, 3), "end": end}
    if not stream:
        metrics |= {"tokens": prompt + completion, "prompt_tokens": prompt, "completion_tokens": completion}
    metrics["time_to_first_token"] = wait if stream else duration
    record = {
        "created": f"{created:%Y-%m-%d %H:%M:%S}",
        "model": model,
        "stream": stream,
        "max_tokens": chance.choice(MAX_TOKENS),
        "temperature": pick(chance, TEMPERATURES),
        "type": pick(chance, TYPES),
        "metrics": metrics,
    }
    return older(record) if created < OLDER_THAN else record


def older(record: dict) -> dict:
    """What the application logged before it knew better."""
    metrics = {name: value for name, value in record["metrics"].items() if name not in ("start", "end")}
    return {name: value for name, value in record.items() if name not in ("type", "temperature")} | {"metrics": metrics}


def document() -> str:
    """The envelope, one record a line, so that a change can be read in a diff."""
    chance = random.Random(20241218)
    records = [json.dumps(call(chance, created), separators=(",", ":")) for created in times(chance)]
    lines = ",\n".join(records)
    return f'{{"data":[\n{lines}\n],"schema":{json.dumps(SCHEMA, separators=(",", ":"))},"dialect":"clickhouse"}}\n'


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("llm-logs.json")
    target.write_text(document(), encoding="utf-8", newline="\n")

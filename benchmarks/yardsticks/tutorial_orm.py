"""How a tutorial loads a log: the whole of it in memory, an object for each call, add them all, commit.

Usage: tutorial_orm.py LOG URL, where LOG is a JSON array and URL an empty PostgreSQL database
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Call(Base):
    __tablename__ = "tutorial"

    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[datetime | None]
    model: Mapped[str | None]
    request_type: Mapped[str | None]
    temperature: Mapped[float | None]
    max_tokens: Mapped[int | None]
    stream: Mapped[bool | None]
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    tokens: Mapped[int | None]
    time_to_first_token: Mapped[float | None]
    duration: Mapped[float | None]


def call(record: dict[str, Any]) -> Call:
    metrics = record["metrics"]
    return Call(
        created=datetime.fromisoformat(record["created"]),
        model=record["model"],
        request_type=record["type"],
        temperature=record["temperature"],
        max_tokens=record["max_tokens"],
        stream=record["stream"],
        prompt_tokens=metrics["prompt_tokens"],
        completion_tokens=metrics["completion_tokens"],
        tokens=metrics["tokens"],
        time_to_first_token=metrics["time_to_first_token"],
        duration=metrics["end"] - metrics["start"],
    )


def main(log: str, url: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    Base.metadata.create_all(engine)
    with Path(log).open(encoding="utf-8") as file:
        loaded = json.load(file)
    with Session(engine) as session:
        session.add_all([call(record) for record in loaded])
        session.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The rows everything is made of: a call to a language model, and the ingest that brought it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

#: Raised with every change of the tables below; `store` upgrades an older database step by step.
SCHEMA_VERSION: Final = 2


class Base(DeclarativeBase):
    # Float and Integer are four bytes wide on some databases.
    type_annotation_map = {float: sa.Double(), int: sa.BigInteger(), str: sa.Text()}


class Call(Base):
    """One request to a language model and what came back.

    Every column but `ingest_id` may be NULL, which means unknown; nothing unknown is ever 0.
    Durations are seconds, counts are tokens, cost is US dollars, times are UTC without a zone.
    The table has no key: keys cost three to seven times the load, and rows are never fetched one by one.
    """

    __tablename__ = "metrics"

    created: Mapped[datetime | None] = mapped_column(sa.DateTime())
    model: Mapped[str | None]
    provider: Mapped[str | None]
    request_type: Mapped[str | None]
    temperature: Mapped[float | None]
    max_tokens: Mapped[int | None]
    stream: Mapped[bool | None]
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    tokens: Mapped[int | None]
    cache_read_tokens: Mapped[int | None]
    cache_write_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    time_to_first_token: Mapped[float | None]
    duration: Mapped[float | None]
    status: Mapped[str | None]
    error: Mapped[str | None]
    finish_reason: Mapped[str | None]
    service_tier: Mapped[str | None]
    user_id: Mapped[str | None]
    session_id: Mapped[str | None]
    cost: Mapped[float | None]
    request_id: Mapped[str | None]
    ingest_id: Mapped[int]

    # The mapper wants a key; the database has none (see above).
    __mapper_args__ = {"primary_key": ["ingest_id", "request_id", "created", "model"]}


#: The columns a source can fill, in table order, with the kind of value each holds.
CALL_COLUMNS: Final[dict[str, str]] = {
    "created": "time",
    "model": "text",
    "provider": "text",
    "request_type": "text",
    "temperature": "number",
    "max_tokens": "count",
    "stream": "flag",
    "prompt_tokens": "count",
    "completion_tokens": "count",
    "tokens": "count",
    "cache_read_tokens": "count",
    "cache_write_tokens": "count",
    "reasoning_tokens": "count",
    "time_to_first_token": "seconds",
    "duration": "seconds",
    "status": "text",
    "error": "text",
    "finish_reason": "text",
    "service_tier": "text",
    "user_id": "text",
    "session_id": "text",
    "cost": "number",
    "request_id": "text",
}


class Ingest(Base):
    """One file loaded once: read = loaded + merged + skipped + rejected."""

    __tablename__ = "ingests"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int]
    source: Mapped[str]
    run: Mapped[str | None]
    read: Mapped[int]
    loaded: Mapped[int]
    merged: Mapped[int]
    skipped: Mapped[int]
    rejected: Mapped[int]
    started: Mapped[datetime] = mapped_column(sa.DateTime())
    finished: Mapped[datetime] = mapped_column(sa.DateTime())
    #: What became of its records and why, as JSON (`logreport.audit`); NULL for what an older version loaded.
    audit: Mapped[str | None]

"""The usage blocks in which providers count tokens, each in its own words, as columns of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def tokens_of(usage: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a provider's usage block fills, its values as they stand there."""
    return {"prompt_tokens": usage.get("prompt_tokens"), "completion_tokens": usage.get("completion_tokens")}

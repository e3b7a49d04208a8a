"""Real logs, where they are: public ones that stay outside of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """A folder of public logs whose totals were computed by others, beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        reason = f"there are no real logs in {folder.relative_to(CHECKOUT.parent)} beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder

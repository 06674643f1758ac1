"""What tests of terminals share."""

from __future__ import annotations

import pytest


@pytest.fixture
def waits_for_what_is_known() -> None:
    """Nothing: a shell drops what is typed while it gets ready, so keys come as a hand's do."""

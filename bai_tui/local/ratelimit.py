"""Request rate limits: a rolling window of 900 seconds per access key (rest-overview.md 7)."""

from __future__ import annotations

import time
from collections import deque

from multidict import CIMultiDict

from bai_tui.local.problems import RateLimitExceeded

WINDOW = 900
ANONYMOUS_LIMIT = 1000


class RateLimiter:
    """Counts requests per access key; the counters live as long as the process."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[float]] = {}

    def hit(self, access_key: str, limit: int) -> int:
        """Count one request; returns how many are left in the window.

        Raises:
            RateLimitExceeded: more than `limit` requests in the window, this one included.
        """
        now = time.monotonic()
        times = self._seen.get(access_key)
        if times is None or times.maxlen != limit + 1:
            # One more than the limit is all that has to be remembered.
            times = self._seen[access_key] = deque(times or (), maxlen=limit + 1)
        times.append(now)
        while times[0] <= now - WINDOW:
            times.popleft()
        if len(times) > limit:
            raise RateLimitExceeded
        return limit - len(times)


def set_headers(headers: CIMultiDict[str], limit: int, left: int) -> None:
    """Write the three rate headers."""
    headers["X-RateLimit-Limit"] = str(limit)
    headers["X-RateLimit-Remaining"] = str(left)
    headers["X-RateLimit-Window"] = str(WINDOW)

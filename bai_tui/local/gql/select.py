"""Plain selections by equal columns, as most queries need them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bai_tui.local.gql.access import Request
from bai_tui.local.gql.objects import Fields
from bai_tui.local.store import Row


def select(
    request: Request,
    fields: Callable[[Request, Row], Fields],
    table: str,
    order: str,
    **columns: Any,
) -> list[Fields]:
    """Rows whose columns equal the given values; None means any value."""
    wanted = {name: value for name, value in columns.items() if value is not None}
    condition = " AND ".join(f'"{name}" = ?' for name in wanted) or "1"
    rows = request.store.all(
        f"SELECT * FROM {table} WHERE {condition} ORDER BY {order}", *wanted.values()
    )
    return [fields(request, row) for row in rows]

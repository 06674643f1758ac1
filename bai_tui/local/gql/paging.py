"""`limit`, `offset`, `order_key` and `order_asc` of the `*_list` queries (graphql.md 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bai_tui.local.gql.access import Request
from bai_tui.local.gql.objects import Fields
from bai_tui.local.problems import InvalidAPIParams
from bai_tui.local.store import Row


def order_by(
    request: Request, table: str, alias: str, key: str | None, ascending: bool | None, default: str
) -> str:
    """The ORDER BY text for an `order_key`; without `order_asc` it is descending.

    Raises:
        InvalidAPIParams: not a column of the table.
    """
    if key is None:
        return default
    columns = {row["name"] for row in request.store.all(f"PRAGMA table_info({table})")}
    if key not in columns:
        raise InvalidAPIParams(f"{table} has no column {key}")
    return f'{alias}."{key}" {"ASC" if ascending else "DESC"}'


def page(
    request: Request,
    select: str,
    where: list[str],
    values: list[Any],
    order: str,
    window: tuple[int, int],
    fields: Callable[[Request, Row], Fields],
) -> Fields:
    """One page as `items` and `total_count`; `window` is (limit, offset).

    Raises:
        InvalidAPIParams: a negative limit or offset.
    """
    limit, offset = window
    if limit < 0 or offset < 0:
        raise InvalidAPIParams("limit and offset must not be negative")
    condition = " AND ".join(where) or "1"
    total = request.store.value(f"SELECT count(*) FROM ({select} WHERE {condition})", *values)
    rows = request.store.all(
        f"{select} WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?", *values, limit, offset
    )
    return {"items": [fields(request, row) for row in rows], "total_count": total}

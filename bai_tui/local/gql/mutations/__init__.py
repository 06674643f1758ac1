"""Resolvers of the root type `Mutations`, named like its fields (graphql.md 6).

Each takes the `Request` and the field's arguments by name, `props` complete with None for what
was not given. They run inside a transaction; the result is merged over `{ok: true, msg: success}`.
Refusals by business rules raise `Refused`, everything else becomes a GraphQL error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bai_tui.local.gql.access import Refused
from bai_tui.local.gql.objects import normalized_slots

DONE: dict[str, Any] = {}
NO_RECORD = "no matching record"
SLUG = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
"""Names of domains and groups (graphql.md 2)."""


def given(props: Mapping[str, Any], *leave_out: str) -> dict[str, Any]:
    """The properties that were given and are columns, slot maps normalized."""
    found = {
        name: value for name, value in props.items() if value is not None and name not in leave_out
    }
    for name in ("total_resource_slots", "resource_slots"):
        if name in found:
            found[name] = normalized_slots(found[name])
    return found


def require_change(changed: int) -> dict[str, Any]:
    """The result of an update or delete of `changed` rows.

    Raises:
        Refused: there was no such row.
    """
    if not changed:
        raise Refused(NO_RECORD)
    return DONE

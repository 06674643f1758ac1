"""Quota scopes: how much a user or a project may store on a host (23.09 and later)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bai_tui.api.functions.base import BaseFunction, Item, checked

_DETAILS: Final = "details { usage_bytes usage_count hard_limit_bytes }"
_AT_ONCE: Final = 50
"""Scopes asked for in one request."""


class QuotaScopeAPI(BaseFunction):
    """`session.QuotaScope`; a scope is named `user:UUID` or `project:UUID`, for admins.

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def get(self, host: str, scope: str) -> Item:
        """`{"usage_bytes", "usage_count", "hard_limit_bytes"}` of a scope on a storage host.

        What the storage does not count or limit is None.
        """
        self.session.need("QuotaScopeAPI")
        row = await self.row("quota_scope", (_DETAILS,), _place(host, scope))
        return checked((row or {}).get("details"), dict, "GraphQL quota_scope")

    async def get_many(self, places: Sequence[tuple[str, str]]) -> list[Item]:
        """The same of many (host, scope), in their order, with a request for fifty of them."""
        self.session.need("QuotaScopeAPI")
        found: list[Item] = []
        for start in range(0, len(places), _AT_ONCE):
            found += await self._some(places[start : start + _AT_ONCE])
        return found

    async def _some(self, places: Sequence[tuple[str, str]]) -> list[Item]:
        declared, asked = [], []
        variables: dict[str, str] = {}
        for number, (host, scope) in enumerate(places):
            declared.append(f"$h{number}: String!, $s{number}: String!")
            asked.append(
                f"q{number}: quota_scope(storage_host_name: $h{number}, "
                f"quota_scope_id: $s{number}) {{ {_DETAILS} }}"
            )
            variables |= {f"h{number}": host, f"s{number}": scope}
        data = await self.query(f"query({', '.join(declared)}) {{ {' '.join(asked)} }}", variables)
        what = "GraphQL quota_scope"
        answers = checked(data, dict, what)
        rows = [checked(answers.get(f"q{n}") or {}, dict, what) for n in range(len(places))]
        return [checked(row.get("details") or {}, dict, what) for row in rows]

    async def set(self, host: str, scope: str, limit: int) -> Item:
        """Limit a scope to so many bytes."""
        self.session.need("QuotaScopeAPI")
        arguments = {
            **_place(host, scope),
            "props": ("QuotaScopeInput!", {"hard_limit_bytes": limit}),
        }
        return await self._change("set_quota_scope", arguments)

    async def unset(self, host: str, scope: str) -> Item:
        """End the limit of a scope."""
        self.session.need("QuotaScopeAPI")
        return await self._change("unset_quota_scope", _place(host, scope))

    async def _change(self, name: str, arguments: dict[str, tuple[str, Any]]) -> Item:
        fields = ("quota_scope { quota_scope_id storage_host_name }",)
        return checked(await self.select(name, fields, arguments, mutation=True), dict, name)


def _place(host: str, scope: str) -> dict[str, tuple[str, Any]]:
    return {"storage_host_name": ("String!", host), "quota_scope_id": ("String!", scope)}

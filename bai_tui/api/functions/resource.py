"""Resource presets, slots and registries."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bai_tui.api.exceptions import BackendClientError
from bai_tui.api.functions.base import (
    Arguments,
    BaseFunction,
    Fields,
    Item,
    Slots,
    json_text,
    listed,
    objects,
    properties,
)

PRESET_FIELDS = ("name", "resource_slots", "shared_memory")


class ResourceAPI(BaseFunction):
    """`session.Resource` (rest-admin.md)."""

    async def list(self) -> Item:
        """`{"presets": [{"name", "resource_slots", "shared_memory"}]}`."""
        return await self.item("GET", "resource/presets")

    async def check_presets(
        self, group: str | None = None, scaling_group: str | None = None
    ) -> Item:
        """Presets with `allocatable`, and what is left of the caller's limits."""
        body: dict[str, Any] = {"group": group or self.session.config.group}
        if scaling_group is not None:
            body["scaling_group"] = scaling_group
        return await self.item("POST", "resource/check-presets", body)

    async def get_docker_registries(self) -> Item:
        """Registries the server knows."""
        return await self.item("GET", "config/docker-registries")

    async def get_resource_slots(self) -> Item:
        """Slot name to unit: `{"cpu": "count", "mem": "bytes", …}`."""
        return await self.item("GET", "config/resource-slots")

    async def get_vfolder_types(self) -> Any:
        """Which kinds of folders may be created: `user`, `group`."""
        return await self.call("GET", "config/vfolder-types")

    async def usage_per_month(self, month: str, group_ids: Iterable[str]) -> builtins.list[Item]:
        """Usage of groups in a month, a list with one entry a group (rest-admin.md 3.2).

        Args:
            month: `yyyymm`.
            group_ids: ids of the groups.

        Raises:
            ValueError: not a month.
        """
        _check_date(month, "%Y%m", "a month like 202011")
        wanted = {"group_ids": listed(group_ids), "month": month}
        return objects(await self.read("resource/usage/month", wanted), "GET /resource/usage/month")

    async def usage_per_period(
        self, group_id: str | None, start_date: str, end_date: str
    ) -> builtins.list[Item]:
        """Usage in a period, a list with one entry a group (rest-admin.md 3.2).

        Args:
            group_id: None: all groups.
            start_date: `yyyymmdd`. end_date: the last day, at most 100 days later.

        Raises:
            ValueError: not a day.
        """
        for day in (start_date, end_date):
            _check_date(day, "%Y%m%d", "a day like 20201130")
        key = self.session.generation.usage_group
        wanted = {key: group_id, "start_date": start_date, "end_date": end_date}
        report = objects(
            await self.read("resource/usage/period", wanted), "GET /resource/usage/period"
        )
        if not self.session.generation.nested_usage:
            return report
        from bai_tui.api.functions.usage_reports import group_of

        return [group_of(project) for project in report]

    async def recalculate_usage(self) -> Item:
        """Let the server count anew what is in use; superadmins only."""
        return await self.item("POST", "resource/recalculate-usage", {})

    async def user_monthly_stats(self) -> builtins.list[Item]:
        """The caller's last 30 days in bins of 15 minutes (rest-admin.md 3.3)."""
        return _points(await self.call("GET", "resource/stats/user/month"))

    async def admin_monthly_stats(self) -> builtins.list[Item]:
        """Everybody's last 30 days in bins of 15 minutes; superadmins only."""
        return _points(await self.call("GET", "resource/stats/admin/month"))

    async def list_presets(self, fields: Fields | None = None) -> builtins.list[Item]:
        """The presets as GraphQL has them: name, resource_slots (JSON text), shared_memory."""
        return await self.rows("resource_presets", fields or PRESET_FIELDS)

    async def create_preset(
        self, name: str, resource_slots: Slots, shared_memory: str | int | None = None
    ) -> Item:
        """Create a preset; superadmins only. `shared_memory` is a size such as `64m`."""
        return await self._write_preset(
            "create_resource_preset",
            "CreateResourcePresetInput!",
            {"name": ("String!", name)},
            resource_slots,
            shared_memory,
        )

    async def modify_preset(
        self,
        name: str,
        resource_slots: Slots | None = None,
        shared_memory: str | int | None = None,
    ) -> Item:
        """Change a preset; what is None stays."""
        return await self._write_preset(
            "modify_resource_preset",
            "ModifyResourcePresetInput!",
            await self._preset(name),
            resource_slots,
            shared_memory,
        )

    async def delete_preset(self, name: str) -> Item:
        """Remove a preset."""
        return await self.mutate("delete_resource_preset", await self._preset(name))

    async def _write_preset(
        self,
        mutation: str,
        kind: str,
        which: Arguments,
        resource_slots: Slots | None,
        shared_memory: str | int | None,
    ) -> Item:
        props = properties(
            resource_slots=json_text(resource_slots),
            shared_memory=None if shared_memory is None else str(shared_memory),
        )
        return await self.mutate(mutation, {**which, "props": (kind, props)})

    async def _preset(self, name: str) -> Arguments:
        """What names a preset to the server: its name, or the id the server gave it."""
        key, kind = self.session.generation.preset_key
        if key == "name":
            return {key: (kind, name)}
        rows = await self.rows("resource_presets", ("id name",))
        found = [row.get("id") for row in rows if row.get("name") == name]
        if not found:
            raise BackendClientError(f"There is no resource preset {name!r}.")
        return {key: (kind, found[0])}


def _check_date(text: str, form: str, example: str) -> None:
    try:
        parsed = datetime.strptime(text, form)
    except (TypeError, ValueError):
        parsed = None
    # strptime alone takes "2020 1" for a month.
    if parsed is None or parsed.strftime(form) != text:
        raise ValueError(f"{text!r} is not {example}")


def _points(answer: Any) -> list[Item]:
    """19.09 misspells the key of the value of `disk_used`."""
    points = objects(answer, "The server's statistics")
    for point in points:
        used = point.get("disk_used")
        if isinstance(used, dict) and "value " in used:
            used["value"] = used.pop("value ")
    return points

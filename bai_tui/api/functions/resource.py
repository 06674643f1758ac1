"""Resource presets, slots and registries."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item


class ResourceAPI(BaseFunction):
    """`session.Resource` (rest-admin.md)."""

    async def list(self) -> Item:
        """`{"presets": [{"name", "resource_slots", "shared_memory"}]}`."""
        answer: Item = await self.call("GET", "resource/presets")
        return answer

    async def check_presets(
        self, group: str | None = None, scaling_group: str | None = None
    ) -> Item:
        """Presets with `allocatable`, and what is left of the caller's limits."""
        body: dict[str, Any] = {"group": group or self.session.config.group}
        if scaling_group is not None:
            body["scaling_group"] = scaling_group
        answer: Item = await self.call("POST", "resource/check-presets", body)
        return answer

    async def get_docker_registries(self) -> Item:
        """Registries the server knows."""
        answer: Item = await self.call("GET", "config/docker-registries")
        return answer

    async def get_resource_slots(self) -> Item:
        """Slot name to unit: `{"cpu": "count", "mem": "bytes", …}`."""
        answer: Item = await self.call("GET", "config/resource-slots")
        return answer

    async def get_vfolder_types(self) -> Any:
        """Which kinds of folders may be created: `user`, `group`."""
        return await self.call("GET", "config/vfolder-types")

"""Model services: models that answer requests (23.03 and later)."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Item, objects


class ServiceAPI(BaseFunction):
    """`session.Service` (rest-admin.md 8).

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def list(self, name: str | None = None) -> list[Item]:
        """The caller's services: `[{"id", "name", "replicas", "is_public", …}]`."""
        self.session.need("ServiceAPI")
        answer = await self.call("GET", "services", params={"name": name})
        return objects(answer, "GET /services")

    async def info(self, service_id: str) -> Item:
        """One service, with its routes."""
        self.session.need("ServiceAPI")
        return await self.item("GET", f"services/{service_id}")

    async def scale(self, service_id: str, replicas: int) -> Item:
        """Run it in so many sessions."""
        self.session.need("ServiceAPI")
        return await self.item("POST", f"services/{service_id}/scale", {"to": replicas})

    async def delete(self, service_id: str) -> Item:
        """End a service and its sessions."""
        self.session.need("ServiceAPI")
        return await self.item("DELETE", f"services/{service_id}")

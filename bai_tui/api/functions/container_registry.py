"""Container registries (23.09 and later)."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item, properties

_TYPES = {
    "type": "ContainerRegistryTypeField",
    "ssl_verify": "Boolean",
    "is_global": "Boolean",
}


class ContainerRegistryAPI(BaseFunction):
    """`session.ContainerRegistry`; superadmins only.

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def list(self) -> list[Item]:
        """`[{"id", "hostname", "config": {"url", "type", "project", "ssl_verify", "username"}}]`.

        Passwords are not asked for.
        """
        self.session.need("ContainerRegistryAPI")
        fields = ("id hostname config { url type project ssl_verify username }",)
        return await self.rows("container_registries", fields)

    async def create(
        self,
        hostname: str,
        url: str,
        kind: str,
        project: str,
        *,
        username: str | None = None,
        password: str | None = None,
        ssl_verify: bool | None = None,
        is_global: bool | None = None,
    ) -> Item:
        """Let the server read images from another registry.

        Args:
            hostname: as image references begin with. kind: its type: docker, harbor2, ecr, …
            project: part of the registry that is read.
            is_global: whether all projects may use its images.
        """
        values = properties(
            url=url, type=kind, project=project, username=username, password=password,
            ssl_verify=ssl_verify, is_global=is_global,
        )  # fmt: skip
        return await self._change(
            "create_container_registry_node", {"registry_name": hostname, **values}
        )

    async def update(
        self,
        registry_id: str,
        *,
        hostname: str | None = None,
        url: str | None = None,
        kind: str | None = None,
        project: str | None = None,
        username: str | None = None,
        password: str | None = None,
        ssl_verify: bool | None = None,
        is_global: bool | None = None,
    ) -> Item:
        """Change a registry; what is None stays."""
        values = properties(
            registry_name=hostname, url=url, type=kind, project=project, username=username,
            password=password, ssl_verify=ssl_verify, is_global=is_global,
        )  # fmt: skip
        return await self._change("modify_container_registry_node", {"id": registry_id, **values})

    async def delete(self, registry_id: str) -> Item:
        """Forget a registry; its images stay until they are forgotten, too."""
        return await self._change("delete_container_registry_node", {"id": registry_id})

    async def _change(self, name: str, values: dict[str, Any]) -> Item:
        self.session.need("ContainerRegistryAPI.create")
        required = {"registry_name", "url", "type"} if name.startswith("create") else {"id"}
        arguments = {
            key: (_TYPES.get(key, "String") + ("!" if key in required else ""), value)
            for key, value in values.items()
        }
        fields = ("container_registry { id registry_name url }",)
        answer: Item = await self.select(name, fields, arguments, mutation=True)
        return answer

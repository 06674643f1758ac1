"""Container registries (23.09 and later)."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Item


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

"""Model services: models that answer requests (23.03 and later)."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item, Slots, objects, properties

FIELDS = (
    "endpoint_id",
    "name",
    "status",
    "lifecycle_stage",
    "desired_session_count",
    "url",
    "open_to_public",
    "image",
    "resource_group",
    "resource_slots",
    "cluster_size",
    "model",
    "domain",
    "project",
    "session_owner_email",
    "created_user_email",
    "created_at",
    "retries",
    "routings { routing_id session status traffic_ratio created_at }",
    "errors { session_id errors { name repr } }",
)


class ServiceAPI(BaseFunction):
    """`session.Service` (rest-admin.md 8).

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def list(self, name: str | None = None) -> list[Item]:
        """The caller's services that are up: `[{"id", "name", "replicas", "is_public", …}]`."""
        self.session.need("ServiceAPI")
        answer = await self.call("GET", "services", params={"name": name})
        return objects(answer, "GET /services")

    async def paginated_list(
        self, limit: int = 100, offset: int = 0, fields: Fields | None = None
    ) -> Item:
        """All services the caller may see, also those that start or are over.

        `{"items": [{"endpoint_id", "name", "status", "routings", …}], "total_count": int}`
        """
        self.session.need("ServiceAPI")
        return await self.page(
            "endpoint_list",
            fields or FIELDS,
            {"limit": ("Int!", limit), "offset": ("Int!", offset)},
        )

    async def info(self, service_id: str) -> Item:
        """One service, with its routes."""
        self.session.need("ServiceAPI")
        return await self.item("GET", f"services/{service_id}")

    async def create(
        self,
        name: str,
        model: str,
        image: str,
        *,
        replicas: int = 1,
        resources: Slots | None = None,
        scaling_group: str = "default",
        group: str | None = None,
        public: bool = False,
        definition: str | None = None,
    ) -> Item:
        """Start a service: `{"endpoint_id", "name", "replicas", …}`.

        Args:
            name: 4 characters or more. model: name of the folder the model lies in.
            replicas: sessions that answer. resources: of each of them.
            group: its name; None: the configuration's.
            public: whether one needs no token to ask it.
            definition: file in the folder that says how it is run; None: model-definition.yml.
        """
        self.session.need("ServiceAPI")
        config = {"model": model, "scalingGroup": scaling_group}
        body = {
            "name": name,
            "desired_session_count": replicas,
            "lang": image,
            "group": group or self.session.config.group,
            "domain": self.session.config.domain,
            "open_to_public": public,
            "config": {
                **config,
                **properties(resources=resources, model_definition_path=definition),
            },
        }
        return await self.item("POST", "services", body)

    async def scale(self, service_id: str, replicas: int) -> Item:
        """Run it in so many sessions; 0 stops it and keeps its address."""
        self.session.need("ServiceAPI")
        return await self.item("POST", f"services/{service_id}/scale", {"to": replicas})

    async def sync(self, service_id: str) -> Item:
        """Tell the app proxy anew where its sessions are."""
        self.session.need("ServiceAPI")
        return await self.item("POST", f"services/{service_id}/sync")

    async def clear_errors(self, service_id: str) -> None:
        """Forget what failed; sessions that could not be made are tried again."""
        self.session.need("ServiceAPI")
        await self.call("POST", f"services/{service_id}/errors/clear")

    async def delete(self, service_id: str) -> Item:
        """End a service and its sessions."""
        self.session.need("ServiceAPI")
        return await self.item("DELETE", f"services/{service_id}")

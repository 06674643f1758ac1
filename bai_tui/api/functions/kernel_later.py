"""What later servers can do with compute sessions (rest-sessions.md 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.functions.base import Item, objects, properties
from bai_tui.api.functions.kernel_files import KernelFiles

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

IN_CONFIG: Final = frozenset({"mount_map", "preopen_ports", "agent_list"})
"""Options of a creation that stand in its `config`; the others stand beside it."""


def creation_extras(session: AsyncSession, body: Item, **options: Any) -> None:
    """Put options that came after 19.09 into the body of a creation.

    Raises:
        UnsupportedByServerError: the server is too old for one that is given.
    """
    for name, value in properties(**options).items():
        session.need(f"create {name}")
        (body["config"] if name in IN_CONFIG else body)[name] = value


class KernelLater(KernelFiles):
    """The part of `Kernel` that 19.09 does not have.

    Every method raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def rename(self, name: str) -> None:
        """Give a running session another name; this object follows."""
        self.session.need("Kernel.rename")
        await self.call("POST", self.path("/rename"), {"name": name}, params=self._params())
        self.kernel_id = name

    async def commit(self, filename: str | None = None) -> Item:
        """Write the session's container to a file: `{"bgtask_id", "kernel", "path"}`."""
        self.session.need("Kernel.commit")
        params = self._params(**properties(filename=filename))
        return await self.item("POST", self.path("/commit"), params=params)

    async def commit_status(self) -> Item:
        """`{"status", "kernel"}` of a commit: ready or ongoing."""
        self.session.need("Kernel.commit_status")
        return await self.item("GET", self.path("/commit"), params=self._params())

    async def status_history(self) -> Mapping[str, str]:
        """When the session came into each status: status to ISO time, in that order."""
        self.session.need("Kernel.status_history")
        answer = await self.item("GET", self.path("/status-history"), params=self._params())
        history = answer.get("result", answer)
        times = {str(k): str(v) for k, v in history.items()} if isinstance(history, dict) else {}
        return dict(sorted(times.items(), key=lambda entry: entry[1]))

    async def dependency_graph(self) -> Item:
        """What the session waits for.

        `{"session_id", "session_name", "status", "status_changed", "depends_on": [the same]}`
        """
        self.session.need("Kernel.dependency_graph")
        return await self.item("GET", self.path("/dependency-graph"), params=self._params())

    async def start_service(self, app: str, port: int | None = None) -> Item:
        """Start an app for the app proxy: `{"token", "wsproxy_addr"}`."""
        self.session.need("Kernel.start_service")
        body = {"app": app, **properties(port=port)}
        return await self.item("POST", self.path("/start-service"), body, params=self._params())

    async def shutdown_service(self, app: str) -> None:
        """Stop an app."""
        self.session.need("Kernel.shutdown_service")
        params = self._params(service_name=app)
        await self.call(
            "POST", self.path("/shutdown-service"), {"service_name": app}, params=params
        )

    async def apps(self) -> list[Item]:
        """Apps that can be reached: `[{"name", "protocol", "ports", …}]`."""
        self.session.need("Kernel.apps")
        path = f"stream/{self.path('/apps')}"
        return objects(await self.call("GET", path, params=self._params()), f"GET /{path}")

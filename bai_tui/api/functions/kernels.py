"""Making, finding and watching compute sessions: `session.Kernel` (rest-sessions.md)."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.functions.base import BaseFunction, Item, listed, objects, properties
from bai_tui.api.functions.kernel import Kernel
from bai_tui.api.functions.kernel_later import creation_extras
from bai_tui.api.models import SessionInfo
from bai_tui.api.request import Request
from bai_tui.api.versioning import ALIVE_STATUSES

if TYPE_CHECKING:
    from bai_tui.api.events import EventStream

PAGE_SIZE: Final = 100
"""Rows asked for at a time; servers do not give more."""


class KernelAPI(BaseFunction):
    """`session.Kernel`; called with a name it is that session.

    Example:
        >>> kernel = await session.Kernel.get_or_create(
        ...     "python", client_token="docs-example", resources={"cpu": 1, "mem": "256m"}
        ... )
        >>> kernel.created, kernel.status
        (True, 'RUNNING')
        >>> result = await kernel.execute(code="print(6 * 7)")
        >>> console = result["console"]
        >>> while result["status"] == "continued":
        ...     result = await kernel.execute(result["runId"], "", mode="continue")
        ...     console += result["console"]
        >>> "".join(text for _, text in console)
        '42\\n'
        >>> async with kernel.tunnel("files") as tunnel:
        ...     reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        ...     writer.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
        ...     line = await reader.readline()
        ...     writer.close()
        >>> line
        b'HTTP/1.0 200 OK\\r\\n'
        >>> kernel.service_ports[0]["name"]
        'files'
        >>> await kernel.destroy() is not None
        True
    """

    def __call__(self, kernel_id: str, owner_access_key: str | None = None) -> Kernel:
        """The session named `kernel_id`; nothing is sent."""
        return Kernel(self.session, kernel_id, owner_access_key)

    async def hello(self) -> Item:
        """`{"version", "manager"}` of the server."""
        return await self.item("GET", "/", anonymous=True)

    async def get_or_create(
        self,
        image: str,
        *,
        client_token: str | None = None,
        type_: str = "interactive",
        enqueue_only: bool = False,
        max_wait: int = 0,
        no_reuse: bool = False,
        mounts: Iterable[str] | None = None,
        envs: Mapping[str, str] | None = None,
        startup_command: str | None = None,
        resources: Mapping[str, str | float] | None = None,
        resource_opts: Mapping[str, str | int] | None = None,
        cluster_size: int = 1,
        domain_name: str | None = None,
        group_name: str | None = None,
        tag: str | None = None,
        scaling_group: str | None = None,
        owner_access_key: str | None = None,
        dependencies: Sequence[str] | None = None,
        mount_map: Mapping[str, str] | None = None,
        cluster_mode: str | None = None,
        architecture: str | None = None,
        preopen_ports: Sequence[int] | None = None,
        starts_at: str | None = None,
        bootstrap_script: str | None = None,
        batch_timeout: str | None = None,
        priority: int | None = None,
        agent_list: Sequence[str] | None = None,
        callback_url: str | None = None,
    ) -> Kernel:
        """Create a session, or use the existing one of that name (rest-sessions.md 3).

        Args:
            image: canonical name or alias.
            client_token: name, 4 to 64 characters; a random one when None.
            type_: interactive or batch.
            enqueue_only: answer at once with status PENDING.
            max_wait: seconds to wait for RUNNING; 0 waits without limit, expiry gives TIMEOUT.
            no_reuse: refuse when the name is taken.
            mounts: names of vfolders, besides those of the configuration; nothing twice.
            envs: environment variables.
            startup_command: command of a batch session.
            resources: slot to amount, such as {"cpu": 1, "mem": "512m"}.
            resource_opts: such as {"shmem": "64m"}.
            cluster_size: number of containers.
            domain_name: default: the configuration's. group_name: likewise.
            tag: free text.
            scaling_group: None lets the scheduler choose.
            owner_access_key: for admins who act for somebody else.
            dependencies: names or ids of sessions that must succeed first.
            mount_map: folder to its path in the session.
            cluster_mode: single-node or multi-node.
            architecture: such as x86_64.
            preopen_ports: ports that are to be reachable as apps.
            starts_at: ISO time a batch session waits for.
            bootstrap_script: text of a script that runs first.
            batch_timeout: such as 30m, after which a batch session is ended.
            priority: 0 to 100; the scheduler takes high ones first.
            agent_list: agents to place it on; superadmins only.
            callback_url: is told of the session's changes.

        Raises:
            ValueError: bad name or type. BackendAPIError: the server refused.
            UnsupportedByServerError: the server is too old for one of the options.
        """
        name = client_token if client_token is not None else secrets.token_hex(16)
        if not 4 <= len(name) <= 64:
            raise ValueError(f"a session name has 4 to 64 characters, not {len(name)}")
        if type_ not in ("interactive", "batch"):
            raise ValueError(f"a session is interactive or batch, not {type_!r}")
        if cluster_size < 1:
            raise ValueError(f"a session has at least one container, not {cluster_size}")
        if max_wait < 0:
            raise ValueError(f"max_wait cannot be negative: {max_wait}")
        generation = self.session.generation
        config: dict[str, Any] = {
            "mounts": list(
                dict.fromkeys((*(listed(mounts) or ()), *self.session.config.vfolder_mounts))
            ),
            "environ": dict(envs) if envs else None,
            "resources": dict(resources or {}),
            "resource_opts": dict(resource_opts or {}),
            "scalingGroup": scaling_group,
        }
        body: dict[str, Any] = {
            generation.name_field: name,
            "image": image,
            "type": type_,
            "domain": domain_name or self.session.config.domain,
            "group": group_name or self.session.config.group,
            "config": config,
            "tag": tag,
            "enqueueOnly": enqueue_only,
            "maxWaitSeconds": max_wait,
            "reuseIfExists": not no_reuse,
            "startupCommand": startup_command,
            "owner_access_key": owner_access_key,
        }
        (body if generation.root_cluster_size else config)[
            "cluster_size" if generation.root_cluster_size else "clusterSize"
        ] = cluster_size
        creation_extras(
            self.session,
            body,
            dependencies=dependencies,
            mount_map=mount_map,
            cluster_mode=cluster_mode,
            architecture=architecture,
            preopen_ports=preopen_ports,
            starts_at=starts_at,
            bootstrap_script=bootstrap_script,
            batch_timeout=batch_timeout,
            priority=priority,
            agent_list=agent_list,
            callback_url=callback_url,
        )
        # 19.09 drops the owner in the body and looks at the query alone.
        params = {"owner_access_key": owner_access_key} if owner_access_key else {}
        # From 26.8 on null is a value, not an absence.
        answer = await self.item(
            "POST", generation.session_create, properties(**body), params=params
        )
        kernel = Kernel(self.session, name, owner_access_key)
        kernel.session_id = str(answer.get("sessionId") or "")
        kernel.created = bool(answer.get("created", True))
        kernel.status = str(answer.get("status", "RUNNING"))
        kernel.service_ports = list(answer.get("servicePorts") or answer.get("service_ports") or ())
        kernel.domain, kernel.group = body["domain"], body["group"]
        return kernel

    async def match(self, prefix: str) -> list[Item]:
        """Sessions whose name or id fits: `[{"id", "name", "status"}]`.

        Servers before 26.8 take the beginning of one, later ones only whole names and ids.
        """
        self.session.need("KernelAPI.match")
        answer = await self.item(
            "GET", f"{self.session.generation.sessions}/_/match", params={"id": prefix}
        )
        return objects(answer.get("matches"), "GET session/_/match")

    async def list(
        self,
        *,
        status: str | Iterable[str] | None = None,
        access_key: str | None = None,
        group_id: str | None = None,
        domain_name: str | None = None,
        limit: int | None = None,
        statistics: bool = False,
        name: str | None = None,
    ) -> list[SessionInfo]:
        """Sessions the caller may see, newest first; walks the pages.

        Args:
            status: names of statuses; None means all that are not over.
            access_key: of one owner; None: everybody the caller may see.
            limit: at most so many.
            statistics: also measure; slower on large clusters.
            name: only sessions of exactly this name.
        """
        generation = self.session.generation
        names = generation.alive_statuses if status is None else status
        chosen = names.split(",") if isinstance(names, str) else names
        strange = set(ALIVE_STATUSES).difference(generation.alive_statuses)
        # No session has a status its server does not know, but asking for it is an error.
        wanted = ",".join(status for status in chosen if status not in strange)
        if not wanted:
            return []
        fields = generation.session_fields
        if statistics:
            fields += f" {generation.statistics_fields}"
        filters = f"name == {json.dumps(name)}" if name and generation.session_filter else ""
        found: list[SessionInfo] = []
        seen: set[str] = set()
        offset = 0
        while limit is None or len(found) < limit:
            size = PAGE_SIZE if limit is None else min(PAGE_SIZE, limit - len(found))
            page = await self.page(
                "compute_session_list",
                (fields,),
                {
                    "limit": ("Int!", size),
                    "offset": ("Int!", offset),
                    "status": ("String", wanted),
                    **({"access_key": ("String", access_key)} if access_key else {}),
                    **({"group_id": ("String", group_id)} if group_id else {}),
                    **({"domain_name": ("String", domain_name)} if domain_name else {}),
                    **({"filter": ("String", filters)} if filters else {}),
                },
            )
            items = page["items"]
            for item in items:
                info = SessionInfo.from_wire(item)
                # Rows shift between pages while sessions begin and end.
                if info.id not in seen and name in (None, info.name):
                    seen.add(info.id)
                    found.append(info)
            offset += len(items)
            if len(items) < size or offset >= page["total_count"]:
                break
        return found

    async def get(
        self, name: str, *, access_key: str | None = None, statistics: bool = True
    ) -> SessionInfo | None:
        """One session that is not over, by name; None when there is none.

        19.09 finds only running sessions by name; others are looked for in the list.
        """
        generation = self.session.generation
        if generation.session_by_name:
            arguments: dict[str, tuple[str, Any]] = {"sess_id": ("String!", name)}
            if access_key:
                arguments["access_key"] = ("String", access_key)
            used = generation.statistics_fields if statistics else ""
            fields = (generation.session_fields, used)
            item = await self.row("compute_session", fields, arguments)
            if item is not None:
                return SessionInfo.from_wire(item)
        rows = await self.list(access_key=access_key, statistics=statistics, name=name)
        return rows[0] if rows else None

    def events(
        self,
        session: str = "*",
        group: str = "*",
        *,
        owner_access_key: str | None = None,
        on_state: Callable[[EventStream], None] | None = None,
        reconnect: bool = True,
    ) -> EventStream:
        """Life-cycle events of all sessions the caller may see, or of one (rest-streams.md 6)."""
        from bai_tui.api.events import EventStream

        generation = self.session.generation
        params = {generation.events_name: session, generation.events_group: group}
        if generation.events_scope:
            params["scope"] = generation.events_scope
        if owner_access_key:
            params["ownerAccessKey"] = owner_access_key
        request = Request(self.session, "GET", generation.events, params=params)
        return EventStream(request, on_state=on_state, reconnect=reconnect)

    async def get_task_logs(self, task_id: str, *, chunk_size: int = 8192) -> AsyncIterator[bytes]:
        """The log of a batch task, in pieces (rest-sessions.md 4.6); none where nobody kept one.

        Args:
            task_id: `SessionInfo.task_id`. The log is kept in a folder `.logs` of the caller.
        """
        request = Request(
            self.session,
            "GET",
            f"{self.session.generation.sessions}/_/logs",
            params={"taskId": task_id},
        )
        async with request.fetch() as response:
            while chunk := await response.aread(chunk_size):
                yield chunk

    async def create_from_template(self, template_id: str, **options: Any) -> Item:
        """Create a session from a template; options are fields of the request's body.

        Args:
            template_id: of the template.
            options: such as `name`, and whatever shall differ from the template.

        Returns:
            `{"sessionId", "sessionName", "status", "servicePorts", "created"}`.
        """
        self.session.need("KernelAPI.create_from_template")
        generation = self.session.generation
        if generation.template_retold:
            options = await self._as_in_template(template_id, options)
        config = self.session.config
        body = {"template_id": template_id, "domain": config.domain, "group": config.group}
        body |= properties(**options)
        path = f"{generation.sessions}/_/create-from-template"
        return await self.item("POST", path, body)

    async def _as_in_template(self, template_id: str, options: Item) -> Item:
        """The options, with what some servers want to hear again of a template's own."""
        spec = (await self.session.SessionTemplate.get(template_id)).get("spec")
        spec = spec if isinstance(spec, Mapping) else {}
        kinds = (spec.get(name) for name in ("session_type", "sess_type", "type"))
        own = {"type": next(filter(None, kinds), "interactive")}
        config = {"scaling_group": spec.get("scaling_group")} | (options.get("config") or {})
        return own | options | {"config": config}

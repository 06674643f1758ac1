"""Generations of servers and the names each of them uses, as data (rest-overview.md 2).

The next release is one more row here; no function of the package asks for a version number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from bai_tui.api.exceptions import InvalidResponseError

DEFAULT_API_VERSION: Final = "v9.20250722"
"""The newest API version this package speaks."""

_VERSION = re.compile(r"v([0-9]{1,3})\.([0-9]{8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Generation:
    """What differs on the wire between generations of servers."""

    number: int
    """Major API version."""
    releases: str
    """Release lines, for people."""
    newest: str
    """Newest API version of the generation."""
    sessions: str
    """Path prefix of compute sessions."""
    session_create: str
    session_streams: str
    """Path prefix of the websockets of a session."""
    events: str
    """Path of the event stream."""
    events_name: str
    """Query name of the session filter of the event stream."""
    name_field: str
    """Body field that names a new session."""
    graphql: str
    graphql_wrapped: bool
    """Whether a GraphQL answer is `{"data": …}` or the data alone."""
    gql_session_name: str
    gql_session_type: str
    reads_in_body: bool
    """Whether reading requests carry their parameters as a JSON body."""
    root_cluster_size: bool
    """Whether `cluster_size` stands beside `config` or in it."""
    keeps_logs: bool = True
    """Whether the log of a session that is over can be read."""
    direct_files: bool = True
    """Whether files go through the manager, or through a storage proxy it names."""
    mkdir_options: bool = False
    """Whether changes of a folder's files take the options of 20.09."""
    host_permissions: tuple[str, ...] = ()
    """Permissions a vfolder host can be allowed with; empty where hosts are allowed by name."""
    user_status: bool = False
    """Whether users have a `status` text in place of the flag `is_active`."""
    policy_lacks: frozenset[str] = frozenset()
    """Fields a keypair's resource policy has no longer."""
    usage_group: str = "group_id"
    """Query name of the group of a usage report."""
    variable_types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """GraphQL field to argument to type, where it is not the type of 19.09."""


V4 = Generation(
    number=4,
    releases="19.09",
    newest="v4.20190615",
    sessions="kernel",
    session_create="kernel/create",
    session_streams="stream/kernel",
    events="stream/kernel/_/events",
    events_name="sessionId",
    name_field="clientSessionToken",
    graphql="admin/graphql",
    graphql_wrapped=False,
    gql_session_name="sess_id",
    gql_session_type="sess_type",
    reads_in_body=True,
    root_cluster_size=False,
    keeps_logs=False,
)


HOST_PERMISSIONS: Final = (
    "create-vfolder",
    "modify-vfolder",
    "delete-vfolder",
    "mount-in-session",
    "upload-file",
    "download-file",
    "invite-others",
    "set-user-specific-permission",
)

_RETYPED: Final = (
    # since generation, GraphQL field, argument, type (graphql.md 11)
    (5, "group", "id", "UUID!"),
    (5, "modify_group", "gid", "UUID!"),
    (5, "user_from_uuid", "user_id", "ID"),
    (6, "create_scaling_group", "props", "CreateScalingGroupInput!"),
    (6, "associate_scaling_group_with_user_group", "user_group", "UUID!"),
    (6, "disassociate_scaling_group_with_user_group", "user_group", "UUID!"),
    (6, "disassociate_all_scaling_groups_with_group", "user_group", "UUID!"),
)


def _variable_types(number: int) -> Mapping[str, Mapping[str, str]]:
    types: dict[str, dict[str, str]] = {}
    for since, name, argument, kind in _RETYPED:
        if number >= since:
            types.setdefault(name, {})[argument] = kind
    return MappingProxyType(types)


def _later(
    number: int,
    releases: str,
    newest: str,
    *,
    events_name: str = "sessionName",
    wrapped: bool = True,
    reads_in_body: bool = True,
    root_cluster_size: bool = True,
) -> Generation:
    """A generation of 20.03 or later: sessions are called sessions there."""
    return Generation(
        number=number,
        releases=releases,
        newest=newest,
        sessions="session",
        session_create="session",
        session_streams="stream/session",
        events="events/session",
        events_name=events_name,
        name_field="name",
        graphql="admin/gql" if wrapped else "admin/graphql",
        graphql_wrapped=wrapped,
        gql_session_name="name",
        gql_session_type="type",
        reads_in_body=reads_in_body,
        root_cluster_size=root_cluster_size,
        host_permissions=HOST_PERMISSIONS if number >= 7 else (),
        user_status=True,
        direct_files=number < 6,
        mkdir_options=number >= 6,
        policy_lacks=frozenset({"max_vfolder_count", "max_vfolder_size"} if number >= 9 else ()),
        usage_group="project_id" if number >= 9 else "group_id",
        variable_types=_variable_types(number),
    )


GENERATIONS: Final = (
    V4,
    _later(5, "20.03", "v5.20191215", events_name="name", wrapped=False, root_cluster_size=False),
    _later(6, "20.09 - 22.09", "v6.20220615"),
    _later(7, "23.x", "v7.20230615"),
    _later(8, "24.x", "v8.20240315"),
    _later(9, "25.15 - 26.9", "v9.20250722", reads_in_body=False),
)

ALIVE_STATUSES: Final = (
    "PENDING",
    "PREPARING",
    "BUILDING",
    "PULLING",
    "RUNNING",
    "RESTARTING",
    "RESIZING",
    "SUSPENDED",
    "TERMINATING",
    "ERROR",
)
"""Session statuses that are not over, in the order of a session's life."""

DEAD_STATUSES: Final = ("TERMINATED", "CANCELLED")
"""Session statuses that are final."""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What `GET /` told: the server's newest API version and its release."""

    version: str
    manager: str
    generation: Generation


def parse_version(text: str) -> tuple[int, str]:
    """`v4.20190615` as (4, "20190615"), which compares as versions do.

    Raises:
        ValueError: not of that form.
    """
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an API version like {V4.newest}")
    return int(match[1]), match[2]


def generation_of(version: str) -> Generation:
    """The generation that speaks `version`; older than known ones count as v4, newer as newest."""
    major, _ = parse_version(version)
    known = [generation for generation in GENERATIONS if generation.number <= major]
    return known[-1] if known else V4


def server_info(answer: object) -> ServerInfo:
    """Read the answer of `GET /`.

    Raises:
        InvalidResponseError: it is not the answer of a Backend.AI manager.
    """
    version = answer.get("version") if isinstance(answer, dict) else None
    manager = answer.get("manager") if isinstance(answer, dict) else None
    try:
        generation = generation_of(str(version))
    except ValueError:
        raise InvalidResponseError(
            f"The server does not tell a version this program understands ({version!r})."
        ) from None
    return ServerInfo(str(version), str(manager or "unknown"), generation)


def negotiate(server: str, client: str) -> str:
    """The version to speak: the older of what the two know (rest-overview.md 2.3)."""
    return min(server, client, key=parse_version)

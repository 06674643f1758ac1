"""The generations of servers, each made of what the tables say about its release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from bai_tui.api.exceptions import InvalidResponseError
from bai_tui.api.versioning.graphql import (
    SESSION_FIELDS,
    STATISTICS_FIELDS,
    dropped_arguments,
    fields_of,
    mutation_results,
    variable_types,
)
from bai_tui.api.versioning.offers import OFFERS
from bai_tui.api.versioning.releases import (
    SPOKEN,
    UNSPOKEN,
    Release,
    parse_version,
    release_of,
)
from bai_tui.api.versioning.statuses import ALIVE
from bai_tui.api.versioning.wire import WIRE, at

LINES: Final = (
    # major API version, release lines for people, the newest version of the line
    (4, "19.09", "v4.20190615"),
    (5, "20.03", "v5.20191215"),
    (6, "20.09 - 22.09", "v6.20220615"),
    (7, "23.x", "v7.20230615"),
    (8, "24.x", "v8.20240315"),
    (9, "25.15 - 26.9", "v9.20250722"),
)


@dataclass(frozen=True, slots=True)
class Generation:
    """What differs on the wire between generations of servers."""

    number: int
    """Major API version."""
    releases: str
    """Release lines, for people."""
    newest: str
    """Newest API version of the generation."""
    release: Release
    """The release whose rows of the tables hold."""

    sessions: str
    """Path prefix of compute sessions."""
    session_create: str
    session_streams: str
    """Path prefix of the websockets of a session."""
    session_download: tuple[str, str]
    """Method, and the end of the path."""
    session_download_in: tuple[str, ...]
    """Where its parameters travel: body, query."""
    session_upload_root: str
    """What the names of files that go up begin with."""
    events: str
    """Path of the event stream."""
    events_name: str
    """Query name of the session filter of the event stream."""
    events_group: str
    events_scope: str
    """What the stream is asked to tell of; empty where it cannot be asked."""
    task_events: str
    """How the names of the events of a background task begin."""
    name_field: str
    """Body field that names a new session."""
    run_id: tuple[str, ...]
    """Body fields that name the run to go on with."""
    graphql: str
    reads: tuple[str, ...]
    """Where reading requests carry their parameters: body, query, or for safety both."""
    session_files_in: tuple[str, ...]
    """Where the listing of a session's files reads its parameters."""
    root_cluster_size: bool
    """Whether `cluster_size` stands beside `config` or in it."""
    preset_key: tuple[str, str]
    """GraphQL argument, and its type, that names a resource preset."""
    template_type: bool
    """Whether a template is created with a `type`."""
    template_form: str
    """How the payload of a template is wrapped: bare, named, list."""
    template_retold: bool
    """Whether who makes a session from a template repeats the type and the scaling group it has."""
    folder_delete_files: tuple[str, str]
    folder_unshare: tuple[str, str]
    folder_umount: tuple[str, str]
    invitation_delete: tuple[str, str]
    trash: bool
    """Whether deleted folders go to a trash first."""
    keeps_logs: bool
    """Whether the log of a session that is over can be read."""
    pty_takes_keys: bool
    """Whether the stream of a terminal takes what is typed."""
    foreign_streams: bool
    """Whether the websockets of somebody else's session can be opened by an admin."""
    direct_files: bool
    """Whether files go through the manager, or through a storage proxy it names."""
    folder_group_by_name: bool
    """Whether a new folder has to tell its group by name alone."""
    mkdir_options: bool
    """Whether changes of a folder's files take the options of 20.09."""
    host_permissions: tuple[str, ...]
    """Permissions a vfolder host can be allowed with; empty where hosts are allowed by name."""
    registries_needed: bool
    """Whether a new domain has to tell its registries, be it none."""
    user_status: bool
    """Whether users have a `status` text in place of the flag `is_active`."""
    user_status_retold: bool
    """Whether a change of a user has to tell the status the user has."""
    keypair_policy_needs: tuple[tuple[str, int], ...]
    """Fields of a new policy of keypairs that the server cannot do without."""
    user_policy_needs: tuple[tuple[str, int], ...]
    """Fields of a new policy of users that the server cannot do without, and its defaults."""
    project_policy_needs: tuple[tuple[str, int], ...]
    """The same of a new policy of projects."""
    folder_options_whole: bool
    """Whether a change of a folder's options has to tell them all."""
    hides_ungrouped: bool
    """Whether keypairs of a user in no group are left out when that user's are asked for."""
    etcd_root: bool
    """Whether the whole store of configuration can be asked for."""
    group_types: tuple[str, ...]
    """Types of groups that are listed only when they are asked for by name."""
    policy_lacks: frozenset[str]
    """Fields a keypair's resource policy has no longer."""
    nested_usage: bool
    """Whether the usage of a period is told as containers in sessions in projects."""
    usage_group: str
    """Query name of the group of a usage report."""
    alive_statuses: tuple[str, ...]
    """Statuses that are not over and that the server knows by name."""
    variable_types: Mapping[str, Mapping[str, str]]
    """GraphQL field to argument to type, where it is not the type of 19.09."""
    dropped_arguments: frozenset[tuple[str, str]]
    """GraphQL fields and arguments of 19.09 that are gone."""
    mutation_results: Mapping[str, str]
    """Mutation to the fields it answers with besides those of 19.09."""
    session_by_name: bool
    """Whether a running session can be asked for by its name."""
    session_by_id: bool
    """Whether paths take the id of a session in place of its name."""
    session_course: bool
    """Whether a session tells what it went through, and on whom it waited."""
    stepwise_batch: bool
    """Whether each step of a batch run has to be a run of its own."""
    schema: str
    """Name of the GraphQL schema brought along that is nearest to the server's own."""
    session_filter: bool
    """Whether lists of sessions take a filter text."""
    session_fields: str
    """GraphQL fields of a session."""
    statistics_fields: str
    """GraphQL fields that tell what it uses."""

    def refusal(self, function: str, server: str = "") -> str:
        """Why this generation cannot do `function` (a key of `OFFERS`); empty when it can."""
        offer = OFFERS.get(function)
        return offer.refusal(self.release, server or self.releases) if offer is not None else ""

    def offers(self, function: str) -> bool:
        """Whether this generation can do `function`, such as `VFolder.clone`."""
        return not self.refusal(function)


@cache
def generation_for(number: int, release: Release) -> Generation:
    """The generation of a major API version, as a release has it; newer ones count as newest."""
    known = [line for line in LINES if line[0] <= number] or [LINES[0]]
    major, releases, newest = known[-1]
    values: dict[str, Any] = {name: at(rows, release) for name, rows in WIRE.items()}
    return Generation(
        number=major,
        releases=releases,
        newest=newest,
        release=release,
        alive_statuses=at(ALIVE, release),
        variable_types=variable_types(release),
        dropped_arguments=dropped_arguments(release),
        mutation_results=mutation_results(release),
        session_fields=fields_of(SESSION_FIELDS, release),
        statistics_fields=fields_of(STATISTICS_FIELDS, release),
        **values,
    )


def generation_of(version: str, manager: str = "") -> Generation:
    """The generation that speaks `version`; a server's release, when known, is more exact."""
    return generation_for(parse_version(version)[0], release_of(version, manager))


GENERATIONS: Final = tuple(generation_of(newest) for _, _, newest in LINES)
V4: Final = GENERATIONS[0]


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What `GET /` told: the server's newest API version and its release."""

    version: str
    manager: str
    generation: Generation


def server_info(answer: object) -> ServerInfo:
    """Read the answer of `GET /`.

    Raises:
        InvalidResponseError: it is not the answer of a Backend.AI manager.
    """
    version = answer.get("version") if isinstance(answer, dict) else None
    manager = answer.get("manager") if isinstance(answer, dict) else None
    manager = str(manager or "unknown")
    try:
        generation = generation_of(str(version), manager)
    except ValueError:
        raise InvalidResponseError(
            f"The server does not tell a version this program understands ({version!r})."
        ) from None
    return ServerInfo(str(version), manager, generation)


def negotiate(server: str, client: str) -> str:
    """The version to speak: the older of what the two know (rest-overview.md 2.3).

    Where that is one which later servers refuse by name, the one before it.
    """
    agreed = min(server, client, key=parse_version)
    if agreed in UNSPOKEN and agreed != server:
        older = [text for text, _ in SPOKEN if parse_version(text) < parse_version(agreed)]
        return older[-1]
    return agreed

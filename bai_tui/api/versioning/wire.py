"""Paths, methods, and where parameters travel, by release (rest-version-matrix.md).

Each row says from which release on a value holds; the last row that the server has reached counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bai_tui.api.versioning.releases import (
    R19_09,
    R20_03,
    R20_09,
    R21_09,
    R22_03,
    R22_09,
    R23_09,
    R24_03,
    R24_09,
    R24_12,
    R25_01,
    R25_04,
    R25_08,
    R25_09,
    R25_10,
    R26_04,
    R26_08,
    R26_09,
    Release,
)

Rows = tuple[tuple[Release, Any], ...]

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

PATHS: Final[Mapping[str, Rows]] = {
    "sessions": ((R19_09, "kernel"), (R20_03, "session")),
    "session_create": ((R19_09, "kernel/create"), (R20_03, "session")),
    "session_streams": ((R19_09, "stream/kernel"), (R20_03, "stream/session")),
    "events": ((R19_09, "stream/kernel/_/events"), (R20_03, "events/session")),
    # 20.09 and 21.03 have the new one only from a patch release on.
    "graphql": ((R19_09, "admin/graphql"), (R21_09, "admin/gql")),
    "session_download": ((R19_09, ("GET", "/download")), (R24_03, ("POST", "/download"))),
    "folder_delete_files": (
        (R19_09, ("DELETE", "/delete_files")),
        (R24_03, ("POST", "/delete-files")),
    ),
    "folder_unshare": ((R19_09, ("DELETE", "/unshare")), (R24_03, ("POST", "/unshare"))),
    "folder_umount": (
        (R19_09, ("DELETE", "folders/_/mounts")),
        (R24_03, ("POST", "folders/_/umounts")),
    ),
    "invitation_delete": (
        (R19_09, ("DELETE", "folders/invitations/delete")),
        (R24_03, ("POST", "folders/invitations/delete")),
    ),
}

PARAMETERS: Final[Mapping[str, Rows]] = {
    "events_name": ((R19_09, "sessionId"), (R20_03, "name"), (R20_09, "sessionName")),
    "events_group": ((R19_09, "group"), (R25_01, "groupName")),
    # Asked to keep the stream of 20.09 and later to what the screens understand.
    "events_scope": ((R19_09, ""), (R20_09, "*"), (R26_08, "session,kernel")),
    "name_field": ((R19_09, "clientSessionToken"), (R20_03, "name")),
    "nested_usage": ((R19_09, False), (R24_03, True)),
    "usage_group": ((R19_09, "group_id"), (R25_01, "project_id")),
    # 26.8 reads the one and hands out the other.
    "run_id": ((R19_09, ("runId",)), (R25_01, ("runId", "run_id"))),
    # Up to 23.09 a body wins over the query; 24.03.11 does not look at the body of a GET.
    "reads": ((R19_09, ("body",)), (R24_03, ("body", "query")), (R25_01, ("query",))),
    # The listing of a session's files reads a body longer than the rest does.
    "session_files_in": ((R19_09, ("body",)), (R24_03, ("body", "query")), (R26_08, ("query",))),
    # A list in a query is beyond the servers that also take it in the body.
    "session_download_in": (
        (R19_09, ("body",)),
        (R24_09, ("body", "query")),
        (R25_01, ("query",)),
    ),
    # 24.03 takes whole paths alone, and those before and after it none.
    "session_upload_root": ((R19_09, ""), (R24_03, "/home/work/"), (R24_09, "")),
    "root_cluster_size": ((R19_09, False), (R20_09, True)),
    "preset_key": ((R19_09, ("name", "String!")), (R25_04, ("id", "UUID!"))),
    "task_events": ((R19_09, "task_"), (R20_09, "bgtask_")),
    "template_type": ((R19_09, True), (R20_09, False)),
    # The template itself; from 21.09 on in a list under a name; from 23.09 on the list alone.
    "template_form": ((R19_09, "bare"), (R21_09, "named"), (R23_09, "list")),
    # 25.15 fails (500) at what only the template says; to others it does no harm.
    "template_retold": ((R19_09, False), (R20_03, True), (R26_09, False)),
}

BEHAVIOUR: Final[Mapping[str, Rows]] = {
    "keeps_logs": ((R19_09, False), (R20_03, True)),
    # Of these the first key that is typed ends the stream (a misspelt call in their own code).
    "pty_takes_keys": ((R19_09, True), (R20_09, False), (R25_10, True)),
    "foreign_streams": ((R19_09, False), (R20_03, True)),
    "direct_files": ((R19_09, True), (R20_09, False)),
    # 24.09.6 looks for a group whose name is the id it was told.
    "folder_group_by_name": ((R19_09, False), (R24_09, True), (R25_08, False)),
    "mkdir_options": ((R19_09, False), (R20_09, True)),
    "host_permissions": ((R19_09, ()), (R22_09, HOST_PERMISSIONS)),
    # 22.09.23 made a domain without a list of registries an integrity error.
    "registries_needed": ((R19_09, False), (R22_09, True), (R23_09, False)),
    "user_status": ((R19_09, False), (R20_03, True)),
    # These take a change of a user that does not tell the status for one to inactive.
    "user_status_retold": (
        (R19_09, False),
        (R23_09, True),
        (R24_03, False),
        (R25_09, True),
        (R26_04, False),
    ),
    "policy_lacks": (
        (R19_09, frozenset()),
        (R25_01, frozenset({"max_vfolder_count", "max_vfolder_size"})),
    ),
    # Its default does not keep these from refusing a new policy of keypairs without it.
    "keypair_policy_needs": (
        (R19_09, ()),
        (R22_03, (("max_session_lifetime", 0),)),
        (R23_09, ()),
    ),
    # Fields of a new policy of users that these servers cannot do without, and their own defaults.
    "user_policy_needs": (
        (R19_09, ()),
        (R23_09, (("max_session_count_per_model_session", 10),)),
        (
            R24_03,
            (("max_session_count_per_model_session", 10), ("max_customized_image_count", 3)),
        ),
    ),
    "project_policy_needs": (
        (R19_09, ()),
        (R24_12, (("max_network_count", 0),)),
        (R26_08, ()),
    ),
    # 25.15 fails when the permission is left out.
    "folder_options_whole": ((R19_09, False), (R25_01, True), (R26_08, False)),
    # Of a user without a group these tell no keypairs when asked for that user's.
    "hides_ungrouped": ((R19_09, False), (R23_09, True)),
    "etcd_root": ((R19_09, True), (R20_03, False), (R26_08, True)),
    "group_types": (
        (R19_09, ()),
        (R24_03, ("GENERAL", "MODEL_STORE")),
        (R26_09, ("GENERAL", "MODEL_STORE", "PERSONAL")),
    ),
    "session_by_name": ((R19_09, True), (R20_03, False)),
    # A name that an earlier session had, too, is refused where logs of the dead are kept.
    "session_by_id": ((R19_09, False), (R20_03, True)),
    "session_filter": ((R19_09, False), (R21_09, True)),
    "trash": ((R19_09, False), (R24_03, True)),
    # Agents throw away what the next steps say until somebody asks again.
    "stepwise_batch": ((R19_09, False), (R20_03, True)),
    "session_course": ((R19_09, False), (R20_09, True)),
    # The published schema that this package brings along and that is nearest.
    "schema": ((R19_09, "19.09"), (R20_03, "20.03"), (R23_09, "23.09")),
}


def at(rows: Rows, release: Release) -> Any:
    """The value that holds in `release`."""
    return next(value for since, value in reversed(rows) if since <= release or since == R19_09)


WIRE: Final[Mapping[str, Rows]] = MappingProxyType({**PATHS, **PARAMETERS, **BEHAVIOUR})

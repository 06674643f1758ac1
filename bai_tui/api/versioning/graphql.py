"""What GraphQL calls things, by release (graphql.md 11, 12)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bai_tui.api.versioning.releases import (
    R19_09,
    R20_03,
    R20_09,
    R22_03,
    R23_09,
    R24_03,
    R25_01,
    Release,
)

RETYPED: Final = (
    # since, root field, argument, type
    (R20_03, "group", "id", "UUID!"),
    (R20_03, "modify_group", "gid", "UUID!"),
    (R20_03, "user_from_uuid", "user_id", "ID"),
    (R20_09, "create_scaling_group", "props", "CreateScalingGroupInput!"),
    (R20_09, "associate_scaling_group_with_user_group", "user_group", "UUID!"),
    (R20_09, "disassociate_scaling_group_with_user_group", "user_group", "UUID!"),
    (R20_09, "disassociate_all_scaling_groups_with_group", "user_group", "UUID!"),
)

RESULTS: Final = (
    # since, mutation, what it also answers with
    (R20_03, "rescan_images", "task_id"),
)

DROPPED: Final = (
    # since, root field, argument
    (R24_03, "images", "is_operation"),
)

_COMMON: Final = (
    "id image tag domain_name group_name group_id scaling_group user_email access_key status "
    "status_changed status_info created_at terminated_at startup_command result service_ports "
    "occupied_slots mounts resource_opts num_queries"
)

SESSION_FIELDS: Final = (
    # since, up to (not with), fields of a session
    (R19_09, None, _COMMON),
    (R19_09, R20_03, "sess_id sess_type user_uuid agent container_id"),
    (R20_03, None, "name type user_id"),
    (R20_09, None, "cluster_mode cluster_size status_data"),
    (R22_03, None, "architecture"),
    (R23_09, None, "status_history idle_checks"),
    (R25_01, None, "requested_slots priority"),
    (R20_03, R20_09, "containers { id role status agent container_id }"),
    (R20_09, None, "containers { id cluster_role cluster_idx status agent container_id }"),
)

STATISTICS_FIELDS: Final = (
    (R19_09, R20_03, "live_stat last_stat"),
    (R20_03, R20_09, "containers { role live_stat last_stat }"),
    (R20_09, None, "containers { cluster_role live_stat last_stat }"),
)


def variable_types(release: Release) -> Mapping[str, Mapping[str, str]]:
    """Root field to argument to type, where it is not the type of 19.09."""
    types: dict[str, dict[str, str]] = {}
    for since, name, argument, kind in RETYPED:
        if release >= since:
            types.setdefault(name, {})[argument] = kind
    return MappingProxyType(types)


def dropped_arguments(release: Release) -> frozenset[tuple[str, str]]:
    """Root fields and arguments that are gone."""
    return frozenset((name, argument) for since, name, argument in DROPPED if release >= since)


def mutation_results(release: Release) -> Mapping[str, str]:
    """Mutation to the fields it answers with besides those of 19.09."""
    return MappingProxyType({name: field for since, name, field in RESULTS if release >= since})


def fields_of(rows: tuple[tuple[Release, Release | None, str], ...], release: Release) -> str:
    """The fields of a table that `release` has."""
    return " ".join(
        text
        for since, until, text in rows
        if since <= release and (until is None or release < until)
    )

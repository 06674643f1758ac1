"""Queries about domains, groups, users, key pairs and their policies."""

from __future__ import annotations

from bai_tui.local.gql.access import (
    Request,
    known_role,
    require_group_access,
    scope,
    superadmin_only,
)
from bai_tui.local.gql.objects import Fields
from bai_tui.local.gql.objects import domain as domain_fields
from bai_tui.local.gql.objects import group as group_fields
from bai_tui.local.gql.objects import keypair as keypair_fields
from bai_tui.local.gql.objects import user as user_fields
from bai_tui.local.gql.select import select
from bai_tui.local.problems import GenericForbidden, GenericNotFound, InsufficientPrivilege


def domain(request: Request, name: str | None) -> Fields | None:
    """The caller's domain; another one for superadmins only."""
    name = name or request.caller.domain_name
    if name != request.caller.domain_name and not request.is_superadmin:
        raise GenericNotFound("no such domain")
    row = request.store.one("SELECT * FROM domains WHERE name = ?", name)
    return domain_fields(request, row) if row else None


@superadmin_only
def domains(request: Request, is_active: bool | None) -> list[Fields]:
    """All domains."""
    return select(request, domain_fields, "domains", "name", is_active=is_active)


def group(request: Request, id: str) -> Fields | None:
    """One group in the caller's scope."""
    row = request.store.one("SELECT * FROM groups WHERE id = ?", id.lower())
    if row is None:
        known_role(request)
        return None
    require_group_access(request, row["id"], row["domain_name"])
    return group_fields(request, row)


def groups(request: Request, domain_name: str | None, is_active: bool | None) -> list[Fields]:
    """Groups in scope; plain users get their own, whatever they ask for."""
    role = known_role(request)
    if role == "user":
        rows = request.store.all(
            """SELECT g.* FROM groups g JOIN association_groups_users a ON a.group_id = g.id
            WHERE a.user_id = ? ORDER BY g.name""",
            request.caller.uuid,
        )
        return [group_fields(request, row) for row in rows]
    if role == "admin":
        if domain_name not in (None, request.caller.domain_name):
            raise InsufficientPrivilege
        domain_name = request.caller.domain_name
    return select(
        request, group_fields, "groups", "name", domain_name=domain_name, is_active=is_active
    )


def user(request: Request, domain_name: str | None, email: str | None) -> Fields | None:
    """One user by e-mail; without it the caller."""
    domain_name, email = scope(request, domain_name, email, request.caller.email, myself=True)
    found = select(request, user_fields, "users", "email", domain_name=domain_name, email=email)
    return found[0] if found else None


def user_from_uuid(request: Request, domain_name: str | None, user_id: str | None) -> Fields | None:
    """One user by id; without it the caller."""
    domain_name, user_id = scope(request, domain_name, user_id, request.caller.uuid, myself=True)
    found = select(request, user_fields, "users", "email", domain_name=domain_name, uuid=user_id)
    return found[0] if found else None


def users(
    request: Request, domain_name: str | None, group_id: str | None, is_active: bool | None
) -> list[Fields]:
    """Users of the cluster (superadmin) or of the own domain (admin)."""
    role = known_role(request)
    if role == "user":
        raise InsufficientPrivilege
    if role == "admin":
        if domain_name not in (None, request.caller.domain_name):
            raise GenericForbidden
        domain_name = request.caller.domain_name
    found = select(
        request, user_fields, "users", "email", domain_name=domain_name, is_active=is_active
    )
    if group_id is None:
        return found
    return [
        fields
        for fields in found
        if any(entry["id"] == group_id.lower() for entry in fields["groups"] or ())
    ]


_KEYPAIRS = """SELECT k.* FROM keypairs k JOIN users u ON u.uuid = k."user" """


def keypair(request: Request, domain_name: str | None, access_key: str | None) -> Fields | None:
    """One key pair; without a key the caller's."""
    domain_name, access_key = scope(
        request, domain_name, access_key, request.caller.access_key, myself=True
    )
    row = request.store.one(
        f"{_KEYPAIRS} WHERE k.access_key = ? AND (? IS NULL OR u.domain_name = ?)",
        access_key,
        domain_name,
        domain_name,
    )
    return keypair_fields(request, row) if row else None


def keypairs(
    request: Request, domain_name: str | None, email: str | None, is_active: bool | None
) -> list[Fields]:
    """Key pairs of a user, or of everybody in scope."""
    domain_name, email = scope(request, domain_name, email, request.caller.email)
    rows = request.store.all(
        f"""{_KEYPAIRS} WHERE (?1 IS NULL OR u.domain_name = ?1) AND (?2 IS NULL OR k.user_id = ?2)
        AND (?3 IS NULL OR k.is_active = ?3) ORDER BY k.user_id, k.created_at""",
        domain_name,
        email,
        is_active,
    )
    return [keypair_fields(request, row) for row in rows]


def keypair_resource_policy(request: Request, name: str | None) -> Fields | None:
    """One policy; without a name that of the calling key."""
    name = name or request.caller.resource_policy
    return request.store.one("SELECT * FROM keypair_resource_policies WHERE name = ?", name)


def keypair_resource_policies(request: Request) -> list[Fields]:
    """All policies; plain users get those of their own key pairs."""
    if known_role(request) != "user":
        return request.store.all("SELECT * FROM keypair_resource_policies ORDER BY name")
    return request.store.all(
        """SELECT * FROM keypair_resource_policies WHERE name IN
        (SELECT resource_policy FROM keypairs WHERE "user" = ?) ORDER BY name""",
        request.caller.uuid,
    )

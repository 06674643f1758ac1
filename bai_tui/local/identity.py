"""Who calls, and for whom a caller may act."""

from __future__ import annotations

from dataclasses import dataclass

from bai_tui.local.problems import GenericForbidden, InternalServerError
from bai_tui.local.store import Store

_QUERY = """
SELECT k.access_key, k.secret_key, k.is_admin, k.rate_limit, k.resource_policy,
       u.uuid, u.email, u.role, u.domain_name
FROM keypairs k JOIN users u ON u.uuid = k."user"
WHERE k.access_key = ? AND k.is_active = 1
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """An active key pair and its user."""

    access_key: str
    secret_key: str
    is_admin: bool
    """The key pair's admin flag, what the admin guard looks at."""
    rate_limit: int
    resource_policy: str
    uuid: str
    email: str
    role: str
    """superadmin, admin (of the domain), user or monitor."""
    domain_name: str


def find_caller(store: Store, access_key: str) -> Caller | None:
    """The owner of an active key, or None."""
    row = store.one(_QUERY, access_key)
    if row is None:
        return None
    return Caller(**(row | {"is_admin": bool(row["is_admin"])}))


def owner_of(store: Store, caller: Caller, access_key: str | None) -> Caller:
    """Whose objects are meant when `caller` names `access_key` (rest-overview.md 4.3).

    Raises:
        GenericForbidden: not allowed to act for that key.
        InternalServerError: unknown or inactive key (what 19.09 answers).
    """
    if access_key is None or access_key == caller.access_key:
        return caller
    owner = find_caller(store, access_key)
    if owner is None:
        raise InternalServerError("Unknown owner access key")
    if caller.role == "superadmin":
        return owner
    if (
        caller.role == "admin"
        and owner.domain_name == caller.domain_name
        and owner.role != "superadmin"
    ):
        return owner
    raise GenericForbidden("Only admins can perform operations on behalf of other users")

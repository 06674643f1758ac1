"""Who may see and change what over GraphQL (graphql.md 4), and the context of one request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bai_tui.local.context import Context
from bai_tui.local.identity import Caller
from bai_tui.local.problems import GenericForbidden, InsufficientPrivilege, InvalidAPIParams
from bai_tui.local.store import Store

F = TypeVar("F", bound=Callable[..., Any])


class Refused(Exception):
    """A mutation is answered with `ok: false` and this text (graphql.md 1.5)."""


class Request:
    """One GraphQL request: the cluster, the caller, and what to do when it has succeeded."""

    def __init__(self, ctx: Context, caller: Caller) -> None:
        self.ctx = ctx
        self.caller = caller
        self.doomed: list[Path] = []
        """Directories that are removed once the mutation is committed."""
        self.changed = False
        """Whether a mutation changed rows."""

    @property
    def store(self) -> Store:
        """The rows."""
        return self.ctx.store

    @property
    def is_superadmin(self) -> bool:
        """Whether the caller may do everything."""
        return self.caller.role == "superadmin"

    @property
    def hides_agents(self) -> bool:
        """Whether agents are kept from this caller (graphql.md 4.3)."""
        hidden = self.store.value("SELECT value FROM config WHERE key = 'config/hide-agents'")
        return bool(hidden in ("1", "true", "True", "yes")) and not self.is_superadmin


def superadmin_only(resolver: F) -> F:
    """Mark a query or mutation of class S."""
    resolver.__dict__["superadmin_only"] = True
    return resolver


def known_role(request: Request) -> str:
    """The caller's role.

    Raises:
        InvalidAPIParams: `monitor`, which role-dependent queries do not know.
    """
    role = request.caller.role
    if role not in ("superadmin", "admin", "user"):
        raise InvalidAPIParams("Unknown client role")
    return role


def scope(
    request: Request, domain_name: str | None, key: str | None, own: str, *, myself: bool = False
) -> tuple[str | None, str | None]:
    """Domain and user key that a scoped query really means.

    Args:
        domain_name: what was asked for.
        key: the user (by e-mail, uuid or access key) asked for.
        own: the caller's own key of that kind.
        myself: a missing key means the caller for every role.

    Raises:
        GenericForbidden: a foreign domain, or (for plain users) a foreign key.
        InvalidAPIParams: role `monitor`.
    """
    role = known_role(request)
    if role != "superadmin":
        if domain_name not in (None, request.caller.domain_name):
            raise GenericForbidden
        domain_name = request.caller.domain_name
    if role == "user":
        if key not in (None, own):
            raise GenericForbidden
        key = own
    elif myself and key is None:
        key = own
    return domain_name, key


def admin_of_domain(request: Request, domain_name: str | None) -> bool:
    """Whether the caller administers that domain (mutations of class A)."""
    caller = request.caller
    return request.is_superadmin or (caller.role == "admin" and domain_name == caller.domain_name)


def require_group_access(request: Request, group_id: str, domain_name: str) -> None:
    """Refuse groups outside the caller's scope (query `group`).

    Raises:
        InsufficientPrivilege: foreign domain (admin) or no member (user).
    """
    role = known_role(request)
    if role == "admin" and domain_name != request.caller.domain_name:
        raise InsufficientPrivilege
    if role == "user" and not request.store.value(
        "SELECT 1 FROM association_groups_users WHERE group_id = ? AND user_id = ?",
        group_id,
        request.caller.uuid,
    ):
        raise InsufficientPrivilege

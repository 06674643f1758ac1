"""Who am I on this server: user, role, domain, groups, keypair and its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bai_tui.api.exceptions import AuthenticationError, BackendAPIError, ClockSkewError
from bai_tui.api.models import parse_slots

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession


@dataclass(frozen=True, slots=True)
class Group:
    """A group (project) of the user."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller as the server sees it; what the server would not tell is empty."""

    access_key: str
    email: str = ""
    username: str = ""
    role: str = "user"
    domain: str = ""
    groups: tuple[Group, ...] = ()
    policy: str = ""
    concurrency_used: int = 0
    concurrency_limit: int = 0
    limits: dict[str, Decimal] = field(default_factory=dict)

    @property
    def is_admin(self) -> bool:
        """Whether other people's sessions are visible."""
        return self.role in ("superadmin", "admin")

    @property
    def name(self) -> str:
        """What to call the user."""
        return self.email or self.username or self.access_key


def needs(roles: Collection[str]) -> str:
    """What to say to somebody who has none of these roles: `needs superadmin or admin`."""
    return f"needs {' or '.join(sorted(roles, reverse=True))}"


async def identify(session: AsyncSession) -> Identity:
    """Ask the server who we are.

    A server that hides one of the parts (a monitor may see hardly anything) still gives an
    identity; only a refusal of the keys themselves is an error.

    Raises:
        AuthenticationError, ClockSkewError: the keys or the signature were refused.
        BackendError: no usable answer at all.
    """
    user, keypair, policy = await asyncio.gather(
        _part(session, "user { uuid username email role domain_name groups { id name } }"),
        _part(session, "keypair { access_key is_admin resource_policy concurrency_used }"),
        _part(
            session,
            "keypair_resource_policy { name max_concurrent_sessions total_resource_slots }",
        ),
    )
    groups = user.get("groups") or ()
    # A web server signs with a keypair that only it knows; the server tells which.
    signs = session.config.endpoint_type != "session"
    return Identity(
        access_key=session.config.access_key if signs else str(keypair.get("access_key") or ""),
        email=str(user.get("email") or ""),
        username=str(user.get("username") or ""),
        role=str(user.get("role") or ("admin" if keypair.get("is_admin") else "user")),
        domain=str(user.get("domain_name") or session.config.domain),
        groups=tuple(Group(str(g.get("id")), str(g.get("name"))) for g in groups),
        policy=str(keypair.get("resource_policy") or policy.get("name") or ""),
        concurrency_used=int(keypair.get("concurrency_used") or 0),
        concurrency_limit=int(policy.get("max_concurrent_sessions") or 0),
        limits=parse_slots(policy.get("total_resource_slots")),
    )


async def _part(session: AsyncSession, selection: str) -> Mapping[str, Any]:
    try:
        data = await session.Admin.query(f"query {{ {selection} }}")
    except (AuthenticationError, ClockSkewError):
        raise
    except BackendAPIError as error:
        if error.status >= 500 or error.status == 429:
            raise
        return {}
    found = data.get(selection.split(maxsplit=1)[0]) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}

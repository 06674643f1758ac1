"""What can be chosen in forms, asked from the server; what it will not tell is left out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from bai_tui.widgets.picker import Choice

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

ROLES = (
    Choice("user", "user", "own sessions and folders"),
    Choice("admin", "admin", "administers the domain"),
    Choice("superadmin", "superadmin", "administers the cluster"),
    Choice("monitor", "monitor", "looks at everything, changes nothing"),
)
YES_NO = (Choice("yes", "yes"), Choice("no", "no"))


async def domains(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """All domains for a superadmin, else the own one."""
    if identity.role != "superadmin":
        return [Choice(identity.domain, identity.domain)]
    found = await session.Domain.list(fields=("name", "description", "is_active"))
    return [
        Choice(str(d["name"]), str(d["name"]), "" if d.get("is_active") else "not active")
        for d in found
    ]


async def groups(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Groups by id; of all domains for a superadmin."""
    domain = None if identity.role == "superadmin" else identity.domain
    found = await session.Group.select(
        "groups", ("id", "name", "domain_name"), {"domain_name": ("String", domain)}
    )
    return [Choice(str(g["id"]), str(g["name"]), str(g.get("domain_name") or "")) for g in found]


async def policies(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Keypair resource policies."""
    found = await session.KeypairResourcePolicy.list(fields=("name",))
    return [Choice(str(p["name"]), str(p["name"])) for p in found]


async def user_policies(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Resource policies of users."""
    found = await session.UserResourcePolicy.list(fields=("name",))
    return [Choice(str(p["name"]), str(p["name"])) for p in found]


async def project_policies(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Resource policies of projects."""
    found = await session.ProjectResourcePolicy.list(fields=("name",))
    return [Choice(str(p["name"]), str(p["name"])) for p in found]


async def users(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Users by e-mail address."""
    found = await session.User.list(fields=("email", "username", "role"))
    return [Choice(str(u["email"]), str(u["email"]), str(u.get("role") or "")) for u in found]


async def members(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Users by id."""
    found = await session.User.list(fields=("uuid", "email", "full_name"))
    return [Choice(str(u["uuid"]), str(u["email"]), str(u.get("full_name") or "")) for u in found]


async def keypairs(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Keypairs by access key."""
    found = await session.KeyPair.list(fields=("access_key", "user_id"))
    return [
        Choice(str(k["access_key"]), str(k["access_key"]), user, words=user)
        for k in found
        for user in [str(k.get("user_id") or "")]
    ]


async def hosts(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Vfolder hosts."""
    names: list[str] = []
    if identity.role == "superadmin":
        with suppress(Exception):  # the own ones are enough then
            names = list((await session.VFolder.list_all_hosts()).get("allowed") or ())
    if not names:
        names = list((await session.VFolder.list_hosts()).get("allowed") or ())
    return [Choice(name, name) for name in map(str, names)]


async def registries(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Registries of images."""
    found = await session.Resource.get_docker_registries()
    return [Choice(str(name), str(name), str(where)) for name, where in found.items()]


async def scaling_groups(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Scaling groups."""
    found = await session.ScalingGroup.list(fields=("name", "description"))
    return [Choice(str(s["name"]), str(s["name"]), str(s.get("description") or "")) for s in found]

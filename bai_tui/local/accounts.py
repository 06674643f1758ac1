"""Rows that make up an account, as signup and GraphQL create them."""

from __future__ import annotations

from bai_tui.local.context import Context
from bai_tui.local.passwords import new_access_key, new_secret_key


def add_keypair(
    ctx: Context,
    user_id: str,
    email: str,
    *,
    is_active: bool,
    is_admin: bool,
    resource_policy: str,
    rate_limit: int,
) -> str:
    """Give a user (uuid, e-mail) a new key pair; returns its access key.

    Raises:
        sqlite3.IntegrityError: there is no such policy.
    """
    access_key = new_access_key()
    ctx.store.insert(
        "keypairs",
        access_key=access_key,
        secret_key=new_secret_key(),
        user_id=email,
        user=user_id,
        is_active=is_active,
        is_admin=is_admin,
        resource_policy=resource_policy,
        created_at=ctx.clock.now(),
        rate_limit=rate_limit,
    )
    return access_key

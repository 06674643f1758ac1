"""SSH keys of key pairs: RSA 2048, made when first needed since making one takes a while."""

from __future__ import annotations

import asyncio

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bai_tui.local.store import Store


def new_ssh_keypair() -> tuple[str, str]:
    """A new public key (OpenSSH line) and private key (PEM). Takes tenths of a second."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return public.decode() + "\n", private


async def ensure_ssh_keypair(store: Store, access_key: str) -> tuple[str, str]:
    """The key pair's SSH keys (public, private), made now if it has none yet."""
    sql = "SELECT ssh_public_key, ssh_private_key FROM keypairs WHERE access_key = ?"
    row = store.one(sql, access_key)
    if row is None:
        raise KeyError(access_key)
    if row["ssh_public_key"] is None:
        await replace_ssh_keypair(store, access_key, only_if_missing=True)
        row = store.one(sql, access_key) or row
    return row["ssh_public_key"], row["ssh_private_key"]


async def replace_ssh_keypair(
    store: Store, access_key: str, *, only_if_missing: bool = False
) -> tuple[str, str]:
    """Generate and store new SSH keys (public, private)."""
    public, private = await asyncio.to_thread(new_ssh_keypair)
    condition = " AND ssh_public_key IS NULL" if only_if_missing else ""
    store.execute(
        "UPDATE keypairs SET ssh_public_key = ?, ssh_private_key = ? WHERE access_key = ?"
        + condition,
        public,
        private,
        access_key,
    )
    return public, private

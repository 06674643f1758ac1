"""What an ssh client needs to enter a session: its key, and the command."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bai_tui.api.exceptions import BackendClientError

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession

KEY: Final = "id_container"
"""The private key that a session's sshd accepts, in its working directory (cli.md 6)."""
SIZE_LIMIT: Final = 64 * 1024


class SSHKeyError(BackendClientError):
    """The session's key cannot be had, or is none."""

    hint = "Not every image has an sshd; the terminal works without."


async def fetch_key(session: AsyncSession, name: str, owner: str, directory: Path) -> Path:
    """Fetch the generated key of a session; only the user may read the file.

    Raises:
        SSHKeyError: there is none, or it is no private key. BackendError: as any download.
    """
    await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        await session.Kernel(name, owner or None).download([KEY], scratch)
        return await asyncio.to_thread(_keep, Path(scratch) / KEY, directory, name)


def _keep(source: Path, directory: Path, name: str) -> Path:
    if source.is_symlink() or not source.is_file():
        raise SSHKeyError(f"The session {name} has no file {KEY}.")
    if source.stat().st_size > SIZE_LIMIT:
        raise SSHKeyError(f"{KEY} of the session {name} is too large for a key.")
    text = source.read_bytes()
    if b"PRIVATE KEY" not in text[:200]:
        raise SSHKeyError(f"{KEY} of the session {name} is no private key.")
    target = directory / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}.key"
    descriptor, temporary = tempfile.mkstemp(dir=directory)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text if text.endswith(b"\n") else text + b"\n")
    Path(temporary).replace(target)
    return target


def command(key: Path, port: int, user: str = "work") -> str:
    """The ssh command; a session's host key is new with every session, so it is not remembered."""
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    return f"ssh -i {shlex.quote(str(key))} -p {port} {options} {user}@127.0.0.1"

"""What an ssh client needs to enter a session: its key, and the command."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bai_tui.api.exceptions import BackendClientError

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession

KEY: Final = "id_container"
"""The private key that a session's sshd accepts, in its working directory (cli.md 6)."""
ANSWER: Final = 20.0
"""Seconds an sshd has to greet us."""
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


async def knock(port: int) -> None:
    """Reach the sshd once: some servers start it, and make the key, only then.

    Raises:
        SSHKeyError: nobody answers.
    """
    try:
        async with asyncio.timeout(ANSWER):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                greeting = await reader.readline()
            finally:
                writer.close()
    except OSError:
        greeting = b""
    if not greeting.startswith(b"SSH-"):
        raise SSHKeyError("The session's sshd does not answer.")


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


def user_of(key: Path) -> str:
    """Whom to log in as: servers have `work`, the local cluster names its user in the key."""
    try:
        public = subprocess.run(
            ["ssh-keygen", "-y", "-P", "", "-f", str(key)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=5,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return "work"
    named = re.search(r" ([a-z_][a-z0-9_-]{0,31})@session$", public.strip())
    return named[1] if named else "work"


def command(key: Path, port: int, user: str = "work") -> str:
    """The ssh command; a session's host key is new with every session, so it is not remembered."""
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    return f"ssh -i {shlex.quote(str(key))} -p {port} {options} {user}@127.0.0.1"

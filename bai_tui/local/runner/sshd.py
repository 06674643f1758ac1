"""The ssh service of a session: OpenSSH's own server, one process for each connection.

It listens on a socket of the session alone, and accepts only the key that is generated here and
left in the working directory as `id_container`, where clients fetch it (cli.md 5).
"""

from __future__ import annotations

import asyncio
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

KEY = "id_container"
SFTP = (
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/sftp-server",
    "/usr/libexec/openssh/sftp-server",
)


def program() -> str | None:
    """Path of the server; None where none is installed."""
    return shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def generate(path: Path) -> None:
    """Make a key pair without a passphrase; only the user may read it."""
    subprocess.run(
        [
            "ssh-keygen",
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            f"{getpass.getuser()}@session",
            "-f",
            str(path),
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def configure(secret: Path, work: Path) -> list[str]:
    """Write keys and configuration; returns the command that serves one connection."""
    generate(secret / "host")
    key = work / KEY
    if not key.exists():
        generate(secret / "user")
        shutil.copyfile(secret / "user", key)
        key.chmod(0o600)
    public = subprocess.run(
        ["ssh-keygen", "-y", "-f", str(key)],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    (secret / "authorized").write_bytes(public.stdout)
    sftp = next((path for path in SFTP if os.path.exists(path)), "internal-sftp")
    # The environment of the session, not that of a login: its home, its variables, its mark.
    enter = secret / "enter"
    exports = "".join(
        f"export {name}={shlex.quote(value)}\n"
        for name, value in os.environ.items()
        if name.isidentifier() and name not in ("TERM", "PYTHONPATH")
    )
    enter.write_text(
        f"#!/bin/sh\n{exports}cd {shlex.quote(str(work))} || exit 1\n"
        'if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND"; fi\n'
        'exec "$SHELL" -il\n'
    )
    enter.chmod(0o700)
    config = secret / "config"
    config.write_text(
        f"HostKey {secret}/host\nAuthorizedKeysFile {secret}/authorized\nPidFile none\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        f"PermitRootLogin prohibit-password\nPrintMotd no\nSubsystem sftp {sftp}\n"
        f"ForceCommand {enter}\nAllowTcpForwarding local\nMaxSessions 50\nUseDNS no\n"
    )
    return [str(program()), "-i", "-e", "-f", str(config)]


async def serve(path: str) -> None:
    """Accept connections until killed."""
    secret = Path(tempfile.mkdtemp(prefix="sshd-", dir=os.path.dirname(path)))
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)  # OpenSSH drops privileges into it.
    command = await asyncio.to_thread(configure, secret, Path.cwd())
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(128)
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[int]] = set()
    while True:
        connection, _ = await loop.sock_accept(listener)
        with connection, suppress(OSError):
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=connection.fileno(),
                stdout=connection.fileno(),
                stderr=asyncio.subprocess.DEVNULL,
            )
            task = asyncio.create_task(process.wait())
            running.add(task)
            task.add_done_callback(running.discard)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))

"""`python -m bai_tui.local`: the local cluster alone, in its own process."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bai_tui.local.state import StateDir, StateLockedError


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bai_tui.local",
        description="Run a Backend.AI cluster on this machine: real sessions, loopback only.",
    )
    parser.add_argument("--state-dir", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 (default) chooses a free one")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON line with endpoint and keys when ready"
    )
    parser.add_argument(
        "--announce-fd", type=int, metavar="N", help="write that line to this descriptor instead"
    )
    parser.add_argument(
        "--exit-with-parent", action="store_true", help="end when standard input is closed"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the exit code (0 stopped, 1 could not run)."""
    options = build_parser().parse_args(arguments)
    from bai_tui.local.state import ClusterError

    try:
        return asyncio.run(_run(options))
    except ClusterError as error:
        print(f"bai-tui: {error}", file=sys.stderr)
        return 1


async def _run(options: argparse.Namespace) -> int:
    from bai_tui.local.cluster import LocalCluster
    from bai_tui.local.state import StateLockedError

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    if options.exit_with_parent:
        await _watch_stdin(stop)
    cluster = LocalCluster(options.state_dir, options.host, options.port)
    try:
        await cluster.start()
    except StateLockedError as error:
        if not options.json:
            raise
        # A program that wants the cluster of this directory gets the one that runs already.
        _announce(await _running(cluster.state, error) | {"shared": True}, options)
        if options.exit_with_parent:
            await stop.wait()
        return 0
    try:
        _announce(cluster.announcement() | {"shared": False}, options)
        await stop.wait()
    finally:
        await cluster.stop()
    return 0


async def _running(state: StateDir, error: StateLockedError) -> dict[str, Any]:
    """The announcement of the cluster that holds the directory; it may still be starting.

    Raises:
        StateLockedError: it did not get ready in time.
    """
    for _ in range(100):
        announcement: dict[str, Any] | None = state.read_json(state.endpoint_file)
        if announcement is not None:
            return announcement
        await asyncio.sleep(0.1)
    raise error


async def _watch_stdin(stop: asyncio.Event) -> None:
    """Set `stop` at the end of standard input: our parent closed it or is gone."""

    class UntilEnd(asyncio.Protocol):
        def eof_received(self) -> bool:
            stop.set()
            return False

        def connection_lost(self, exc: Exception | None) -> None:
            stop.set()

    await asyncio.get_running_loop().connect_read_pipe(UntilEnd, sys.stdin)


def _announce(announcement: dict[str, Any], options: argparse.Namespace) -> None:
    line = json.dumps(announcement) + "\n"
    if options.announce_fd is not None:
        with os.fdopen(options.announce_fd, "w") as file:
            file.write(line)
    elif options.json:
        sys.stdout.write(line)
        sys.stdout.flush()
    else:
        print(_greeting(announcement), flush=True)


def _greeting(announcement: dict[str, Any]) -> str:
    accounts = "\n".join(
        f"#   {name:<11} {keys['email']:<22} {keys['access_key']}"
        for name, keys in announcement["credentials"].items()
    )
    return (
        f"# The local cluster answers at {announcement['endpoint']}\n"
        f"# and keeps everything in {announcement['state_dir']}\n"
        f"export BACKEND_ENDPOINT={announcement['endpoint']}\n"
        f"export BACKEND_ACCESS_KEY={announcement['access_key']}\n"
        f"export BACKEND_SECRET_KEY={announcement['secret_key']}\n"
        f"# Accounts (passwords and keys of all of them: accounts.json and endpoint.json there):\n"
        f"{accounts}\n"
        "# Press Ctrl+C to stop it together with all its sessions."
    )


if __name__ == "__main__":
    raise SystemExit(main())

"""Which cluster the program talks to: the environment, a profile, or the embedded local cluster.

A target knows how to become an `APIConfig`; what is then done with it is the connection's part.
Nothing heavy is imported here before a target is resolved: the first paint comes first.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_state_path

from bai_tui.api import APIConfig, BackendClientError

if TYPE_CHECKING:
    from bai_tui.connection import Target

START_TIMEOUT = 30.0
"""Seconds the embedded cluster may take until it answers; first start fills its database."""

STOP_TIMEOUT = 10.0
"""Seconds it may take to end all sessions before it is killed."""

ENVIRONMENT_KEYS = ("BACKEND_ENDPOINT", "BACKEND_ACCESS_KEY", "BACKEND_SECRET_KEY")


class UnknownProfileError(Exception):
    """The settings have no profile of that name."""


class LocalClusterError(BackendClientError):
    """The embedded cluster could not be started; the text says why and what to do."""


def local_state_dir() -> Path:
    """Where the embedded cluster keeps its rows, folders and keys unless told otherwise."""
    return user_state_path("bai-tui") / "local"


class EnvironmentTarget:
    """The server that the `BACKEND_*` variables name."""

    def __init__(self) -> None:
        self.label = os.environ.get("BACKEND_ENDPOINT", "environment").split(",")[0]

    async def resolve(self) -> APIConfig:
        """The configuration the environment describes.

        Raises:
            ValueError: a variable holds something unusable; the text names it.
        """
        return APIConfig()

    async def close(self) -> None:
        """Nothing was started, nothing is to be stopped."""


class LocalTarget:
    """The embedded cluster, run as a child process so that its work never delays a key press.

    If another bai-tui already runs a cluster on the same directory, that one is used.
    """

    label = "local"

    def __init__(self, state_dir: Path | None = None, role: str = "superadmin") -> None:
        self.state_dir = state_dir or local_state_dir()
        self.role = role
        self._process: Process | None = None
        self._announcement: dict[str, Any] = {}
        self._complaints: asyncio.Task[None] | None = None
        self._stderr: deque[str] = deque(maxlen=20)

    @property
    def ends_with_us(self) -> bool:
        """Whether its sessions end when it is closed: nobody else started it."""
        return self._process is not None and not self._announcement.get("shared")

    async def resolve(self) -> APIConfig:
        """Start the cluster if it does not run yet and return how to reach it.

        Raises:
            LocalClusterError: it did not start; says why.
        """
        if self._process is not None and self._process.returncode is not None:
            await self.close()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bai_tui.local",
                "--state-dir",
                str(self.state_dir),
                "--json",
                "--exit-with-parent",
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                # Ctrl+C in our terminal is for us: the cluster ends when we close its input.
                start_new_session=True,
            )
            assert self._process.stderr is not None
            self._complaints = asyncio.create_task(self._keep(self._process.stderr))
            try:
                self._announcement = await self._read_announcement(self._process)
            except BaseException:
                await self.close()
                raise
        keys = self._announcement["credentials"][self.role]
        return APIConfig(
            endpoint=self._announcement["endpoint"],
            access_key=keys["access_key"],
            secret_key=keys["secret_key"],
        )

    async def _keep(self, stderr: asyncio.StreamReader) -> None:
        async for line in stderr:
            self._stderr.append(line.decode("utf-8", "replace").rstrip())

    async def _read_announcement(self, process: Process) -> dict[str, Any]:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_TIMEOUT):
                line = await process.stdout.readline()
        except TimeoutError:
            raise LocalClusterError(
                f"The local cluster did not answer within {START_TIMEOUT:.0f} seconds."
            ) from None
        if not line:
            await process.wait()
            if self._complaints is not None:
                await self._complaints
            reason = "\n".join(self._stderr) or f"it ended with exit code {process.returncode}"
            raise LocalClusterError(f"The local cluster did not start: {reason}")
        announcement: dict[str, Any] = json.loads(line)
        return announcement

    async def close(self) -> None:
        """Stop the cluster if it was started here, together with all its sessions."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._complaints is not None:
            await self._complaints


def choose(*, profile: str | None, local: bool, state_dir: Path | None) -> Target:
    """The target that was asked for: option, then environment, then default profile, then local.

    Raises:
        UnknownProfileError: `profile` is not in the settings.
        SettingsError: the settings cannot be read.
    """
    from bai_tui.settings import load, profile_target

    if local or state_dir is not None:
        return LocalTarget(state_dir)
    if profile is not None:
        return profile_target(profile)
    if any(os.environ.get(key) for key in ENVIRONMENT_KEYS):
        return EnvironmentTarget()
    default = load().default_profile
    return profile_target(default) if default else LocalTarget()

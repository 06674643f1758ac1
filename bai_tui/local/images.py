"""The images of the local cluster: honest names for the interpreters of this machine."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from dataclasses import dataclass, field

REGISTRY = "local"
"""Registry part of every image here; nothing is pulled from anywhere."""


@dataclass(frozen=True)
class LocalImage:
    """One interpreter of this machine, described as an image."""

    name: str
    tag: str
    runtime_path: str
    aliases: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def canonical(self) -> str:
        """`registry/name:tag`."""
        return f"{REGISTRY}/{self.name}:{self.tag}"

    @property
    def digest(self) -> str:
        """A digest that changes when the interpreter file does."""
        stat = os.stat(self.runtime_path)
        mark = f"{os.path.realpath(self.runtime_path)}:{stat.st_size}:{stat.st_mtime_ns}"
        return "sha256:" + hashlib.sha256(mark.encode()).hexdigest()

    @property
    def size_bytes(self) -> int:
        """Size of the interpreter file: an image here has no layers of its own."""
        return os.stat(self.runtime_path).st_size


def system_name() -> str:
    """Short name of this operating system, such as `debian` or `darwin`."""
    try:
        return platform.freedesktop_os_release()["ID"]
    except (OSError, KeyError):
        return platform.system().lower()


def scan_images() -> list[LocalImage]:
    """The images this machine can run: the interpreter that runs the cluster, with its shell."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [
        LocalImage(
            name="python",
            tag=f"{version}-{system_name()}",
            runtime_path=sys.executable,
            aliases=(f"python:{version}", "python", "bash"),
            labels={
                "ai.backend.kernelspec": "1",
                "ai.backend.envs.corecount": "OPENBLAS_NUM_THREADS,OMP_NUM_THREADS",
                "ai.backend.features": "query batch tty uid-match user-input",
                "ai.backend.base-distro": system_name(),
                "ai.backend.resource.min.cpu": "1",
                "ai.backend.resource.min.mem": "64m",
                "ai.backend.resource.preferred.shmem": "64m",
                "ai.backend.runtime-type": "python",
                "ai.backend.runtime-path": sys.executable,
                "ai.backend.accelerators": "",
                "ai.backend.service-ports": "",
                "ai.backend.description": (
                    f"Python {platform.python_version()} and the shell of this machine, "
                    "run as ordinary processes"
                ),
            },
        )
    ]

"""Which functions a release offers: since when, and until when (rest-version-matrix.md 1).

What is not here is offered by every server since 19.09.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from bai_tui.api.versioning.releases import (
    R19_09,
    R20_03,
    R20_09,
    R21_03,
    R21_09,
    R22_03,
    R22_09,
    R23_03,
    R23_09,
    R24_03,
    R24_09,
    R24_12,
    R25_01,
    R25_10,
    R26_08,
    Release,
    release_text,
)


class Offer(NamedTuple):
    """A function that not every server has.

    Attributes:
        since: first release. gone: first release without it again.
        instead: what to do where it is missing.
    """

    what: str
    since: Release = R19_09
    gone: Release | None = None
    instead: str = ""

    def refusal(self, release: Release, server: str) -> str:
        """Why it cannot be done with that server; empty when it can."""
        if release < self.since:
            return (
                f"This server ({server}) cannot {self.what}; "
                f"servers can since {release_text(self.since)}."
            )
        if self.gone is not None and release >= self.gone:
            return (
                f"This server ({server}) cannot {self.what} any more; "
                f"servers could before {release_text(self.gone)}."
            )
        return ""


OFFERS: Final[Mapping[str, Offer]] = {
    # class and method of the API package to what a server must offer for it
    "Kernel.restart": Offer(
        "restart sessions", gone=R26_08, instead="Terminate the session and create it anew."
    ),
    "Kernel.rename": Offer("rename sessions", R21_09),
    "Kernel.commit": Offer("commit sessions", R22_09),
    "Kernel.commit_status": Offer("commit sessions", R22_09),
    "Kernel.status_history": Offer("tell the history of a session's status", R25_10),
    "Kernel.dependency_graph": Offer("tell what sessions depend on", R23_09),
    "Kernel.start_service": Offer("start services through the app proxy", R21_09),
    "Kernel.shutdown_service": Offer("stop services", R20_03),
    "Kernel.apps": Offer("list the apps of a session", R20_03),
    "KernelAPI.match": Offer("match session names", R20_03),
    "KernelAPI.create_from_template": Offer("create sessions from templates", R20_03),
    "create dependencies": Offer("make sessions wait for others", R22_03),
    "create architecture": Offer("choose an architecture", R22_03),
    "create cluster_mode": Offer("choose how containers are spread", R20_09),
    "create mount_map": Offer("mount folders at other paths", R20_03),
    "create preopen_ports": Offer("open ports beforehand", R20_03),
    "create starts_at": Offer("start sessions later", R20_03),
    "create bootstrap_script": Offer("run bootstrap scripts", R20_03),
    "create callback_url": Offer("call back when a session changes", R22_03),
    "create priority": Offer("give sessions a priority", R24_09),
    "create batch_timeout": Offer("limit the time of batch sessions", R24_09),
    "create agent_list": Offer("place sessions on chosen agents", R20_09),
    "SessionTemplateAPI": Offer("keep session templates", R20_03),
    "BackgroundTask": Offer("report background tasks", R20_03),
    "VFolder.leave": Offer("leave folders", R20_03),
    "VFolder.share": Offer("share folders", R21_03),
    "VFolder.unshare": Offer("unshare folders", R21_03),
    "VFolder.usage_mode": Offer("tell what folders are for", R20_09),
    "VFolder.permission": Offer("create folders with a permission", R20_09),
    "VFolder.clone": Offer("clone folders", R20_09),
    "VFolder.update_options": Offer("change the options of folders", R20_09),
    "VFolder.move_file": Offer("move files in folders", R22_03),
    "VFolder.restore": Offer("restore folders from a trash", R24_03),
    "VFolder.purge": Offer("purge folders from a trash", R24_03),
    "VFolder.quota": Offer("tell the quota of a folder", R21_03),
    "VFolder.set_quota": Offer("limit the size of a folder", R21_03),
    "VFolder.usage": Offer("tell the usage of a folder", R21_03),
    "QuotaScopeAPI": Offer("tell quota scopes", R23_09),
    "UserResourcePolicyAPI": Offer("give users resource policies", R23_09),
    "ProjectResourcePolicyAPI": Offer("give projects resource policies", R23_09),
    # 23.09 takes the number, and forgets it.
    "policy max_vfolder_count": Offer("limit folders by policies of users and projects", R24_03),
    "policy max_customized_image_count": Offer("limit own images by policies of users", R24_03),
    "policy max_network_count": Offer("limit networks by policies of projects", R24_12),
    "ContainerRegistryAPI": Offer("list container registries", R23_09),
    "ContainerRegistryAPI.create": Offer("change container registries", R24_09),
    "StorageAPI": Offer("describe storage hosts", R20_09),
    "ErrorLogAPI": Offer("keep a log of errors", R20_03),
    "AuditLogAPI": Offer("show an audit log", R25_01),
    "ServiceAPI": Offer("run model services", R23_03),
    "ImageAPI.get_image_import_form": Offer("import images", gone=R24_03),
    "ImageAPI.build": Offer("import images", gone=R24_03),
}

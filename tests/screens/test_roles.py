"""Who is offered what: every changing action, by role and in read-only mode, from the registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bai_tui import actions
from bai_tui.connection import Connection
from bai_tui.screens.view import View
from tests.screens.driving import program
from tests.screens.test_actions import VIEWS, load
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

SUPERADMIN_ONLY = {
    "hosts.mount", "hosts.umount",
    "agent.start", "agent.stop", "agent.restart",
    "etcd.set", "etcd.edit", "etcd.text", "etcd.delete",
    "manager.freeze", "manager.force", "manager.unfreeze", "manager.announce", "manager.silence",
}  # fmt: skip
"""What the protocol lets superadmins do alone, whatever the view: it must be nobody else's."""
ADMINS_ONLY = {"session.force", "members.add", "scaling.associate", "image.rescan"}
"""What users cannot do."""


def asked(connection: Connection) -> dict[str, set[str]]:
    """Each changing action, and what the views that have it say against it; they are not shown."""
    found: dict[str, set[str]] = {}
    for module, name in VIEWS:
        kind = load(module, name)
        bound: Any = type(name, (kind,), {"connection": property(lambda self: connection)})
        view: View = bound.__new__(bound)
        for action in actions.for_scopes(*kind.SCOPES):
            if action.mutating:
                found.setdefault(action.id, set()).add(view.absent(action))
    return found


def offered(connection: Connection) -> set[str]:
    """The changing actions that some view has."""
    return {action for action, reasons in asked(connection).items() if "" in reasons}


@pytest.mark.parametrize("role", ["superadmin", "admin", "user", "monitor"])
async def test_what_a_role_lacks_is_absent_everywhere(
    role: str, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(role), tmp_path) as driver:
        connection = driver.app.connection
        await until(lambda: connection.ready and connection.identity, "the connection")
        have = offered(connection)
        lacks = set()
        if role != "superadmin":
            lacks |= SUPERADMIN_ONLY
        if role not in ("superadmin", "admin"):
            lacks |= ADMINS_ONLY
        assert not have & lacks
        if role == "superadmin":
            for action, reasons in asked(connection).items():
                # What else is absent is so because this release of the server lacks it.
                assert not all(reason.startswith("needs ") for reason in reasons), action
        connection.read_only = True
        assert not offered(connection)

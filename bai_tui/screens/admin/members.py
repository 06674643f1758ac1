"""Members of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bai_tui.screens.admin import groups, offers, users
from bai_tui.screens.admin.resource import ADMINS, Call, Resource, Wire
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.picker import Choice, Picker

RESOURCE: Final[Resource] = replace(
    users.RESOURCE,
    name="members",
    one="member",
    about="Users of a group.",
    editors=ADMINS,
    create=None,
    update=None,
    toggle=None,
    purge=None,
    verb="Remove",
    remove=lambda item: Call("Group.remove_users", (item.text("group"), [item.text("uuid")])),
    removing="The user is no longer a member of the group; sessions go on.",
    scopes=("members",),
    hint="n adds users.",
    refuses=lambda action, group: groups.refuses(action, group) if action == "members.add" else "",
)


class MembersView(ResourceView):
    """Users of one group: add, remove."""

    RESOURCE = RESOURCE

    def wire(self, data: Wire) -> Wire:
        """With the group they are removed from."""
        return {**data, "group": self.scope.value}

    async def do_members_add(self, argument: str) -> None:
        """Choose users who are no members yet."""
        identity = self.connection.identity
        if identity is None:
            return
        found: Sequence[Choice] = await offers.members(self.connection.session, identity)
        present = {item.text("uuid") for item in self.table.rows}
        choices = [replace(c, bar="a member already" if c.value in present else "") for c in found]

        def chosen(uuids: tuple[str, ...] | None) -> None:
            if uuids:
                call = Call("Group.add_users", (self.scope.value, list(uuids)))
                self.attempt(self.send(call, f"{len(uuids)} added to {self.scope.label}"), "add")

        title = f"Add to {self.scope.label}"
        self.app.push_screen(Picker(title, choices, several=True), chosen)

"""Who is offered what: every changing action of every view, by role and in read-only mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from bai_tui import actions
from bai_tui.actions import MAIN_VIEWS, Action
from bai_tui.api import APIConfig, AsyncSession
from bai_tui.identity import Identity, needs
from bai_tui.screens.admin.groups import GroupsView
from bai_tui.screens.admin.members import MembersView
from bai_tui.screens.admin.resource import Item, Scope
from bai_tui.screens.view import View
from tests.screens.driving import Driver, program
from tests.screens.test_actions import VIEWS, load
from tests.waiting import until

ROLES: Final = ("superadmin", "admin", "user", "monitor")
EVERYBODY: Final = frozenset(ROLES)
ADMINS: Final = frozenset({"superadmin", "admin"})
SUPER: Final = frozenset({"superadmin"})

ALL_VIEWS: Final = (*VIEWS, ("bai_tui.screens.create.form", "NewSessionView"))

PERMITTED: Final[Mapping[frozenset[str], str]] = {
    # What the server lets which role do, by action, or by view for the actions that many have.
    EVERYBODY: """
        sessions.new sessions.clone session.shell session.run session.batch session.interrupt
        session.restart session.commit session.rename session.terminate form.submit form.share
        code.run batch.start vfolders.new vfolder.rename vfolder.delete vfolder.leave vfolder.clone
        vfolder.cloneable vfolder.restore shares.invite shares.permission shares.revoke
        invitations.accept invitations.decline sweeps.new sweep.resume sweep.retry sweep.again
        sweep.stop case.retry service.sync service.clear serverlog.clear ServicesView
    """,
    ADMINS: """
        session.force members.add image.rescan GroupsView MembersView QuotasView
    """,
    SUPER: """
        hosts.mount hosts.umount agent.start agent.stop agent.restart scaling.associate image.alias
        image.dealias etcd.set etcd.edit etcd.text etcd.delete manager.freeze manager.force
        manager.unfreeze manager.announce manager.silence manager.recalculate UsersView KeypairsView
        DomainsView ScalingGroupsView PoliciesView PresetsView ImagesView UserPoliciesView
        ProjectPoliciesView RegistriesView AssociationsView
    """,
}
BY_NAME: Final = {name: roles for roles, names in PERMITTED.items() for name in names.split()}


def permitted(view: str, action: Action) -> frozenset[str]:
    """The roles that have the action in that view."""
    name = action.id if action.id in BY_NAME else view
    assert name in BY_NAME, f"say in PERMITTED who may do {action.id} in {view}"
    return BY_NAME[name]


@dataclass
class Standing:
    """What views ask a connection for before they offer something."""

    identity: Identity
    session: AsyncSession
    read_only: bool = False
    ready: bool = True


def changing() -> Iterator[tuple[type[View], Action]]:
    """Every changing action of every view."""
    for module, name in ALL_VIEWS:
        kind = load(module, name)
        for action in actions.for_scopes(*kind.SCOPES):
            if action.mutating:
                yield kind, action


def against(kind: type[View], action: Action, standing: Standing) -> str:
    """What a view that is not shown says against an action."""
    bound: Any = type(kind.__name__, (kind,), {"connection": property(lambda self: standing)})
    view: View = bound.__new__(bound)
    return view.absent(action)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_what_it_may_do_and_nothing_else(role: str) -> None:
    """On a server that can do everything only the role decides; in read-only mode all is away."""
    newest = APIConfig(
        endpoint="http://127.0.0.1:1", access_key="A", secret_key="s", version="v9.20250722"
    )
    # It is never opened: views ask it what a server of that version can do.
    standing = Standing(Identity("A", role=role), AsyncSession(config=newest))
    for kind, action in changing():
        roles = permitted(kind.__name__, action)
        reason = against(kind, action, standing)
        assert (reason == "") == (role in roles), (kind, action.id, reason)
        # Exactly those who have it, also where to see the view needs less.
        assert not reason or reason == needs(roles), (kind, action.id, reason)
    standing.read_only = True
    for kind, action in changing():
        assert against(kind, action, standing), (kind, action.id)


def on_rows(kind: type[View], action: str, row: list[Item], group: Item | None = None) -> str:
    """What such a view says against an action on these rows, of a group, to who may do it."""
    parts = {"scope": Scope("group", item=group), "chosen": lambda self: row}
    bound: Any = type(kind.__name__, (kind,), parts)
    view: View = bound.__new__(bound)
    return view.why_not(actions.BY_ID[action])


def test_a_personal_project_has_none_of_what_servers_refuse_it() -> None:
    personal, general = (Item(t, {"type": t, "name": t}) for t in ("PERSONAL", "GENERAL"))
    own = "it is personal: it stays with its user"
    for action in ("admin.remove", "admin.purge"):
        assert on_rows(GroupsView, action, [personal]) == own
        assert on_rows(GroupsView, action, [general]) == ""
        assert on_rows(GroupsView, action, [personal, general]) == ""  # that one is left out
    for action in ("admin.edit", "admin.toggle"):
        assert on_rows(GroupsView, action, [personal]) == ""
    user = Item("u", {"uuid": "u"})
    for group, reason in ((personal, "it is personal: nobody joins its user"), (general, "")):
        assert on_rows(MembersView, "members.add", [user], group) == reason
        assert on_rows(MembersView, "admin.remove", [user], group) == ""


def test_nothing_is_permitted_that_is_not_there() -> None:
    there = {name for kind, action in changing() for name in (action.id, kind.__name__)}
    assert set(BY_NAME) <= there


@pytest.mark.parametrize("role", ["superadmin", "admin", "user"])
async def test_keys_of_what_a_role_lacks_say_why(
    role: str, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    """In the real views: offered, or refused with the reason; then the same in read-only mode."""
    async with program(config_for(role), tmp_path, (100, 30)) as d:
        await d.shows("live")
        for view in MAIN_VIEWS:
            scopes = load(view.module, view.screen).SCOPES
            mine = [action for action in actions.for_scopes(*scopes) if action.mutating]
            if not mine:
                continue
            d.app.show_view(view.name)
            await until(lambda view=view: d.app.current_mode == view.name)  # type: ignore[misc]
            screen = d.app.screen
            assert isinstance(screen, View)
            release = d.app.connection.session
            for action in mine:
                roles = permitted(view.screen, action)
                reason = screen.absent(action)
                lacking = f"This server ({release.release})" in reason
                assert lacking or bool(reason) == (role not in roles), (view.name, action.id)
            await refuses(d, screen, mine)
            d.app.set_read_only(True)
            assert not [action for action in screen.actions() if action.mutating]
            await refuses(d, screen, mine)
            d.app.set_read_only(False)


async def refuses(d: Driver, screen: View, mine: list[Action]) -> None:
    """The key of each action that is absent says why, at the foot of the screen."""
    for action in mine:
        reason = screen.absent(action)
        if reason and action.keys:
            await d.press(action.keys[0])
            assert d.app.screen is screen
            last = list(d.app.journal)[-1].text
            assert last == f"{screen.key_of(action)} {screen.label_of(action)}: {reason}"

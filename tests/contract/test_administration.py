"""Every change of the administration by keyboard, in one run of the program, on a real server.

The same is done to the local cluster by tests/screens/admin, view by view.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.screens.view import View
from tests.contract.conftest import Peer
from tests.screens.admin.hands import answer, choose, confirm, fill, go, only, pick, unique
from tests.screens.driving import Driver, program
from tests.waiting import until


@dataclass(frozen=True)
class Life:
    """What happens to one thing from its creation to its end.

    Attributes:
        alias: of the view. name: what is created. typed, edited: fields of the forms.
        text: a command of sed for the text in the editor; told: what the table shows then.
        toggles, purges: whether it can be switched off and on, and be removed for ever.
    """

    alias: str
    name: str
    typed: Mapping[str, str]
    edited: Mapping[str, str]
    text: str
    told: str
    toggles: bool = False
    purges: bool = False
    chosen: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture
def performed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Ids of the actions that were done."""
    done: set[str] = set()
    perform = View.perform

    def noted(view: View, action: Action, argument: str = "") -> None:
        if not view.obstacle(action):
            done.add(action.id)
        perform(view, action, argument)

    monkeypatch.setattr(View, "perform", noted)
    return done


def edit_with(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("VISUAL", "")
    monkeypatch.setenv("EDITOR", f"sed -i -e {shlex.quote(command)}")


async def begin(d: Driver, life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create it, edit it in the form and as text, switch it off and on."""
    await go(d, life.alias, "▲")
    await d.press("n")
    await d.shows("session.")
    await choose(d, **life.chosen)
    await fill(d, **life.typed)
    await d.press("ctrl+g")
    await d.shows(f"created: {life.name}")
    await only(d, life.name)
    await d.press("e")
    await d.shows("nothing is changed yet")
    await fill(d, **life.edited)
    await d.press("ctrl+g")
    await d.shows(f"changed: {life.name}")
    edit_with(monkeypatch, life.text)
    await d.press("E")
    await d.shows("Send (y)")
    await d.press("y")
    await d.hides("Send (y)")
    await d.shows(f"changed: {life.name}", life.told)
    if life.toggles:
        await d.press("t")
        await d.shows("Switch off")
        await d.press("y")
        await d.shows("○ no", "switch: ")
        await d.press("t")
        await d.shows("● yes")


async def end(d: Driver, life: Life) -> None:
    """Delete or deactivate it, and where that leaves it, remove it for ever."""
    await go(d, life.alias, "▲")
    await only(d, life.name)
    await d.press("ctrl+d")
    await confirm(d, life.name)
    if life.purges:
        await d.shows("○ no")
        await d.press("ctrl+x")
        await confirm(d, life.name)
    view: Any = d.app.screen
    await until(lambda: life.name not in {view.RESOURCE.title(item) for item in view.table.rows})


async def leave_domain(d: Driver, name: str) -> None:
    """Where users have projects of their own, these stay in the way of the domain's end."""
    await go(d, "do", "▲")
    await only(d, name)
    await d.press("ctrl+d")
    await confirm(d, name)
    await d.shows("○ no")


def lives_of(name: str, mail: str) -> list[Life]:
    """One thing of each kind; later ones belong to earlier ones."""
    described = {"description": "by form"}
    by_text = 's/^description = .*/description = "by text"/'
    here = {"domain_name": name}
    return [
        Life("do", name, {"name": name}, described, by_text, "by text", True, True),
        Life("gr", name, {"name": name}, described, by_text, "by text", True, True, here),
        Life("us", mail, {"email": mail, "password": "Correct-horse-7"}, {"full_name": "김철수"},
             's/^full_name = .*/full_name = "이영희"/', "이영희", True, True, here),
        Life("sg", name, {"name": name}, described, by_text, "by text", True),
        Life("rp", name, {"name": name, "total_resource_slots": "cpu=2 mem=4g"},
             {"max_concurrent_sessions": "7"}, "s/^idle_timeout = .*/idle_timeout = 7200/",
             "7,200"),
        Life("pr", name, {"name": name, "resource_slots": "cpu=1 mem=1g"},
             {"shared_memory": "128m"}, "s/cpu = .1./cpu = 2/", "cpu 2"),
    ]  # fmt: skip


async def members(d: Driver, group: str, mail: str) -> None:
    """Add a user to a group, and take the user out again."""
    await go(d, "gr", "▲")
    await only(d, group)
    await d.press("u")
    await d.shows(f"{group} ▸ members", "n adds users")
    await d.press("n")
    await d.shows(f"Add to {group}")
    await d.paste(mail, "tab", "enter")
    await d.shows("1 added", mail)
    await d.press("ctrl+d")
    await confirm(d, mail)
    await d.shows(f"remove: {mail}: done")
    await d.press("escape")


async def associations(d: Driver, name: str, mail: str) -> None:
    """Let a domain, a group and a keypair use a scaling group, and end it."""
    await go(d, "sg", "▲")
    await only(d, name)
    await d.press("r")
    await d.shows(f"{name} ▸ associations", "n lets a domain")
    for kind, what in (("domain", name), ("group", name), ("keypair", mail)):
        await d.press("n")
        await pick(d, "Who may use", kind)
        await pick(d, f"Which {kind}", what)
        await d.shows(f"{kind} associated")
    await d.shows("keypair", mail)
    await d.press("asterisk", "ctrl+d")
    await d.shows("Dissociate 3 associations?")
    await confirm(d, "3")
    await d.shows("dissociate: 3")
    await d.press("escape")


async def keypairs(d: Driver, mail: str, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further keypair of a user: its secret, policy, rate limit, off and on, deleted."""
    await go(d, "us", "▲")
    await only(d, mail)
    await d.press("p", "n")
    await d.shows("new keypair", f"'{mail}'", "default")
    await fill(d, rate_limit="777")
    await d.press("ctrl+g")
    await d.shows("secret key", "Keep the secret key now")
    await d.press("escape")
    await d.shows("created", "777")
    await d.press("slash")
    await d.paste("rate:777", "enter")
    await d.shows("/rate:777")
    key = d.app.screen.query_one("#table").cursor_key  # type: ignore[attr-defined]
    edit_with(monkeypatch, f's/^resource_policy = .*/resource_policy = "{policy}"/')
    await d.press("E")
    await d.shows("Send (y)")
    await d.press("y")
    await d.shows(f"changed: {key}", policy)
    await d.press("e")
    await fill(d, rate_limit="778")
    await d.press("ctrl+g")
    await d.shows("No match for rate:777")
    await d.press("escape", "slash")
    await d.paste("rate:778", "enter", "t")
    await d.shows("Switch off")
    await d.press("y")
    await d.shows("○ no")
    await d.press("t")
    await d.shows("● yes")
    await d.press("ctrl+d")
    await confirm(d, key)
    await d.shows("No match")
    await d.press("escape", "escape")


async def images(d: Driver, alias: str, patience: float) -> None:
    """Another name for an image and back, forget it, and find it by a rescan."""
    await go(d, "im", "IMAGE", "python")
    await d.press("n")
    await answer(d, "alias:", alias)
    await d.shows(f"{alias} means")
    view: Any = d.app.screen
    await until(lambda: alias in view.current().data["aliases"])
    await d.press("K")
    await pick(d, "Remove the alias", alias)
    await d.shows("means nothing now")
    image = d.app.screen.query_one("#table").cursor_key  # type: ignore[attr-defined]
    await d.press("ctrl+d")
    await confirm(d, image)
    await until(lambda: image not in {i.key for i in d.app.screen.query_one("#table").rows})  # type: ignore[attr-defined]
    # The others may be out of reach of the server under test.
    await go(d, f"rescan {image.partition('/')[0]}", "rescanned", "1 new", timeout=patience)


async def configuration(d: Driver, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set, change, change as text, delete with all below."""
    await go(d, "et", "volumes")
    await d.press("n")
    await answer(d, "key:", f"{root}/one")
    await answer(d, f"value of {root}/one", "1")
    await d.shows("+ 1", "Send (y)")
    await d.press("y")
    await d.shows(f"set: {root}/one")
    table: Any = d.app.screen.query_one("#table")
    await until(lambda: table.cursor_key == f"{root}/one")
    await d.press("e")
    await answer(d, f"value of {root}/one", "2")
    await d.shows("- 1", "+ 2")
    await d.press("y")
    await d.shows(f"set: {root}/one", "2")
    await d.press("up")
    edit_with(monkeypatch, f'$a "{root}/two/deep" = "3"')
    await d.press("E")
    await d.shows("two/deep", "Send (y)")
    await d.press("y")
    await d.shows(f"changed: {root}")
    await d.press("ctrl+d")
    await d.shows("Delete 2 values?", "deep = 3")
    await confirm(d, root)
    await d.shows("deleted:")
    await d.hides(f"▾ {root.rpartition('/')[2]}")


async def manager(d: Driver) -> None:
    """Announce and take it back; count anew; freeze for a moment."""
    await go(d, "mg", "running")
    await d.press("e")
    await answer(d, "announce:", "점검 at [noon]")
    await d.shows("점검 at [noon]", "announced")
    await d.press("K")
    await d.shows("no announcement any more")
    await d.press("R")
    await d.shows("counted anew")
    await d.press("f")
    await confirm(d, "freeze")
    await d.shows("‖ frozen")
    await d.press("u")
    await d.shows("● running", "changes are possible again")


async def watcher(d: Driver, real: bool) -> None:
    """The cluster under test may have no watcher: that is said."""
    await go(d, "ag", "ALIVE")
    for keys, said in ((("v",), "watcher"), (("S",), "start"), (("R", "y"), "restart")):
        await d.press(keys[0])
        if len(keys) > 1:
            await d.shows("Restart the agent?")
            await d.press(*keys[1:])
        await d.shows(f"{said}: The server failed" if real else f"{said}")
    agent = d.app.screen.query_one("#table").cursor_key  # type: ignore[attr-defined]
    await d.press("K")
    if real:
        # With a watcher it would be gone for good.
        await d.shows(f"Type {agent}")
        await d.press("escape")
    else:
        await confirm(d, agent)
        await d.shows("stop")


async def purge_models(d: Driver, domain: str) -> None:
    """Later servers make a group for models in every domain, which is in the way of its end."""
    await go(d, "do", "▲")
    await only(d, domain)
    await d.press("m")
    await d.shows(f"{domain} ▸ groups", "MODEL_STORE")
    await only(d, "model-store")
    await d.press("ctrl+d")
    await confirm(d, "model-store")
    await d.shows("○ no")
    await d.press("ctrl+x")
    await confirm(d, "model-store")
    await d.shows("No match")
    await d.press("escape", "escape")


@pytest.mark.covers(
    "dashboard: every change of the administration", "Manager.freeze", "Manager.unfreeze",
    "Manager.update_announcement", "Image.rescan_images", "Image.forget_image",
)  # fmt: skip
@pytest.mark.integration
@pytest.mark.timeout(400)
@pytest.mark.parametrize("peer", ["real"], indirect=True)
async def test_every_change(
    peer: Peer, tmp_path: Path, performed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, mail = unique("t"), f"{unique('u')}@x.example"
    async with peer.session("superadmin") as session:
        generation = session.generation
    lives = lives_of(name, mail)
    async with program(peer.config("superadmin"), tmp_path, (120, 40)) as d:
        await d.shows("live", timeout=peer.patience)
        for life in lives:
            await begin(d, life, monkeypatch)
        await members(d, name, mail)
        await associations(d, name, mail)
        await keypairs(d, mail, name, monkeypatch)
        await images(d, name, peer.patience)
        # Of a store that cannot be asked for as a whole, the dashboard knows the main keys.
        root = name if generation.etcd_root else f"config/{name}"
        await configuration(d, root, monkeypatch)
        await manager(d)
        await watcher(d, peer.real)
        personal = "PERSONAL" in generation.group_types
        async with peer.session("superadmin") as session:
            stores = [g["name"] for g in await session.Group.list(name)]
        if "model-store" in stores and not personal:
            await purge_models(d, name)
        for life in reversed(lives):
            if personal and life.alias == "do":
                await leave_domain(d, name)
            else:
                await end(d, life)
    every = {a.id for a in actions.ACTIONS if a.mutating and a.group == "Administration"}
    # These have tests of their own.
    assert every - performed == {
        "manager.force", "serverlog.clear", "service.clear", "service.sync"
    }  # fmt: skip

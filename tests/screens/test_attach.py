"""`bai-tui attach`: one terminal in the whole window, on a real session."""

from __future__ import annotations

import secrets

from textual.widgets import Static

from bai_tui.api import AsyncSession
from bai_tui.attach import AttachApp
from bai_tui.widgets.text import cell_len
from tests.conftest import ThreadedCluster
from tests.screens.driving import FixedTarget
from tests.waiting import until

LEADER = "ctrl+right_square_bracket"


async def test_a_session_in_the_whole_window(cluster: ThreadedCluster) -> None:
    config = cluster.config_for("user")
    name = f"attach-{secrets.token_hex(3)}"
    async with AsyncSession(config=config) as session:
        kernel = await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
        )
        app = AttachApp(FixedTarget(config), name)
        async with app.run_test(size=(80, 24)) as pilot:

            def line() -> str:
                return str(app.query_one("#state", Static).content)

            await until(lambda: line() == f"{name} · live (pty) · ctrl+] d leaves", "a connection")
            pane = app._pane
            assert pane is not None
            assert pane.link.send(b"printf '\\033]0;a title\\a'; echo typed-$((40+2))\r")
            await until(lambda: "typed-42" in "".join(pane.emulator.display), "the echo")
            await until(lambda: line().startswith(f"{name} · a title · live"), "the title")
            # A message is shown, but not in the place of what the next key does.
            await pilot.press(LEADER, "question_mark")
            await until(lambda: line().endswith("ctrl+] is sent"), "the help")
            await pilot.press(LEADER)
            await until(lambda: "leader: d leave" in line(), "what the leader does")
            await pilot.press("slash", "t", "y")
            await until(lambda: "search: ty" in line(), "the words looked for")
            await pilot.press("enter", "v", "l", "y")
            await until(lambda: "copied 2 characters" in line(), "how it was copied")
            # A question stays until it is answered, and the keys for it are to be seen.
            assert pane.link.send(b"printf '\\033]52;c;%s\\a' $(printf %040d 7 | base64 -w 0)\r")
            await until(lambda: line().startswith("ctrl+] y lets programs copy, ctrl+] n never"))
            assert cell_len(line()) <= 80
            await pilot.press(LEADER, "n")
            await until(lambda: "may not copy" in line(), "the answer")
            await pilot.press(LEADER, "f")
            await until(lambda: pane.size.height == 24, "the whole window")
            await pilot.press(LEADER, "f", LEADER, "d")
            await until(lambda: app.return_value is not None, "the end")
        assert app.return_value == f"detached from {name}; it goes on"
        await kernel.destroy()

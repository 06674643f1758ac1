"""All that keys do first can be done with the mouse alone, too."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Offset

from bai_tui.api import AsyncSession
from bai_tui.screens.help import HelpScreen
from bai_tui.screens.sessions.detail import DetailPane
from bai_tui.screens.sessions.facts import TABS
from bai_tui.widgets.editor import CodeEditor
from bai_tui.widgets.fields import ChoiceField
from bai_tui.widgets.table import LiveTable
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.waiting import until

USERS = 80


def fill(cluster: ThreadedCluster) -> None:
    """More users than a screen has lines."""
    store = cluster.cluster.context.store
    with store.transaction():
        for number in range(USERS):
            store.insert(
                "users", uuid=f"00000000-0000-0000-0000-{number:012}", username=f"n{number:02}",
                email=f"n{number:02}@x.example", password="", need_password_change=False,
                full_name=f"사용자 {number}", description="", is_active=True, role="user",
                created_at=cluster.cluster.context.clock.now(), domain_name="default",
            )  # fmt: skip


def place(d: Driver, text: str) -> Offset:
    """Where a text stands on the screen, the last one if there are several."""
    for y, line in reversed(list(enumerate(d.picture.splitlines()))):
        if text in line:
            return Offset(cell_len(line[: line.rindex(text)]), y)
    raise AssertionError(f"{text!r} is not there:\n{d.picture}")


async def click(d: Driver, text: str, *, times: int = 1, button: int = 1) -> None:
    """On the first letter of a text."""
    await d.pilot.click(offset=place(d, text), times=times, button=button)


async def drag(d: Driver, start: Offset, end: Offset) -> None:
    """With the left button held."""
    await d.pilot.mouse_down(offset=start)
    for y in range(
        start.y, end.y + 1 if end.y > start.y else end.y - 1, 1 if end.y > start.y else -1
    ):
        await d.pilot.hover(offset=Offset(start.x, y))
    await d.pilot.mouse_up(offset=end)
    await d.pilot.pause()


async def wheel(d: Driver, at: Offset, kind: type, turns: int = 3) -> None:
    """Turn it over a place."""
    for _ in range(turns):
        await d.pilot._post_mouse_events([kind], offset=at)


async def test_a_table_by_mouse(fresh_cluster: ThreadedCluster, tmp_path: Path) -> None:
    """Headers sort, the wheel and the bar scroll, a row has a menu; the cursor is where it was."""
    fresh_cluster.run(fill, fresh_cluster)
    async with program(fresh_cluster.config_for(), tmp_path, (100, 30)) as d:
        await d.shows("live")
        d.app.show_view("users")
        await d.shows("n00@x.example")
        table = d.app.screen.query_one(LiveTable)
        await click(d, "E-MAIL")
        await d.shows("user2@localhost", "E-MAIL")
        await d.hides("n00@x.example")
        await click(d, "E-MAIL")
        await d.shows("admin@localhost", "n00@x.example")
        await click(d, "n01@x.example")
        await d.shows("▸ n01@x.example")
        middle = table.region.offset + Offset(20, 10)
        await wheel(d, middle, MouseScrollDown)
        await until(lambda: table.scroll_offset.y > 0, "the wheel")
        await wheel(d, middle, MouseScrollUp)
        await until(lambda: table.scroll_offset.y == 0, "the wheel the other way")
        bar = table.vertical_scrollbar.region
        await drag(d, bar.offset, Offset(bar.x, bar.bottom - 1))
        await until(lambda: table.scroll_offset.y == table.max_scroll_y, "the bar at its end")
        await d.shows("user2@localhost")
        await drag(d, Offset(bar.x, bar.bottom - 1), bar.offset)
        await until(lambda: table.scroll_offset.y == 0, "the bar at its beginning")
        await d.shows("▸ n01@x.example")
        await click(d, "n02@x.example", button=3)
        await d.shows("Actions", "keypairs", "▸ n02@x.example")
        await click(d, "Show its keypairs.")
        await d.shows("n02@x.example ▸ keypairs")


@pytest.mark.parametrize(
    ("view", "texts"),
    [("users", ("superadmin@localhost", "full name")), ("settings", ("refresh home",)),
     ("home", ("My resources",))],
    ids=["users", "settings", "home"],
)  # fmt: skip
async def test_a_text_is_chosen_by_dragging(
    view: str, texts: tuple[str, ...], cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """In a table, and in text beside it; ctrl+c copies."""
    async with program(cluster.config_for(), tmp_path, (100, 30)) as d:
        await d.shows("live")
        d.app.show_view(view)
        await d.shows(texts[0])
        if len(texts) > 1:
            await d.press("d")
        for text in texts:
            await d.shows(text)
            start = place(d, text)
            await d.pilot.mouse_down(offset=start)
            for step in (2, len(text) - 1):
                await d.pilot.hover(offset=start + Offset(step, 0))
            await d.pilot.mouse_up(offset=start + Offset(len(text) - 1, 0))
            await until(lambda: d.app.screen.get_selected_text(), "something chosen")
            chosen = d.app.screen.get_selected_text()
            assert chosen is not None
            assert chosen.startswith(text[:-1])
            await d.press("ctrl+c")
            await d.shows("copied")


async def test_hints_forms_and_dialogs_by_mouse(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path, (100, 30)) as d:
        await d.shows("live")
        d.app.show_view("users")
        await d.shows("user2@localhost")
        await click(d, "? help")
        await d.shows("keys: ")
        sheet = d.app.screen
        assert isinstance(sheet, HelpScreen)
        before = d.picture
        await wheel(d, Offset(50, 15), MouseScrollDown)
        await until(lambda: d.picture != before, "the help to scroll")
        await d.press("escape")
        await click(d, "user2@localhost")
        await click(d, "n new")
        await d.shows("new user", "Cancel")
        field = d.app.screen.query_one("#role", ChoiceField)
        await d.pilot.click(field)
        await d.shows("superadmin", "monitor")
        await click(d, "monitor")
        await until(lambda: field.value == "monitor", "the choice")
        await click(d, "Cancel")
        await d.hides("new user")
        await click(d, "t on/off")
        await d.shows("Switch off the user?", "user2@localhost", "Cancel")
        await click(d, "Cancel")
        await d.hides("Switch off the user?")
        await d.shows("cancelled")


async def test_a_name_offered_is_taken_by_a_click(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path, (100, 30)) as d:
        await d.shows("live")
        d.app.show_view("graphql")
        await d.shows("checked by the server's schema")
        view = d.app.screen
        editor = view.query_one(CodeEditor)
        editor.text = ""
        await d.type("{ keypair")
        await d.press("tab")
        await d.shows("keypair_resource_policies")
        await click(d, "keypair_resource_policies")
        await until(lambda: "keypair_resource_policies" in editor.text, "the name")
        assert d.app.focused is editor


@pytest.mark.parametrize("size", [(80, 24), (160, 40), (200, 60)])
async def test_every_tab_of_details_is_chosen_by_a_click(
    size: tuple[int, int], cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Beside or below the list, and in the view of the session alone."""
    name = f"tabs-{size[0]}"
    async with AsyncSession(config=cluster.config_for()) as session:
        await session.Kernel.get_or_create("python", client_token=name)
    async with program(cluster.config_for(), tmp_path, size) as d:
        await d.shows("live")
        d.app.show_view("sessions", f"@{name}")
        await d.shows(f"▸ {name}")
        for key in ("d", "enter"):
            shown = [pane for pane in d.app.screen.query(DetailPane) if pane.display]
            if not shown or key == "enter":
                await d.press(key)
            await d.shows(*TABS)
            pane = d.app.screen.query_one(DetailPane)
            for tab in reversed(TABS):
                before = pane.text
                await click(d, tab)
                await until(partial(shows_another, pane, tab, before), tab)


def shows_another(pane: DetailPane, tab: str, before: str) -> bool:
    """Whether that tab stands there, with what is its own."""
    return pane.tab == tab and pane.text != before


async def test_the_sign_of_a_key_folds_it_and_a_click_beside_closes(
    fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(fresh_cluster.config_for(), tmp_path) as d:
        d.app.show_view("etcd")
        await d.shows("▾ volumes", "_default_host")
        await click(d, "▾ volumes")
        await d.shows("▸ ▸ volumes")
        assert "_default_host" not in d.picture
        await click(d, "▸ volumes")
        await d.shows("_default_host")
        await click(d, "volumes")  # the name only takes the cursor
        await d.shows("▸ ▾ volumes", "_default_host")
        await d.press("a")
        await d.shows("Actions")
        await d.pilot.click(offset=(1, 1))
        await d.hides("Actions")
        await d.press("question_mark")
        await d.shows("esc closes")
        await d.pilot.click(offset=(0, 1))
        await d.hides("esc closes")

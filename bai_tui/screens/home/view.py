"""Home: the first main view by number. It paints at once and fills as the answers come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.api.models import SessionInfo
from bai_tui.diagnosis import explain
from bai_tui.feed import ClusterEvent
from bai_tui.screens.home import panels
from bai_tui.screens.home.overview import COURSE, Overview, history, load
from bai_tui.screens.listing import ListView
from bai_tui.screens.sessions.columns import STATUS, seconds_since
from bai_tui.screens.sessions.facts import show_time
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import format_age

AFTER_EVENT: Final = 2.0
"""Seconds after an event before the numbers are asked for again; a burst asks once."""


def _ended(info: SessionInfo) -> Any:
    return info.terminated_at or info.status_changed or info.created_at


def _how(info: SessionInfo) -> Cell:
    if info.result == "FAILURE":
        return Cell("failure", "error", "✗")
    tone, glyph = STATUS.get(info.status, ("", "·"))
    return Cell(info.status.lower(), "error" if info.status == "ERROR" else tone, glyph)


COLUMNS: Final[tuple[Column[SessionInfo], ...]] = (
    Column(key="age", label="AGO", width=5, align="right", priority=100, live=True,
           render=lambda i: format_age(seconds_since(_ended(i))), sort_key=_ended,
           descending=True, searchable=False),
    Column(key="name", label="RECENT FAILURES", min_width=16, max_width=40, flex=2, priority=100,
           cut="middle", render=lambda i: i.name),
    Column(key="how", label="HOW", width=12, priority=98, render=_how),
    Column(key="reason", label="REASON", min_width=14, flex=3, priority=95,
           render=lambda i: Cell(i.status_info, "" if i.status_info else "muted")),
    Column(key="owner", label="OWNER", min_width=14, max_width=30, priority=60, cut="middle",
           render=lambda i: Cell(i.user_email or i.access_key, "muted")),
    Column(key="image", label="IMAGE", min_width=14, max_width=34, priority=40, cut="middle",
           render=lambda i: Cell(i.image.rpartition("/")[2], "muted")),
)  # fmt: skip


class HomeView(ListView):
    """Panels above, the recent failures as a table below."""

    CRUMB = "home"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("home", "table")
    REMEMBER = "home"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("table"), *actions.bindings("home")]
    CSS_PATH = "../../assets/home.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.overview = Overview()
        self._group = ""
        self._courses: dict[str, deque[float]] = {}
        self._scaling: dict[tuple[str, str], deque[float]] = {}
        self._months: dict[str, list[float]] = {}
        self._generation = 0
        self._loaded_at: float | None = None
        self._due: float | None = None
        self._app_focused = True

    def compose_body(self) -> ComposeResult:
        """Panels, table."""
        with VerticalScroll(id="panels", can_focus=False), Horizontal(id="columns"):
            yield Static(id="left")
            yield Static(id="right")
        yield LiveTable(
            COLUMNS,
            key=lambda info: info.id,
            what="failures",
            empty="No session failed lately.",
            id_of=lambda info: info.name,
            id="table",
        )

    def setup(self) -> None:
        """Draw what is known, ask for the rest."""
        self.table.sort("age", True)
        super().setup()
        self._group = self.host.remembered.get("home", "group", "")

    def stale_since(self) -> float | None:
        """When the numbers were last complete."""
        return self._loaded_at

    def connection_changed(self) -> None:
        """(Re)connected: ask again. Lost: the numbers stay, marked stale."""
        super().connection_changed()
        if not self.is_mounted:
            return
        connection = self.connection
        if connection.ready and connection.generation != self._generation:
            self._generation = connection.generation
            self.reload()
        self.table.stale = not connection.ready and self._loaded_at is not None
        self._show_table_state()
        self._draw()

    def _show_table_state(self) -> None:
        problem = self.connection.problem
        if self.overview.failures is not None or "failures" in self.overview.problems:
            self.table.loading_rows = False
        elif problem is not None:
            self.table.loading_rows = False
            steps = "\n".join(problem.steps)
            self.table.error_text = (
                f"{problem.what}\n{problem.why}\n\n{steps}\nctrl+r retries, 8 chooses a cluster"
            )
        else:
            self.table.error_text = ""
            self.table.loading_rows = True

    # Data.

    def group(self) -> str:
        """Name of the group whose resources are shown."""
        identity = self.connection.identity
        names = [group.name for group in identity.groups] if identity is not None else []
        return self._group if self._group in names else next(iter(names), "")

    def reload(self) -> None:
        """Ask for all parts; the old numbers stay meanwhile."""
        if self.connection.ready and self.connection.identity is not None:
            self._due = None
            self.in_background(self._load, "home")

    async def _load(self) -> None:
        connection = self.connection
        identity = connection.identity
        assert identity is not None
        await load(connection.session, identity, self.group(), self._arrived)
        self._loaded_at = asyncio.get_running_loop().time()
        if not self._months:
            try:
                self._months = await history(connection.session)
            except Exception as error:
                connection.suspect(error)
        self._draw()

    def _arrived(self, part: str, found: Any, error: BaseException | None) -> None:
        if not self.is_mounted:
            return
        problems = {name: why for name, why in self.overview.problems.items() if name != part}
        if error is not None:
            self.connection.suspect(error)
            problems[part] = f"{part}: {explain(error).line}"
            self.overview = replace(self.overview, problems=problems)
        elif part == "counts":
            mine, everybody = found
            self.overview = replace(
                self.overview, mine=mine, everybody=everybody, problems=problems
            )
        else:
            self.overview = replace(self.overview, **{part: found, "problems": problems})
        if part == "failures":
            self.table.error_text = problems.get(part, "")
            if found is not None:
                self.table.error_text = ""
                self.table.set_rows(found)
            self._show_table_state()
        if part == "resources" and found is not None:
            for slot, share in found.mine.items():
                course = self._courses.setdefault(slot, deque(maxlen=COURSE))
                course.append(float(share.used))
            # Only of scaling groups that are still told.
            self._scaling = {
                (name, slot): deque(
                    (*self._scaling.get((name, slot), ()), float(share.used)), maxlen=COURSE
                )
                for name, shares in found.scaling.items()
                for slot, share in shares.items()
            }
        self._draw()
        self.refresh_bars()

    def cluster_events(self, events: Sequence[ClusterEvent]) -> None:
        """Something happened: ask soon, once."""
        if self._due is None and self.is_mounted:
            self._due = asyncio.get_running_loop().time() + AFTER_EVENT

    def tick(self) -> None:
        """Numbers that events made old, and the interval of the settings."""
        super().tick()
        now = asyncio.get_running_loop().time()
        interval = self.host.settings.interval("home")
        old = self._loaded_at is not None and now - self._loaded_at >= interval
        if self._app_focused and (old or (self._due is not None and now >= self._due)):
            self.reload()

    def app_focus_changed(self, focused: bool) -> None:
        """Nothing is asked for nobody."""
        self._app_focused = focused

    # Drawing.

    def on_resize(self) -> None:
        """Another size, other lines."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        connection = self.connection
        narrow = self.has_class("-narrow")
        left, right = self.query_one("#left", Static), self.query_one("#right", Static)
        wide, small = max(20, left.content_size.width), max(20, right.content_size.width)
        courses: dict[str, Sequence[float]] = {**self._courses}
        span = "since you look"
        if any(any(values) for values in self._months.values()):
            courses.update(self._months)
            span = "30 days"
        whose = panels.who(
            connection.identity,
            connection.label,
            connection.endpoint,
            connection.server,
            connection.spoken,
            connection.clock_offset,
            small,
        )
        overview = self.overview
        if not connection.ready and connection.problem is not None:
            overview = overview.offline()
        notices = panels.notices(overview, wide)
        uses = panels.resources(
            overview,
            connection.identity,
            self.group(),
            courses,
            span,
            wide,
            self._scaling,
        )
        counts = panels.states(overview, small)
        self.refresh_bars()
        left.update(panels.join([notices, uses]))
        right.update(panels.join([counts, whose] if narrow else [whose, counts]))

    # Actions.

    def has_row(self) -> bool:
        """Whether the cursor is on a failure."""
        return self.table.cursor_row is not None

    def why_not(self, action: Action) -> str:
        """Nothing to choose, nowhere to go."""
        identity = self.connection.identity
        if action.id == "home.group" and (identity is None or len(identity.groups) < 2):
            return "you are in one group at most"
        if action.id == "home.invitations":
            if "app.view.vfolders" not in actions.BY_ID:
                return "there is no view of folders"
            if not self.overview.invitations:
                return "none waits for you"
        return super().why_not(action)

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter: the session itself."""
        states = "default" if event.row.is_alive else "dead"
        self.host.show_view("sessions", f"{states} @{event.row.name}")

    def do_table_describe(self, argument: str) -> None:
        """All of the failure."""
        from bai_tui.screens.help import Sheet

        info: SessionInfo | None = self.table.cursor_row
        if info is not None:
            told = {
                "status": info.status,
                "result": info.result,
                "reason": info.status_info,
                "ended": show_time(_ended(info)),
                "owner": info.user_email or info.access_key,
                "image": info.image,
                "command": info.startup_command,
                "agent": info.agent,
            }
            facts = [(name, text) for name, text in told.items() if text]
            self.app.push_screen(Sheet(info.name, facts, what="failure"))

    def do_home_group(self, argument: str) -> None:
        """Another group."""
        identity = self.connection.identity
        if identity is None:
            return

        def chosen(names: tuple[str, ...] | None) -> None:
            if names:
                self._group = names[0]
                self.host.remembered.set("home", "group", self._group)
                self.reload()

        choices = [Choice(group.name, group.name) for group in identity.groups]
        if argument:
            chosen((argument,) if any(c.value == argument for c in choices) else None)
        else:
            self.app.push_screen(Picker("Group", choices, (self.group(),)), chosen)

    def do_home_more(self, argument: str) -> None:
        """A page down, or from the end to the beginning."""
        panels = self.query_one("#panels", VerticalScroll)
        if panels.is_vertical_scroll_end:
            panels.scroll_home(animate=False)
        else:
            panels.scroll_page_down(animate=False)

    def do_home_running(self, argument: str) -> None:
        """The sessions that are alive."""
        self.host.show_view("sessions", "default")

    def do_home_failures(self, argument: str) -> None:
        """The sessions that are over."""
        self.host.show_view("sessions", "dead")

    def do_home_invitations(self, argument: str) -> None:
        """The folders."""
        self.host.show_view("vfolders", "invitations")

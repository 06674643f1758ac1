"""The details of one session: tabs, and statistics polled only while they are looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from bai_tui.actions import BY_ID
from bai_tui.api.models import SessionInfo
from bai_tui.feed import ClusterEvent
from bai_tui.screens.sessions import facts
from bai_tui.screens.sessions.model import Row
from bai_tui.screens.sessions.more import More
from bai_tui.screens.sessions.timeline import timeline
from bai_tui.screens.view import View
from bai_tui.widgets.facts import Facts

INTERVAL: Final = 2
"""Seconds between two readings of the statistics."""
COURSE: Final = 240


class TabBar(Widget):
    """Names of the tabs; the chosen one is bright and underlined."""

    DEFAULT_CSS = "TabBar { height: 1; padding: 0 1; background: $surface; }"

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__()
        self.tab = facts.TABS[0]

    def choose(self, tab: str) -> None:
        """Show another tab as chosen."""
        if tab != self.tab:
            self.tab = tab
            self.refresh()

    def next(self) -> str:
        """The tab after the chosen one, round and round."""
        return facts.TABS[(facts.TABS.index(self.tab) + 1) % len(facts.TABS)]

    def render(self) -> Content:
        """The names, and at the right end the key that goes on to the next."""
        names = Content("  ").join(
            [
                Content.styled(
                    tab, "bold $text-primary underline" if tab == self.tab else "$text-muted"
                )
                for tab in facts.TABS
            ]
        )
        view, action = self.screen, BY_ID["table.tab"]
        key = view.key_of(action) if isinstance(view, View) else ""
        more = Content.assemble((key, "bold $text-accent"), (f" {action.label}", "$text-muted"))
        gap = self.content_size.width - names.cell_length - more.cell_length
        return Content.assemble(names, " " * gap, more) if gap > 1 else names

    def on_click(self, event: Click) -> None:
        """Find the tab under the pointer; right of them all is the key."""
        x = event.x - self.gutter.left
        for tab in facts.TABS:
            if -1 <= x <= len(tab):  # with a blank on each side
                self.post_message(self.Picked(tab))
                return
            x -= len(tab) + 2
        if x > 0:
            self.post_message(self.Picked(self.next()))


class DetailPane(Vertical):
    """Tabs and facts of one session."""

    class Asked(Message):
        """A tab needs what lists do not tell."""

        def __init__(self, pane: DetailPane) -> None:
            super().__init__()
            self.pane = pane

    DEFAULT_CSS = "DetailPane { background: $background; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.row: Row | None = None
        self._events: tuple[ClusterEvent, ...] = ()
        self._course: dict[str, deque[float]] = {}
        self._measured: SessionInfo | None = None
        self.more: More | None = None

    def compose(self) -> ComposeResult:
        """Tabs above facts."""
        yield TabBar()
        yield Facts(id="facts")

    @property
    def tab(self) -> str:
        """The tab shown."""
        return self.query_one(TabBar).tab

    @property
    def polls(self) -> bool:
        """Whether the tab shown needs statistics."""
        return bool(
            self.tab == "usage" and self.row is not None and self.row.info.status == "RUNNING"
        )

    @property
    def asks(self) -> bool:
        """Whether the tab shown needs what lists do not tell, and it was not asked yet."""
        return self.more is None and self.row is not None and self.tab in ("events", "environment")

    def told(self, key: str, more: More) -> None:
        """What lists do not tell came."""
        if self.row is not None and self.row.key == key:
            self.more = more
            self.redraw()

    @property
    def text(self) -> str:
        """What is shown."""
        return self.query_one(Facts).text

    def show_row(self, row: Row | None, events: Iterable[ClusterEvent]) -> None:
        """Show a session, or that there is none; another session starts a new course."""
        if row is None or self.row is None or row.key != self.row.key:
            self._course.clear()
            self._measured = None
            self.more = None
            if self.is_mounted:
                self.query_one(Facts).scroll_home(animate=False)
        self.row = row
        self._events = tuple(events)
        self.redraw()
        if self.is_mounted and self.display and self.asks:
            self.post_message(self.Asked(self))

    def measured(self, info: SessionInfo) -> None:
        """Statistics came."""
        if self.row is None or info.id != self.row.key:
            return
        self._measured = info
        for name, metric in info.live_stat.items():
            value = metric.current
            if name == "cpu_util" and metric.pct is not None:
                value = metric.pct
            elif "rate" in metric.stats:
                value = metric.stats["rate"]  # of what only grows, such as bytes read
            if value is not None and value.is_finite():
                self._course.setdefault(name, deque(maxlen=COURSE)).append(float(value))
        self.redraw()

    def next_tab(self) -> None:
        """Show the tab after this one, round and round."""
        self.show_tab(self.query_one(TabBar).next())

    def show_tab(self, tab: str) -> None:
        """Show a tab."""
        self.query_one(TabBar).choose(tab)
        self.query_one(Facts).scroll_home(animate=False)
        self.redraw()
        if self.asks:
            self.post_message(self.Asked(self))

    def on_tab_bar_picked(self, event: TabBar.Picked) -> None:
        """A tab was clicked."""
        event.stop()
        self.show_tab(event.tab)

    def redraw(self) -> None:
        """Write the tab again; nothing is drawn when nothing changed."""
        if not self.is_mounted or not self.display:
            return
        shown = self.query_one(Facts)
        if self.row is None:
            shown.show([("-", "no session", "$text-muted")])
            return
        match self.tab:
            case "usage":
                row = self.row
                if self._measured is not None:
                    # The list carries no statistics; those of the last reading stand.
                    row = Row(self._measured, doing=row.doing)
                width = max(10, shown.size.width - 18)
                height = max(1, min(5, (shown.size.height - 8) // 5))
                shown.show(facts.usage(row, self._course, INTERVAL, width, height))
            case "events":
                course = self.more.steps if self.more else ()
                shown.show(timeline(self.row, self._events, course))
            case "resources":
                shown.show(facts.resources(self.row))
            case "environment":
                shown.show(facts.environment(self.row, self.more))
            case "mounts":
                shown.show(facts.mounts(self.row))
            case _:
                shown.show(facts.describe(self.row))

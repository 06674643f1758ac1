"""`BaiApp`: owns the connection and the journal, chooses views. Everything else is a screen's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ScreenStackError, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.events import Event, Key
from textual.screen import Screen

from bai_tui import themes
from bai_tui.actions import MAIN_VIEWS, MainView
from bai_tui.apps.manager import Apps
from bai_tui.connection import Connection, Target
from bai_tui.courtesy import Courtesy
from bai_tui.crash import CrashReports
from bai_tui.driver import KeepsRawKeys
from bai_tui.feed import ClusterEvent
from bai_tui.garbage import Collector, forget_pictures
from bai_tui.preparing import prepare
from bai_tui.screens.host import Entry, Journal
from bai_tui.screens.leaving import Leaving, of_apps, of_sweeps, of_transfers, outcome
from bai_tui.screens.view import View
from bai_tui.settings import Remembered, Settings, SettingsError, load
from bai_tui.stylesheet import QuickStylesheet
from bai_tui.sweeps.manager import Sweeps
from bai_tui.tasks import Task, Tasks
from bai_tui.transfers import Transfer, Transfers
from bai_tui.typeahead import KeysInOrder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.command import Provider

    from bai_tui.apps.proxy import Proxy
    from bai_tui.sweeps.case import Case
    from bai_tui.sweeps.sweep import Sweep


def _maker(view: MainView) -> Callable[[], Screen[Any]]:
    """Makes a main view; its module is loaded then."""

    def make() -> Screen[Any]:
        screen: type[Screen[Any]] = getattr(import_module(view.module), view.screen)
        return screen()

    return make


def _palette() -> type[Provider]:
    from bai_tui.screens.palette import ActionProvider

    return ActionProvider


class BaiApp(CrashReports, KeepsRawKeys, KeysInOrder, inherit_bindings=False):
    """The dashboard of one cluster.

    Args:
        target: which cluster.
        read_only: every changing action is absent and refused.
        settings: instead of the settings file, for tests.
        remembered: instead of the state file, for tests.
        view: main view to begin with, instead of the one of the settings.
    """

    TITLE = "bai-tui"
    CSS_PATH = "assets/app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        view.name: _maker(view) for view in MAIN_VIEWS
    }
    DEFAULT_MODE = "sessions"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    # Views bind it, too; not a priority binding, because a terminal pane must get the key.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "palette", show=False)
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-tiny"),
        (60, "-narrow"),
        (100, "-normal"),
        (160, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (16, "-short"),
        (30, "-tall"),
        (50, "-full"),
    ]
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        target: Target,
        *,
        read_only: bool = False,
        settings: Settings | None = None,
        remembered: Remembered | None = None,
        view: str = "",
    ) -> None:
        self.journal = Journal()
        self.collector = Collector()
        self.courtesy = Courtesy(self._events_came)
        forget_pictures()
        self.settings = settings if settings is not None else self._load_settings()
        self._start = self._start_view(view or self.settings.start_view)
        # Textual reads it when it is made.
        self.DEFAULT_MODE = self._start  # type: ignore[misc]
        super().__init__()
        self.remembered = remembered if remembered is not None else Remembered()
        self.keymap = self.settings.keys
        self.show_header = bool(self.remembered.get("app", "header", True))
        self.interrupted_at = float("-inf")
        self._read_only = read_only or self.settings.read_only
        self.connection = self._connect_to(target)
        self.sweeps = Sweeps(
            self.remembered.path.parent / "sweeps", lambda: self.connection, self._sweep_changed
        )
        self.apps = Apps(
            self.remembered.path.parent / "apps.json", lambda: self.connection, self._app_changed
        )
        self.tasks = Tasks(lambda: self.connection, self._task_changed)
        self.transfers = Transfers(
            self._transfer_changed, self.remembered.path.parent / "transfers"
        )
        self._last_mode = self._start
        self._modes_change = asyncio.Lock()
        self._changing = False
        self._styled = -1
        self.stylesheet = QuickStylesheet(variables=self.get_css_variables())
        for theme in themes.THEMES:
            self.register_theme(theme)
        for name in set(self.available_themes) - themes.BORROWED - {t.name for t in themes.THEMES}:
            self.unregister_theme(name)
        wanted = themes.initial_theme(
            self.settings.theme or self.remembered.get("app", "theme", "")
        )
        if not self.choose_theme(wanted):
            self.journal.add(Entry("warning", f"there is no theme {wanted!r}"))
            self.theme = themes.initial_theme("")
        self._first_theme = self.theme
        self.set_keymap(dict(self.keymap))

    def _load_settings(self) -> Settings:
        """The settings; unusable ones are reported, not obeyed in part."""
        try:
            return load()
        except SettingsError as error:
            self.journal.add(Entry("error", f"the settings are not used: {error}"))
            return Settings()

    def _start_view(self, name: str) -> str:
        if name in self.MODES:
            return name
        known = ", ".join(self.MODES)
        self.journal.add(Entry("warning", f"there is no view {name!r} to start with: {known}"))
        return str(self.DEFAULT_MODE)

    def _connect_to(self, target: Target) -> Connection:
        return Connection(
            target,
            read_only=self._read_only or getattr(target, "read_only", False),
            on_change=self._connection_changed,
            on_events=self.courtesy.came,
        )

    # Life.

    def on_mount(self) -> None:
        """Paint first, connect then."""
        self.animation_level = "none"
        self.set_interval(1.0, self._tick, name="clock")
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.connection.start()
        self.run_worker(self._prepare(), group="prepare", exit_on_error=False)
        self.run_worker(self._pick_up_transfers(), group="transfers")
        troubles = [entry for entry in self.journal if entry.level != "info"]
        if troubles and isinstance(self.screen, View):
            self.screen.show_entry(troubles[-1])

    async def _prepare(self) -> None:
        """Load the views ahead; a key map that clashes is told then, for it takes all views."""
        await prepare(self.stylesheet)
        if not self.keymap:
            return
        from bai_tui.actions.scopes import complaints

        if wrong := await asyncio.to_thread(complaints, self.keymap):
            text = f"{wrong[0]}; K in the settings tells all"
            self._say(Entry("warning", text, "\n".join(wrong)))

    async def _pick_up_transfers(self) -> None:
        left = len(await self.transfers.load())
        self.transfers.connection_changed(self.connection)
        if left:
            some = "A transfer was" if left == 1 else f"{left} transfers were"
            entry = Entry("warning", f"{some} not finished in an earlier run: T shows, p goes on")
            self.journal.add(entry)
            if isinstance(self.screen, View):
                self.screen.show_entry(entry)

    # Styles.  Textual parses every rule of the program anew, twice, for each screen it has not
    # shown before; that is most of the time from a key to the first paint of a view.

    def refresh_css(self, animate: bool = True) -> None:
        """Parse and apply all styles; Textual asks for it when the theme changes, too."""
        super().refresh_css(animate)
        self._styled = self._css_update_count

    def update_styles(self, node: DOMNode, animate: bool = True) -> None:
        """Style a widget and all in it; one that is in no screen yet will be, when it comes."""
        if isinstance(node, App | Screen) or node.is_attached:
            super().update_styles(node, animate)

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        """Read the styles a new screen brings; those there already hold for it as they are."""
        for path in screen.css_path:
            if not self.stylesheet.has_source(str(path), ""):
                self.stylesheet.read(path)  # parsed, alone, when the first widget is styled
        super()._load_screen_css(screen)
        # Textual gives it these when it is laid out, and then styles all of it once more.
        for size, points in (
            (self.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            screen.add_class(*screen._get_breakpoint_classes(size, points))
        if screen._css_update_count < self._styled == self._css_update_count:
            screen._css_update_count = self._styled

    async def on_unmount(self) -> None:
        """Leave nothing behind but what is remembered."""
        self.courtesy.forget()
        if self.theme != self._first_theme:
            self.remembered.set("app", "theme", self.theme)
        self.remembered.save()
        await self.transfers.close()
        await self.tasks.close()
        await self.sweeps.close()
        await self.apps.shut()
        await self.connection.stop()

    def leave(self) -> None:
        """End the program; while something runs, only after asking."""
        self._ask_first(self.exit)

    def _ask_first(self, do: Callable[[], object], cluster: str = "") -> None:
        """Do it at once when nothing runs that it would cut off; else ask."""
        running = [*of_transfers(self.transfers), *of_apps(self.apps), *of_sweeps(self.sweeps)]
        for view in self._views():
            running += view.running()
        if not running or any(isinstance(screen, Leaving) for screen in self.screen_stack):
            do()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                do()

        self.push_screen(Leaving(running, cluster), answered)

    # What the connection tells.

    def _views(self) -> Iterator[View]:
        if not self.is_running:
            return  # while shutting down views lose their widgets one by one
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, View) and screen.is_mounted:
                    yield screen

    def _connection_changed(self) -> None:
        for view in self._views():
            view.connection_changed()
        self.transfers.connection_changed(self.connection)
        self.tasks.connection_changed()
        self.sweeps.reconnected()
        self.apps.changed()

    def _events_came(self, events: tuple[ClusterEvent, ...]) -> None:
        for view in self._views():
            view.cluster_events(events)
        self.sweeps.events(events)
        self.apps.events(events)

    def _app_changed(self, proxy: Proxy | None) -> None:
        for view in self._views():
            view.app_changed(proxy)

    def _sweep_changed(self, sweep: Sweep, cases: Sequence[Case]) -> None:
        for view in self._views():
            view.sweep_changed(sweep, cases)

    def _say(self, entry: Entry | None) -> None:
        if entry is None:
            return
        self.journal.add(entry)
        if self.screen_stack and isinstance(self.screen, View):
            self.screen.show_entry(entry)

    def _task_changed(self, task: Task) -> None:
        from bai_tui.screens.tasks import outcome

        self._say(outcome(task))
        for view in self._views():
            view.task_changed(task)

    def _transfer_changed(self, transfer: Transfer) -> None:
        self._say(outcome(transfer))
        for view in self._views():
            view.transfer_changed(transfer)

    async def on_event(self, event: Event) -> None:
        """In their order; whoever presses keys waits for pictures."""
        if isinstance(event, Key) and not event.is_forwarded:
            self.courtesy.typed()
        await super().on_event(event)

    def _tick(self) -> None:
        self.collector.rest(self.courtesy.since_key)
        if self._exit or not self.is_running:
            return  # views lose their widgets one by one
        if self.screen_stack and isinstance(self.screen, View) and self.screen.is_mounted:
            self.screen.tick()

    def on_app_focus(self) -> None:
        """The terminal window is looked at again."""
        self._focus_changed(True)

    def on_app_blur(self) -> None:
        """Nobody looks: views stop polling."""
        self._focus_changed(False)

    def _focus_changed(self, focused: bool) -> None:
        if self.screen_stack and isinstance(self.screen, View):
            self.screen.app_focus_changed(focused)

    # What views ask for (screens.host.Host).

    def show_view(self, name: str, argument: str = "") -> None:
        """Switch to a main view; what lay upon it is closed."""
        if self.current_mode != name:
            self._last_mode = self.current_mode
        self.run_worker(self._switch(name, argument), group="view", exclusive=True)

    async def _change_to(self, name: str) -> None:
        """Switch the mode, and paint as soon as its screen is there."""
        # Textual waits a twentieth of a second for it, whether it takes longer or not so long.
        self._changing = True
        try:
            # Textual's palette looks, when it is mounted, for the view it was opened over.
            await self.screen._mounted_event.wait()
            with self.batch_update():
                await self.switch_mode(name)
                # What mounting has asked for (focus, another layout) belongs to the picture.
                for pump in (self, self.screen, self):
                    done = asyncio.Event()
                    pump.call_later(done.set)
                    await done.wait()
        finally:
            self._changing = False
            with suppress(ScreenStackError):  # the program ended meanwhile
                self.screen.refresh()
        self.screen._on_timer_update()

    def delay_update(self, delay: float = 0.05) -> None:
        """Textual hides changes of screens by it; `_change_to` has its own way."""
        if not self._changing:
            super().delay_update(delay)

    async def _switch(self, name: str, argument: str) -> None:
        async with self._modes_change:
            await self._change_to(name)
            while len(self.screen_stack) > 1:
                await self.pop_screen()
        if isinstance(self.screen, View):
            self.screen.open_with(argument)

    def last_view(self) -> None:
        """Switch to the main view before, as it was left."""
        wanted, self._last_mode = self._last_mode, self.current_mode
        self.run_worker(self._return(wanted), group="view", exclusive=True)

    async def _return(self, name: str) -> None:
        async with self._modes_change:
            await self._change_to(name)

    def use_cluster(self, target: Target) -> None:
        """Switch to another cluster, asking first when something runs; all views are made anew."""

        def switch() -> None:
            self.run_worker(self._use(target), group="cluster")

        self._ask_first(switch, target.label)

    async def _use(self, target: Target) -> None:
        # Nothing may cut it in two: no view is shown meanwhile, and no third cluster used.
        async with self._modes_change:
            await self._use_now(target)

    async def _use_now(self, target: Target) -> None:
        old = self.connection
        old.on_change = lambda: None
        old.on_events = lambda events: None
        self.courtesy.forget()
        mode = self.current_mode
        self.connection = self._connect_to(target)
        self.add_mode("-", Screen)
        await self.switch_mode("-")
        for name in self.MODES:
            await self.remove_mode(name)
            self.add_mode(name, self.MODES[name])
        await self.switch_mode(mode)
        await self.remove_mode("-")
        self.connection.start()
        self.transfers.connection_changed(self.connection)
        self.run_worker(old.stop(), group="farewell")

    def reload_settings(self) -> None:
        """Read the settings file again and obey what can change while the program runs."""
        self.settings = self._load_settings()
        self.keymap = self.settings.keys
        self.set_keymap(dict(self.keymap))
        self._connection_changed()

    def set_read_only(self, on: bool) -> None:
        """Switch read-only mode for the whole program."""
        self.connection.read_only = on
        self._connection_changed()

    def toggle_header(self) -> None:
        """Show or hide the header of all views."""
        self.show_header = not self.show_header
        self.remembered.set("app", "header", self.show_header)
        self._connection_changed()

    def choose_theme(self, name: str) -> bool:
        """Use a theme."""
        if name not in self.available_themes:
            return False
        self.theme = name
        return True

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None of Textual's own: the registry has them all."""
        return ()

"""The settings: one list of everything, changed where it stands, kept in the settings file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions, profiles, themes
from bai_tui.actions import MAIN_VIEWS
from bai_tui.screens.help import Sheet
from bai_tui.screens.listing import ListView
from bai_tui.screens.settings.capture import KeyCapture
from bai_tui.screens.settings.rows import COLUMNS as COLUMN_SETS
from bai_tui.screens.settings.rows import INTERVAL, KEY, LOOKS, Row, rows
from bai_tui.screens.settings.theme import pick_theme
from bai_tui.settings import LEAST_INTERVAL, SettingsError, config_dir
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Cell, Column

COLUMNS: Final[tuple[Column[Row], ...]] = (
    Column(key="kind", label="KIND", width=9, priority=80, render=lambda r: Cell(r.kind, "muted")),
    Column(key="name", label="SETTING", min_width=20, max_width=32, flex=1, priority=100,
           render=lambda r: r.shown),
    Column(key="value", label="VALUE", min_width=16, max_width=34, flex=1, priority=99,
           render=lambda r: Cell(r.value, "accent" if r.changed else "", "*" if r.changed else "")),
    Column(key="default", label="DEFAULT", width=16, priority=50,
           render=lambda r: Cell(r.default, "muted")),
    Column(key="help", label="MEANING", min_width=16, flex=3, priority=90,
           render=lambda r: Cell(r.help, "muted")),
)  # fmt: skip


class SettingsView(ListView):
    """Enter changes what the cursor is on."""

    CRUMB = "settings"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("settings", "table")
    REMEMBER = "settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("settings"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked: Row | None = None

    def compose_body(self) -> ComposeResult:
        """The table."""
        yield LiveTable(
            COLUMNS,
            key=lambda row: row.key,
            what="settings",
            empty="",
            id_of=lambda row: row.name,
            id="table",
        )

    def setup(self) -> None:
        """Fill it."""
        super().setup()
        self.reload()

    def resumed(self) -> None:
        """Columns and theme may have changed elsewhere."""
        super().resumed()
        self.reload()

    def reload(self) -> None:
        """Write all rows again; only changed ones are drawn."""
        host = self.host
        found = rows(
            host.settings, host.remembered, self.app.theme, host.show_header, host.settings.interval
        )
        self.table.upsert(found)
        self.refresh_bars()

    def do_app_refresh(self, argument: str) -> None:
        """Read the file again."""
        self.host.reload_settings()
        self.reload()
        self.flash("the settings file was read again")

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter changes."""
        self.perform(actions.BY_ID["settings.change"])

    def do_table_describe(self, argument: str) -> None:
        """The whole of it."""
        row: Row | None = self.table.cursor_row
        if row is not None:
            facts = [("value", row.value), ("default", row.default), ("meaning", row.help)]
            self.app.push_screen(Sheet(row.shown, facts, what=row.kind))

    # Changing.

    def do_settings_change(self, argument: str) -> None:
        """As its kind wants it."""
        row: Row | None = self.table.cursor_row
        if row is None:
            return
        match row.kind, row.name:
            case kind, _ if kind == KEY:
                self._change_key(row)
            case kind, _ if kind == INTERVAL:
                self._asked = row
                self.open_prompt(f"{row.shown}, seconds: ", row.value.removesuffix(" s"))
            case kind, _ if kind == COLUMN_SETS:
                self.host.show_view(row.name, "")
                self.flash(f"w chooses the columns of {row.name}")
            case _, "theme":
                pick_theme(self, lambda name: self._store(row, name))
            case _, "start_view":
                self._pick(row, [(view.name, view.help) for view in MAIN_VIEWS])
            case _:
                self._pick(row, [("on", ""), ("off", "")])

    def _pick(self, row: Row, choices: list[tuple[str, str]]) -> None:
        def chosen(values: tuple[str, ...] | None) -> None:
            if values:
                self._store(row, values[0])

        offered = [Choice(name, name, remark) for name, remark in choices]
        self.app.push_screen(Picker(row.shown, offered, (row.value,)), chosen)

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """An interval, or the filter."""
        if kind == "/" or self._asked is None:
            super().typed(kind, value, final=final)
            return
        if not final:
            return
        row, self._asked = self._asked, None
        if not value.strip():
            return
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if LEAST_INTERVAL <= seconds <= 86400:
            self._store(row, f"{seconds:g}")
        else:
            self.flash(f"{value!r}: seconds, {LEAST_INTERVAL:g} or more", "warning")

    def _change_key(self, row: Row) -> None:
        from bai_tui.actions.scopes import new_clashes

        def clash(key: str) -> str:
            others = new_clashes(row.name, key, self.host.keymap)
            return "; ".join(f"means {other} in {view}" for view, other in others[:2])

        def pressed(key: str | None) -> None:
            if key is not None:
                self._store(row, key)

        self.app.push_screen(KeyCapture(row.name, clash), pressed)

    def do_settings_reset(self, argument: str) -> None:
        """The default again."""
        row: Row | None = self.table.cursor_row
        if row is not None:
            self._store(row, None)

    def _store(self, row: Row, value: str | None) -> None:
        """Keep a value, or the default; obey it at once."""
        if row.kind == COLUMN_SETS:
            self.host.remembered.set(row.name, "columns", [])
            self.flash(f"{row.name}: the columns are chosen by their width again", "success")
            self.reload()
            return
        if row.kind == LOOKS and row.name == "header":
            if (value or "on") != row.value:
                self.host.toggle_header()
            self.reload()
            return
        try:
            profiles.edit(config_dir() / "settings.toml", self._change_of(row, value))
        except SettingsError as error:
            self.flash(str(error), "error")
            return
        if row.name == "theme":
            self.host.choose_theme(value or themes.initial_theme(""))
        self.host.reload_settings()
        self.reload()
        self.flash(f"{row.shown}: {value or f'{row.default} (default)'}", "success")

    def _change_of(self, row: Row, value: str | None) -> Callable[[Any], object]:
        def change(document: Any) -> None:
            place, kept = document, value if row.name != "read_only" else value == "on"
            if row.kind in (KEY, INTERVAL):
                import tomlkit

                place = document.setdefault(row.kind, tomlkit.table())
            if row.kind == INTERVAL and value is not None:
                kept = float(value)  # type: ignore[assignment]
            # Names of actions have dots, which are part of one TOML key here.
            if value is None:
                place.pop(row.name, None)
            else:
                place[row.name] = kept

        return change

    def do_settings_clashes(self, argument: str) -> None:
        """The report."""
        from bai_tui.actions.scopes import complaints

        facts = [("", text) for text in complaints(self.host.keymap)]
        if not facts:
            self.flash("no key means two things in a view", "success")
            return
        self.app.push_screen(Sheet("key map", facts, what="clashes"))

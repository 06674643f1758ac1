"""The clusters known by name: profiles, the one inside bai-tui, the one of the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions, profiles
from bai_tui.actions import Action
from bai_tui.screens.connections.form import ProfileView
from bai_tui.screens.connections.probe import Report, probe
from bai_tui.screens.connections.report import facts_of, show_report
from bai_tui.screens.help import Sheet
from bai_tui.screens.listing import ListView
from bai_tui.settings import Profile, ProfileTarget, Settings, SettingsError, config_dir, load
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.connection import Target

LOCAL: Final = "local"
ENVIRONMENT: Final = "environment"
AT_ONCE: Final = 4
"""Clusters that are tested at the same time."""


@dataclass(frozen=True, slots=True)
class Row:
    """A cluster.

    Attributes:
        profile: None for the local cluster and the environment's.
        used: the program is connected to it. tested: what came out of the last test.
    """

    name: str
    profile: Profile | None
    used: bool = False
    default: bool = False
    testing: bool = False
    report: Report | None = None

    @property
    def endpoint(self) -> str:
        """Where it is."""
        if self.profile is not None:
            return str(self.profile.options.get("endpoint", "-"))
        if self.name == LOCAL:
            return "on this machine"
        return os.environ.get("BACKEND_ENDPOINT", "-")

    @property
    def mode(self) -> str:
        """How requests are authorized: signed by keys, or by a login at a web server."""
        if self.profile is not None:
            return "session" if self.profile.session_mode else "api"
        told = os.environ.get("BACKEND_ENDPOINT_TYPE", "") if self.name == ENVIRONMENT else ""
        return told or "api"

    @property
    def who(self) -> str:
        """User name or access key."""
        if self.profile is None:
            return os.environ.get("BACKEND_ACCESS_KEY", "-") if self.name == ENVIRONMENT else "-"
        return self.profile.username or str(self.profile.options.get("access_key", "-"))

    @property
    def secret(self) -> str:
        """Where its secret is, never what it is."""
        if self.profile is None:
            return "-"
        if self.profile.in_keyring:
            return "keyring"
        return "file 0600" if self.profile.secret_key else "none"


def _test(row: Row) -> Cell:
    if row.testing:
        return Cell("testing…", "accent", "…")
    if row.report is None:
        return Cell("not tested", "muted")
    bad = row.report.problem is not None
    return Cell(row.report.line, "error" if bad else "success", "✗" if bad else "✓")


def _name(row: Row) -> Cell:
    color = row.profile.color if row.profile else ""
    tone = {"primary": "accent", "secondary": "accent"}.get(color, color)
    return Cell(row.name, tone, "●" if row.used else "○")


def _facts(row: Row, key_of: Callable[[Action], str]) -> list[tuple[str, str]]:
    options = row.profile.options if row.profile else {}
    any_certificate = bool(options.get("skip_sslcert_validation"))
    facts = [
        ("endpoint", row.endpoint),
        ("mode", row.mode),
        ("user" if row.mode == "session" else "access key", row.who),
        ("secret", row.secret),
        ("domain", str(options.get("domain", "-"))),
        ("group", str(options.get("group", "-"))),
        ("certificate", "any is accepted" if any_certificate else "checked"),
        ("changes", "read-only" if row.profile and row.profile.read_only else "allowed"),
        ("colour", row.profile.color if row.profile and row.profile.color else "none"),
        ("", ""),
    ]
    if row.report is not None:
        return facts + facts_of(row.report)
    return [*facts, ("test", f"not yet; {key_of(actions.BY_ID['connections.test'])} tests it")]


COLUMNS: Final[tuple[Column[Row], ...]] = (
    Column(key="name", label="CLUSTER", min_width=14, max_width=30, flex=1, priority=100,
           render=_name, value=lambda r: r.name),
    Column(key="endpoint", label="ENDPOINT", min_width=28, max_width=50, flex=2, priority=95,
           cut="middle", render=lambda r: r.endpoint),
    Column(key="mode", label="MODE", width=7, priority=80,
           render=lambda r: r.mode),
    Column(key="who", label="USER OR KEY", min_width=12, max_width=28, flex=1, priority=70,
           cut="middle", render=lambda r: r.who),
    Column(key="secret", label="SECRET", width=9, priority=60, render=lambda r: r.secret),
    Column(key="ro", label="RO", width=3, priority=85,
           render=lambda r: Cell("ro", "warning") if r.profile and r.profile.read_only else ""),
    Column(key="color", label="COLOUR", width=9, priority=30,
           render=lambda r: r.profile.color if r.profile else ""),
    Column(key="default", label="DEFAULT", width=7, priority=50,
           render=lambda r: Cell("default", "accent") if r.default else ""),
    Column(key="test", label="TEST", min_width=22, flex=3, priority=90, render=_test),
)  # fmt: skip


class ConnectionsView(ListView):
    """Test, switch, write down."""

    CRUMB = "connections"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("connections", "table")
    REMEMBER = "connections"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("connections"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, Row] = {}
        self._settings: Settings | None = None
        """As they were read last; the program's own are those of its start."""

    def compose_body(self) -> ComposeResult:
        """The table."""
        yield LiveTable(
            COLUMNS,
            key=lambda row: row.name,
            what="clusters",
            empty="No cluster is written down. n writes one.",
            id_of=lambda row: row.name,
            id="table",
        )

    def setup(self) -> None:
        """Read the settings; begin with the one in use."""
        super().setup()
        self.reload()
        used = next((row.name for row in self._rows.values() if row.used), None)
        if used is not None:
            self.table.move_to_key(used)

    def resumed(self) -> None:
        """A form may have changed them."""
        super().resumed()
        self.reload()

    def connection_changed(self) -> None:
        """Which one is in use."""
        super().connection_changed()
        if self.is_mounted:
            self._fill(self._settings or self.host.settings)

    def do_app_refresh(self, argument: str) -> None:
        """Reconnect; read the settings again."""
        if not self.connection.ready:
            self.connection.retry_now()
        self.reload()

    def reload(self) -> None:
        """Read the settings again; unusable ones are reported and the old ones stay."""
        try:
            settings = load()
        except SettingsError as error:
            self.flash(str(error), "error")
            return
        self._settings = settings
        self._fill(settings)

    def _fill(self, settings: Settings) -> None:
        names: dict[str, Profile | None] = dict(settings.profiles)
        names.setdefault(LOCAL, None)
        if os.environ.get("BACKEND_ENDPOINT") or os.environ.get("BACKEND_ACCESS_KEY"):
            names.setdefault(ENVIRONMENT, None)
        rows = {}
        for name, profile in names.items():
            old = self._rows.get(name)
            used = self.connection.target.label == (
                os.environ.get("BACKEND_ENDPOINT", ENVIRONMENT).split(",")[0]
                if name == ENVIRONMENT
                else name
            )
            rows[name] = Row(
                name,
                profile,
                used,
                name == settings.default_profile,
                old.testing if old else False,
                old.report if old else None,
            )
        self.table.remove([name for name in self._rows if name not in rows])
        self._rows = rows
        self.table.upsert(list(rows.values()))
        self.refresh_bars()

    def _target(self, row: Row) -> Target:
        from bai_tui.targets import EnvironmentTarget, LocalTarget

        if row.profile is not None:
            return ProfileTarget(row.profile)
        return LocalTarget() if row.name == LOCAL else EnvironmentTarget()

    def why_not(self, action: Action) -> str:
        """Only profiles can be changed; the one in use is in use."""
        row: Row | None = self.table.cursor_row
        if row is not None:
            if action.id in ("connections.edit", "connections.delete", "connections.default") and (
                row.profile is None
            ):
                return f"{row.name} is no profile"
            if action.id == "connections.use" and row.used:
                return f"{row.name} is in use already"
        return super().why_not(action)

    def open_with(self, argument: str) -> None:
        """`:ctx NAME` switches."""
        if not argument:
            return
        row = self._rows.get(argument)
        if row is None:
            self.flash(f"{argument!r}: one of {', '.join(self._rows)}", "warning")
        elif not row.used:
            self.host.use_cluster(self._target(row))

    # Actions.

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter switches."""
        self.perform(actions.BY_ID["connections.use"])

    def do_connections_use(self, argument: str) -> None:
        """Switch."""
        row: Row | None = self.table.cursor_row
        if row is not None:
            self.host.use_cluster(self._target(row))

    async def do_connections_test(self, argument: str) -> None:
        """Test the marked ones, or the one under the cursor, a few at a time."""
        import asyncio

        rows: list[Row] = list(self.table.chosen_rows)
        for row in rows:
            self._show(replace(self._rows[row.name], testing=True))
        room = asyncio.Semaphore(AT_ONCE)

        async def test(row: Row) -> None:
            async with room:
                await self._test(row)

        await asyncio.gather(*(test(row) for row in rows))
        report = self._rows[rows[0].name].report if len(rows) == 1 else None
        if report is not None:
            show_report(self, rows[0].name, report)

    async def _test(self, row: Row) -> None:
        target = self.connection.target if row.used else self._target(row)
        try:
            report = await probe(target)
        finally:
            if not row.used:
                await target.close()
            self._show(replace(self._rows.get(row.name, row), testing=False))
        self._show(replace(self._rows.get(row.name, row), report=report))

    def _show(self, row: Row) -> None:
        self._rows[row.name] = row
        if self.is_mounted:
            self.table.upsert([row])

    def do_table_describe(self, argument: str) -> None:
        """All that is written down, and the last test in full."""
        row: Row | None = self.table.cursor_row
        if row is not None:
            self.app.push_screen(Sheet(row.name, _facts(row, self.key_of), what="cluster"))

    def do_connections_new(self, argument: str) -> None:
        """The form, empty."""
        self.app.push_screen(ProfileView(None, frozenset(self._rows), self._saved))

    def do_connections_edit(self, argument: str) -> None:
        """The form."""
        row: Row | None = self.table.cursor_row
        if row is not None and row.profile is not None:
            taken = frozenset(self._rows) - {row.name}
            self.app.push_screen(ProfileView(row.profile, taken, self._saved))

    def _saved(self, name: str) -> None:
        self.host.reload_settings()
        self.reload()
        self.table.move_to_key(name)

    def do_connections_default(self, argument: str) -> None:
        """Begin with it, or not any more."""
        row: Row | None = self.table.cursor_row
        if row is None:
            return
        try:
            profiles.edit(
                config_dir() / "settings.toml",
                lambda document: document.update(default_profile="" if row.default else row.name),
            )
        except SettingsError as error:
            self.flash(str(error), "error")
            return
        self._saved(row.name)

    def do_connections_delete(self, argument: str) -> None:
        """Remove, after asking."""
        row: Row | None = self.table.cursor_row
        if row is None:
            return

        def answered(yes: bool | None) -> None:
            if not yes:
                return
            try:
                profiles.delete(row.name)
            except SettingsError as error:
                self.flash(str(error), "error")
            else:
                self.flash(f"profile {row.name} is gone", "success")
            self._saved(row.name)

        text = "The profile and its secret are removed here. Nothing changes on the cluster."
        self.app.push_screen(
            Confirm("Delete the profile?", text, names=[row.name], verb="Delete"), answered
        )

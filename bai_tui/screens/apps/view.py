"""The apps: every local port that is open or wanted, with its traffic, and why it is down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.apps.manager import Apps
from bai_tui.apps.proxy import Link, Proxy
from bai_tui.screens.browser import open_address
from bai_tui.screens.listing import ListView
from bai_tui.widgets.ask import Ask
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import format_size

STATE: Final[Mapping[Link, tuple[str, str]]] = {
    Link.OPENING: ("accent", "◔"),
    Link.OPEN: ("success", "●"),
    Link.WAITING: ("warning", "◌"),
    Link.FAILED: ("error", "✗"),
    Link.CLOSED: ("muted", "○"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A proxy as the table shows it."""

    number: int
    app: str
    session: str
    address: str
    link: Link
    why: str
    restore: bool
    connections: int
    total: int
    sent: int
    received: int
    trouble: str

    @classmethod
    def of(cls, proxy: Proxy) -> Row:
        """As it is now."""
        tunnel = proxy.tunnel
        trouble = str(tunnel.error) if tunnel is not None and tunnel.error is not None else ""
        wanted = proxy.wanted
        address = proxy.address if wanted.port else ""
        return cls(
            proxy.number, wanted.app, wanted.session, address, proxy.link, proxy.why,
            proxy.restore, *proxy.figures(), trouble,
        )  # fmt: skip


COLUMNS: Final[tuple[Column[Row], ...]] = (
    Column(key="app", label="APP", min_width=8, max_width=18, priority=100, render=lambda r: r.app),
    Column(key="session", label="SESSION", min_width=12, max_width=40, flex=2, priority=95,
           cut="middle", render=lambda r: r.session),
    Column(key="address", label="ADDRESS", width=22, priority=100,
           render=lambda r: Cell(r.address, "accent" if r.link is Link.OPEN else "muted")),
    Column(key="state", label="STATE", width=10, priority=98, watch=True,
           render=lambda r: Cell(str(r.link), *STATE[r.link])),
    Column(key="open", label="OPEN", width=5, align="right", priority=80,
           render=lambda r: str(r.connections) if r.connections else "",
           sort_key=lambda r: r.connections),
    Column(key="total", label="TOTAL", width=6, align="right", priority=60,
           render=lambda r: str(r.total), sort_key=lambda r: r.total),
    Column(key="up", label="UP", width=9, align="right", priority=70,
           render=lambda r: format_size(r.sent), sort_key=lambda r: r.sent),
    Column(key="down", label="DOWN", width=9, align="right", priority=70,
           render=lambda r: format_size(r.received), sort_key=lambda r: r.received),
    Column(key="restore", label="RESTORE", width=7, priority=50,
           render=lambda r: "yes" if r.restore else ""),
    Column(key="why", label="WHY", min_width=12, flex=3, priority=90,
           render=lambda r: Cell(r.why or r.trouble, "warning")),
)  # fmt: skip


def wrong_port(text: str) -> str:
    """What is wrong with the number of a port; empty when nothing is."""
    good = text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= 65535
    return "" if good else "1 to 65535, or 0 for any that is free"


class AppsView(ListView):
    """The list."""

    CRUMB = "apps"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("apps", "table")
    REMEMBER = "apps"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("apps"),
    ]

    def compose_body(self) -> ComposeResult:
        """The table."""
        yield LiveTable(
            COLUMNS,
            key=lambda row: row.number,
            row_tone=lambda row: "" if row.link is Link.OPEN else "muted",
            what="ports",
            empty="No port is open. In the sessions, p opens one to a service of a session.",
            id_of=lambda row: row.address,
            id="table",
        )

    @property
    def apps(self) -> Apps:
        """All proxies."""
        return self.host.apps

    def setup(self) -> None:
        """All of them."""
        super().setup()
        self.reload()

    def reload(self) -> None:
        """From memory."""
        self.table.set_rows([Row.of(proxy) for proxy in self.apps.proxies.values()])
        self.refresh_bars()

    def app_changed(self, proxy: Proxy | None) -> None:
        """Show what changed; traffic is shown with the next tick."""
        super().app_changed(proxy)
        if not self.is_mounted:
            return
        if proxy is None:
            self.reload()
        elif proxy.number in self.apps.proxies:
            self.table.upsert([Row.of(proxy)])

    def tick(self) -> None:
        """Traffic."""
        super().tick()
        self.table.upsert([Row.of(proxy) for proxy in self.apps.proxies.values()])

    def _current(self) -> Proxy | None:
        row = self.table.cursor_row
        return self.apps.proxies.get(row.number) if row is not None else None

    def why_not(self, action: Action) -> str:
        """What stands against an action."""
        proxy = self._current()
        if proxy is not None and action.id in ("apps.browse", "apps.ssh"):
            if proxy.link is not Link.OPEN:
                return f"it is {proxy.link}: {proxy.why}" if proxy.why else f"it is {proxy.link}"
            if action.id == "apps.ssh" and proxy.wanted.app != "sshd":
                return f"{proxy.wanted.app} is no sshd"
        return super().why_not(action)

    def label_of(self, action: Action) -> str:
        """Enter is for the browser, or for ssh."""
        if action.id != "table.open":
            return super().label_of(action)
        proxy = self._current()
        return "ssh" if proxy is not None and proxy.wanted.app == "sshd" else "browser"

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter: the browser, or ssh."""
        proxy = self._current()
        name = "apps.ssh" if proxy is not None and proxy.wanted.app == "sshd" else "apps.browse"
        self.perform(actions.BY_ID[name])

    async def do_apps_browse(self, argument: str) -> None:
        """Open it."""
        proxy = self._current()
        if proxy is None:
            return
        if proxy.is_web and await asyncio.to_thread(open_address, proxy.address):
            self.flash(f"opened {proxy.address}", "success")
        else:
            self.copy(proxy.address, "the address")

    async def do_apps_ssh(self, argument: str) -> None:
        """Key and command."""
        from bai_tui.apps.ssh import command, fetch_key, knock, user_of

        proxy = self._current()
        if proxy is None:
            return
        wanted = proxy.wanted
        await knock(wanted.port)
        key = await fetch_key(
            self.connection.session, wanted.session, wanted.owner, self.apps.path.parent / "keys"
        )
        user = await asyncio.to_thread(user_of, key)
        self.copy(command(key, wanted.port, user), "the ssh command")

    async def do_apps_reopen(self, argument: str) -> None:
        """Again."""
        proxy = self._current()
        if proxy is not None:
            await self.apps.reopen(proxy)
            self._tell(proxy)

    def _tell(self, proxy: Proxy) -> None:
        if proxy.link is Link.OPEN:
            self.flash(f"{proxy.wanted.app} of {proxy.wanted.session}: {proxy.address}", "success")
        else:
            self.flash(f"{proxy.wanted.app} is {proxy.link}: {proxy.why}", "warning")

    def do_apps_port(self, argument: str) -> None:
        """Another port: asked for, or given at the prompt."""
        proxy = self._current()
        if proxy is None:
            return

        def answered(text: str | None) -> None:
            if text is None:
                return
            if wrong := wrong_port(text):
                self.flash(f"{text!r} is no port: {wrong}", "warning")
                return

            async def reopen() -> None:
                await self.apps.reopen(proxy, int(text))
                self._tell(proxy)

            self.attempt(reopen(), "port")

        if argument:
            answered(argument.strip())
            return
        title = f"Local port for {proxy.wanted.app} of {proxy.wanted.session}"
        self.app.push_screen(
            Ask(
                title,
                "0 takes any that is free.",
                str(proxy.wanted.port or ""),
                verb="Open",
                check=wrong_port,
            ),
            answered,
        )

    async def do_apps_restore(self, argument: str) -> None:
        """Remember it, or not."""
        proxy = self._current()
        if proxy is not None:
            await self.apps.set_restore(proxy, not proxy.restore)
            word = "opens" if proxy.restore else "does not open"
            self.flash(f"the next run of the program {word} it again")

    def do_apps_session(self, argument: str) -> None:
        """Its session."""
        proxy = self._current()
        if proxy is not None:
            self.host.show_view("sessions", f"@{proxy.wanted.session}")

    async def do_apps_close(self, argument: str) -> None:
        """Close."""
        proxy = self._current()
        if proxy is not None:
            await self.apps.close(proxy)
            self.flash(f"{proxy.wanted.app} of {proxy.wanted.session}: the port is closed")

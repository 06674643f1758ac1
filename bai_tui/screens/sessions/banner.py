"""The header: who and where, and my use against my limits. Three rows, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from textual.content import Content

from bai_tui.api.models import SessionInfo
from bai_tui.identity import Identity
from bai_tui.screens.create.draft import show_amount
from bai_tui.screens.sessions.facts import bar
from bai_tui.widgets.bars import Bar, Part
from bai_tui.widgets.text import pad, printable, truncate

_COUNTED = ("PENDING", "CANCELLED", "TERMINATED")
"""Statuses whose slots are not in use."""


def used_slots(sessions: Iterable[SessionInfo], access_key: str) -> dict[str, Decimal]:
    """What the sessions of a keypair occupy now (data-model.md 3)."""
    used: dict[str, Decimal] = {}
    for info in sessions:
        if info.access_key == access_key and info.status not in _COUNTED:
            for slot, amount in info.occupied_slots.items():
                used[slot] = used.get(slot, Decimal(0)) + amount
    return used


class Banner(Bar):
    """Draws again only when something changed."""

    DEFAULT_CSS = "Banner { height: 3; padding: 0 1; background: $surface; }"

    def update(
        self,
        identity: Identity | None,
        endpoint: str,
        server: str,
        used: Mapping[str, Decimal],
        sessions: int,
    ) -> None:
        """Show these."""
        self.show((identity, endpoint, server, tuple(sorted(used.items())), sessions))

    def render(self) -> Content:
        """User, server, bars."""
        if not isinstance(self._shown, tuple):
            return Content("")
        identity, endpoint, server, used, sessions = self._shown
        if identity is None:
            return Content("")
        width = self.content_size.width
        groups = ", ".join(group.name for group in identity.groups) or "-"
        left = ("user", f"{identity.name} ({identity.role})"), ("server", endpoint)
        right = ("project", f"{identity.domain} / {groups}"), ("release", server)
        half = width // 2
        lines = [
            Content.assemble(*self._pair(*a, half), *self._pair(*b, width - half))
            for a, b in zip(left, right, strict=True)
        ]
        lines.append(self._bars(identity, dict(used), sessions, width))
        return Content("\n").join(lines)

    def _pair(self, name: str, value: str, width: int) -> list[Part]:
        room = max(0, width - 10)
        text = truncate(printable(value), room)
        return [(pad(name, 9), "$text-muted"), (pad(text, room + 1), "$foreground")]

    def _bars(
        self, identity: Identity, used: Mapping[str, Decimal], sessions: int, width: int
    ) -> Content:
        parts: list[Part] = [(pad("in use", 9), "$text-muted")]
        limit = identity.concurrency_limit
        shares = [("sessions", float(sessions), str(sessions), float(limit), str(limit))]
        for slot in ("cpu", "mem", *sorted(set(used) - {"cpu", "mem"})):
            amount = used.get(slot, Decimal(0))
            bound = identity.limits.get(slot, Decimal("Infinity"))
            shares.append(
                (
                    slot,
                    float(amount),
                    show_amount(slot, amount),
                    float(bound),
                    show_amount(slot, bound),
                )
            )
        room = width - 9
        for name, taken, shown, ceiling, most in shares:
            limited = 0 < ceiling < float("inf")
            share = taken / ceiling if limited else 0.0
            blocks = bar(share, 8) + " " if limited else ""
            text = f"{shown}/{most}" if limited else shown
            length = len(name) + 1 + len(blocks) + len(text) + 3
            if length > room:
                break
            room -= length
            style = "$text-error" if share >= 0.9 else "$text-success"
            parts += [
                (f"{name} ", "$text-muted"),
                (blocks, style),
                (text, "$foreground"),
                ("   ", ""),
            ]
        return Content.assemble(*parts)

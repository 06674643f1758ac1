"""What screens need from the app around them; screens never import the app."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from bai_tui.widgets.bars import Level

if TYPE_CHECKING:
    from bai_tui.apps.manager import Apps
    from bai_tui.connection import Connection, Target
    from bai_tui.settings import Remembered, Settings
    from bai_tui.sweeps.manager import Sweeps
    from bai_tui.tasks import Tasks
    from bai_tui.transfers import Transfers

JOURNAL_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that was shown to the user.

    Attributes:
        text: the line shown. details: all there is to know, over several lines.
    """

    level: Level
    text: str
    details: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Running:
    """Something that runs, and what becomes of it.

    Attributes:
        what: in one line. leaving: when the program ends. switching: when another cluster is used.
    """

    what: str
    leaving: str
    switching: str


class Journal:
    """Every message of this run of the program, the last thousand."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=JOURNAL_LIMIT)

    def add(self, entry: Entry) -> None:
        """Keep a message."""
        self._entries.append(entry)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Host(Protocol):
    """The app, as its screens see it."""

    connection: Connection
    settings: Settings
    remembered: Remembered
    journal: Journal
    sweeps: Sweeps
    apps: Apps
    transfers: Transfers
    tasks: Tasks
    keymap: Mapping[str, str]
    show_header: bool
    interrupted_at: float

    def show_view(self, name: str, argument: str = "") -> None:
        """Switch to one of the main views, with an argument as typed at the prompt."""

    def last_view(self) -> None:
        """Switch to the main view before this one."""

    def use_cluster(self, target: Target) -> None:
        """Switch to another cluster, asking first when something runs; all views are made anew."""

    def reload_settings(self) -> None:
        """Read the settings file again."""

    def set_read_only(self, on: bool) -> None:
        """Switch read-only mode."""

    def toggle_header(self) -> None:
        """Show or hide the header of all views."""

    def leave(self) -> None:
        """End the program, asking first when something runs."""

    def choose_theme(self, name: str) -> bool:
        """Use a theme; False when there is none of that name."""

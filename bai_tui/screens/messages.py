"""Every message of this run with its details, and where everything is kept."""

from __future__ import annotations

import platform
from typing import ClassVar

from bai_tui import __version__
from bai_tui.screens.text import TextView
from bai_tui.settings import config_dir, state_dir
from bai_tui.widgets.bars import GLYPHS
from bai_tui.widgets.text import printable


class MessagesView(TextView):
    """The journal, newest last."""

    CRUMB = "messages"
    FILE_NAME: ClassVar[str] = "bai-tui-messages"

    _count: int | None = None
    """Entries shown; None before the first time: the clock may tick before the view is filled."""

    def setup(self) -> None:
        """Fill it."""
        super().setup()
        self.reload()

    def reload(self) -> None:
        """Write the whole journal; it is short."""
        journal = self.host.journal
        self._count = len(journal)
        lines = []
        for entry in journal:
            at = entry.at.astimezone()
            lines.append(f"{at:%H:%M:%S} {GLYPHS[entry.level]} {printable(entry.text)}")
            lines += [
                f"           {printable(line)}" for line in entry.details.splitlines() if line
            ]
        self.log_view.set_text("\n".join(lines or ["no messages yet"]))
        self.refresh_bars()

    def tick(self) -> None:
        """Messages may have come."""
        super().tick()
        if self._count not in (None, len(self.host.journal)):
            self.reload()


class InfoView(TextView):
    """Versions and paths."""

    CRUMB = "info"
    FILE_NAME: ClassVar[str] = "bai-tui-info"

    def setup(self) -> None:
        """Fill it."""
        super().setup()
        from importlib.metadata import version

        config, state = config_dir(), state_dir()
        self.log_view.set_text(
            "\n".join(
                (
                    f"bai-tui {__version__}, Python {platform.python_version()}, "
                    f"Textual {version('textual')}",
                    f"settings         {config / 'settings.toml'}",
                    f"secrets          {config / 'secrets.toml'} (mode 0600)",
                    f"remembered       {state / 'views.json'}",
                    f"crash reports    {state / 'crashes'}",
                    f"local cluster    {state / 'local'}",
                    f"cluster in use   {self.connection.label}  {self.connection.endpoint}",
                    f"theme            {self.app.theme}",
                )
            )
        )

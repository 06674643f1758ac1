"""What can be set, as rows; pure but for the classes of the views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bai_tui import actions
from bai_tui.actions import MAIN_VIEWS
from bai_tui.settings import INTERVALS, Settings

if TYPE_CHECKING:
    from bai_tui.settings import Remembered

KEY: Final = "keys"
COLUMNS: Final = "columns"
INTERVAL: Final = "intervals"
LOOKS: Final = "looks"
START: Final = "start"
NO_TABLE: Final = frozenset({"terminals", "graphql", "manager"})
"""Main views that have no columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """A setting.

    Attributes:
        kind: one of the constants above. name: its name within the kind.
        shown: what people call it. value: what is in force. default: what would be without it.
        help: one sentence.
    """

    kind: str
    name: str
    shown: str
    value: str
    default: str
    help: str

    @property
    def key(self) -> str:
        """Stable key of the row."""
        return f"{self.kind}/{self.name}"

    @property
    def changed(self) -> bool:
        """Whether it differs from the default."""
        return self.value != self.default


def rows(
    settings: Settings,
    remembered: Remembered,
    theme: str,
    header: bool,
    interval: Callable[[str], float],
) -> list[Row]:
    """Every setting."""
    found = [
        Row(LOOKS, "theme", "theme", theme, "bai",
            "Colours; bai-contrast, bai-deutan and bai-tritan for special eyes, "
            "ansi-dark for slow links."),
        Row(LOOKS, "header", "header", "on" if header else "off", "on",
            "Header of the sessions, where there is room for it."),
        Row(START, "start_view", "start view", settings.start_view, "sessions",
            "The view to begin with."),
        Row(START, "read_only", "read-only", "on" if settings.read_only else "off", "off",
            "Begin with every changing action switched off."),
    ]  # fmt: skip
    for name, default in INTERVALS.items():
        text = f"Seconds between two refreshes of what no event announces: {name}."
        found.append(Row(INTERVAL, name, f"refresh {name}", f"{interval(name):g} s",
                         f"{default:g} s", text))  # fmt: skip
    wide = "as wide as fits"
    for view in MAIN_VIEWS:
        if view.name in NO_TABLE:
            continue
        columns = remembered.get(view.name, "columns", [])
        text = "Its columns, in their order; w in the view chooses, too."
        found.append(Row(COLUMNS, view.name, view.name,
                         " ".join(columns) or wide, wide, text))  # fmt: skip
    return found + key_rows(settings.keys)


def key_rows(keymap: Mapping[str, str]) -> list[Row]:
    """The key of every action."""
    return [
        Row(
            KEY,
            action.id,
            action.id,
            spelled(actions.keys_of(action, keymap)),
            spelled(action.keys),
            action.help,
        )
        for action in actions.ACTIONS
    ]


def spelled(keys: tuple[str, ...]) -> str:
    """Keys as people write them."""
    return " ".join(actions.key_text(key) for key in keys) or "none"

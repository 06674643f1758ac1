"""Choose from a list by typing a part of the name: one value, or several with marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from bai_tui.widgets.text import cell_len, printable, truncate


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: value, text, and a remark beside it; not choosable with a `bar`.

    `words` can be found by typing, but are not shown.
    """

    value: str
    label: str
    remark: str = ""
    bar: str = ""
    words: str = ""


class Picker(ModalScreen[tuple[str, ...] | None]):
    """Gives the values chosen, or None when left with escape or by a click beside it.

    Args:
        looked_at: is told each choice that the cursor comes to.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel", show=False, priority=True),
        Binding("down", "move(1)", "down", show=False, priority=True),
        Binding("up", "move(-1)", "up", show=False, priority=True),
        Binding("pagedown", "move(10)", "page down", show=False, priority=True),
        Binding("pageup", "move(-10)", "page up", show=False, priority=True),
        Binding("tab", "mark", "mark", show=False, priority=True),
        Binding("enter", "take", "take", show=False, priority=True),
    ]
    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Picker {
        align: center middle; background: $background 60%;
        #box {
            width: 80; max-width: 94%; height: auto; max-height: 80%;
            background: $surface; border: round $primary; padding: 0 1;
            border-title-color: $text-primary; border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        Input { height: 1; border: none; padding: 0; background: $panel; margin-bottom: 1; }
        OptionList {
            height: auto; border: none; padding: 0;
            background: transparent; scrollbar-size: 1 1;
        }
        #none { height: 1; color: $text-muted; display: none; }
    }
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        chosen: Sequence[str] = (),
        *,
        several: bool = False,
        typed: str = "",
        looked_at: Callable[[str], None] = lambda value: None,
    ) -> None:
        super().__init__()
        self._looked_at = looked_at
        self._title = title
        self._typed = typed
        self._choices = list(choices)
        self._chosen = dict.fromkeys(chosen)
        self._several = several
        self._shown: list[Choice] = []
        self._place: int | None = None

    def compose(self) -> ComposeResult:
        """A line to type in, and the list."""
        with Vertical(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = (
                "tab marks · enter takes" if self._several else "type to find · enter takes"
            )
            # Not selected, else the next character would take the place of what was typed.
            line = Input(
                self._typed, placeholder="type to find", select_on_focus=False, compact=True
            )
            line.cursor_blink = False
            yield line
            names = OptionList()
            names.can_focus = False  # a click must not take the keys from the line
            yield names
            yield Static("nothing fits; escape leaves", id="none", markup=False)

    def on_mount(self) -> None:
        """Show all, or what fits what was typed already."""
        self._fill(self._typed)

    def on_resize(self) -> None:
        """The list scrolls in the room there is; its end is never hidden by the box."""
        self._list.styles.max_height = max(3, min(24, int(self.size.height * 0.8) - 4))
        for place in range(len(self._shown)):
            self._draw(place)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as one types."""
        self._fill(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click takes (or marks)."""
        self._go_to(event.option_index)
        if self._several:
            self.action_mark()
        else:
            self.action_take()

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _fill(self, typed: str) -> None:
        words = typed.casefold().split()
        self._shown = [
            c
            for c in self._choices
            if all(w in f"{c.label} {c.value} {c.words}".casefold() for w in words)
        ]
        self.query_one("#none").display = not self._shown
        first = next(
            (i for i, c in enumerate(self._shown) if c.value in self._chosen and not typed), None
        )
        if first is None:
            first = next((i for i, c in enumerate(self._shown) if not c.bar), None)
        self._place = first
        options = self._list
        options.clear_options()
        options.add_options(
            [Option(self._line(i), disabled=bool(c.bar)) for i, c in enumerate(self._shown)]
        )
        options.highlighted = first
        self._look()

    def _line(self, place: int) -> Content:
        choice = self._shown[place]
        pointer = "▸ " if place == self._place else "  "
        # Of the box: border, padding, the list's own padding, its scrollbar.
        room = min(73, max(30, int(self.app.size.width * 0.94) - 7))
        mark = ("✓ " if choice.value in self._chosen else "  ") if self._several else ""
        remark = printable(choice.bar or choice.remark)
        label = truncate(
            printable(choice.label), max(8, room - cell_len(pointer + mark + remark) - 2)
        )
        gap = " " * max(1, room - cell_len(pointer + mark) - cell_len(label) - cell_len(remark))
        return Content.assemble(
            pointer,
            (mark, "$text-success"),
            (label, "$text-disabled" if choice.bar else ""),
            gap,
            (remark, "$text-muted"),
        )

    def action_move(self, step: int) -> None:
        """Move the cursor while typing goes on."""
        if self._shown:
            self._go_to(min(max((self._place or 0) + step, 0), len(self._shown) - 1))

    def _go_to(self, place: int) -> None:
        """Not by colour alone: the pointer goes along."""
        before, self._place = self._place, place
        for changed in (before, place):
            if changed is not None:
                self._draw(changed)
        self._list.highlighted = place
        self._look()

    def _look(self) -> None:
        if (choice := self._current()) is not None:
            self._looked_at(choice.value)

    def _draw(self, place: int) -> None:
        self._list.replace_option_prompt_at_index(place, self._line(place))

    def _current(self) -> Choice | None:
        place = self._place
        if place is None or place >= len(self._shown) or self._shown[place].bar:
            return None
        return self._shown[place]

    def action_mark(self) -> None:
        """Mark or unmark, when several may be chosen."""
        choice = self._current()
        if choice is None or not self._several:
            return
        if choice.value in self._chosen:
            del self._chosen[choice.value]
        else:
            self._chosen[choice.value] = None
        self.action_move(1)

    def action_take(self) -> None:
        """Close with the choice; of several, with what is marked (or the one under the cursor)."""
        choice = self._current()
        if self._several:
            if not self._chosen and choice is not None and self.query_one(Input).value:
                self._chosen[choice.value] = None
            self.dismiss(tuple(self._chosen))
        elif choice is not None:
            self.dismiss((choice.value,))

    def on_click(self, event: Click) -> None:
        """Beside the box: as escape."""
        if not self.query_one("#box").region.contains_point(event.screen_offset):
            self.action_leave()

    def action_leave(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

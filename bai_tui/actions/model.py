"""What an action is; data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ADMINS: Final = frozenset({"superadmin", "admin"})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do.

    Attributes:
        id: stable name, also the id of key maps.
        keys: default keys in Textual's spelling; the first one is shown.
        label: a word or two for the hints line.
        help: one sentence for help, palette and documentation.
        group: heading in the help.
        scope: the kind of view it belongs to (`app` is every view); keys are unique in a view.
        aliases: names at the `:` prompt.
        needs_row: works on the rows marked, or the one under the cursor.
        mutating: changes something on the server: absent in read-only mode.
        roles: who may; empty means everybody.
        hint: rank in the hints line, 0 = not shown there.
        argument: what may follow its name at the `:` prompt, for the help.
        priority: the key works while a text field has the focus, too.
        view: name of the main view it shows, for the actions that do just that.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    scope: str
    aliases: tuple[str, ...] = ()
    needs_row: bool = False
    mutating: bool = False
    roles: frozenset[str] = frozenset()
    hint: int = 0
    argument: str = ""
    priority: bool = False
    view: str = ""

    @property
    def method(self) -> str:
        """Name of the screen's method that does it."""
        return "do_" + self.id.replace(".", "_")

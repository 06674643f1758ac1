"""Asking for rows with the fields that this server has: what it does not know is left out."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession

_UNKNOWN: Final = re.compile(r"""Cannot query field ["'‘“](\w+)["'’”] on type""")


class FieldMemory:
    """Remembers which fields a server lacks, so that it is asked in vain only once."""

    def __init__(self) -> None:
        self.lacking: frozenset[str] = frozenset()

    async def fetch(
        self, ask: Callable[[tuple[str, ...]], Awaitable[Any]], fields: tuple[str, ...]
    ) -> Any:
        """Ask with the fields; those that the server refuses are left out.

        Args:
            ask: sends the question. fields: names, some with a selection, such as `groups { id }`.

        Raises:
            BackendAPIError: refused for another reason.
        """
        from bai_tui.api.exceptions import BackendAPIError

        while True:
            wanted = tuple(f for f in fields if f.split(" ")[0] not in self.lacking)
            try:
                return await ask(wanted)
            except BackendAPIError as error:
                names = {field.split(" ")[0] for field in wanted}
                refused = set(_UNKNOWN.findall(str(error))) & names
                if not refused or refused == names:
                    raise
                self.lacking |= refused


_memories: WeakKeyDictionary[AsyncSession, dict[str, FieldMemory]] = WeakKeyDictionary()


def memory_of(session: AsyncSession, resource: str) -> FieldMemory:
    """What the server of a session lacks of a resource, whichever view asks."""
    return _memories.setdefault(session, {}).setdefault(resource, FieldMemory())

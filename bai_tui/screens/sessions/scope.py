"""Whose sessions a list shows: mine, one of my groups', everybody's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bai_tui.api.models import SessionInfo
from bai_tui.identity import Identity
from bai_tui.widgets.picker import Choice

EVERYBODY: Final = "everybody"
MINE: Final = "mine"
_GROUP: Final = "group "


@dataclass(frozen=True, slots=True)
class Scope:
    """`mine`, `everybody`, or `group NAME`; those who see only their own need none."""

    name: str = EVERYBODY

    @property
    def group(self) -> str:
        """Name of the group; empty when it is not one group's."""
        return self.name.removeprefix(_GROUP) if self.name.startswith(_GROUP) else ""

    def question(self, identity: Identity | None) -> Mapping[str, str]:
        """What the list of sessions is asked with."""
        if identity is None or self.name == EVERYBODY:
            return {}
        if self.name == MINE:
            return {"access_key": identity.access_key}
        found = [group.id for group in identity.groups if group.name == self.group]
        return {"group_id": found[0]} if found else {}

    def may_hold(self, owner: str, identity: Identity | None) -> bool:
        """Whether a session of this owner may be in the list; unknown ones may."""
        mine = self.name != MINE or identity is None
        return mine or identity is None or owner in ("", identity.access_key)

    def holds(self, info: SessionInfo) -> bool:
        """Whether a session that was asked for alone is in the list."""
        return not self.group or info.group_name in ("", self.group)

    def crumb(self, identity: Identity | None) -> str:
        """For the path of views; empty for those who have no choice."""
        if identity is None or not (identity.is_admin or identity.role == "monitor"):
            return ""
        return {EVERYBODY: "everybody's", MINE: "mine"}.get(self.name, f"{self.group}'s")


def choices(identity: Identity | None) -> list[Choice]:
    """What can be chosen."""
    groups = identity.groups if identity is not None else ()
    return [
        Choice(MINE, "mine", "sessions of my keypair"),
        *(Choice(f"{_GROUP}{g.name}", f"group {g.name}", "of all its members") for g in groups),
        Choice(EVERYBODY, "everybody's", "all I may see"),
    ]


def find(text: str, identity: Identity | None) -> str | None:
    """The scope that a word at the prompt means: `mine`, `all`, the name of a group."""
    word = {"all": EVERYBODY, "everybody's": EVERYBODY}.get(text, text)
    known = {choice.value for choice in choices(identity)}
    return word if word in known else f"{_GROUP}{word}" if f"{_GROUP}{word}" in known else None

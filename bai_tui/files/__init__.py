"""Places with files: this machine, a virtual folder, a session. Knows no user interface."""

from bai_tui.files.model import Gate, Item, Place, PlaceError
from bai_tui.files.places import FolderPlace, LocalPlace, SessionPlace

__all__ = ["FolderPlace", "Gate", "Item", "LocalPlace", "Place", "PlaceError", "SessionPlace"]

"""Actions of texts: logs, messages."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _log(name: str, keys: str, label: str, text: str, *aliases: str, hint: int = 0) -> Action:
    return Action(f"log.{name}", tuple(keys.split()), label, text, "Log", "log", aliases, hint=hint)


ACTIONS: Final[tuple[Action, ...]] = (
    _log("follow", "s", "follow", "Follow new lines, or stop following.", "log-follow", hint=20),
    _log("wrap", "w", "wrap", "Wrap long lines, or cut them.", "wrap", hint=60),
    _log("search", "slash", "search", "Search in the text.", "search", hint=30),
    _log("next", "n", "next", "Go to the next match.", hint=40),
    _log("previous", "N", "previous", "Go to the match before."),
    _log("top", "g home", "top", "Go to the first line."),
    _log("end", "G end", "end", "Go to the last line."),
    _log("save", "x", "save", "Write the text to a file.", "save", hint=70),
    _log("copy", "c", "copy", "Copy the whole text.", "copy-text"),
    Action("parts.next", ("right_square_bracket",), "next part",
           "Show the part of a large file after this one.", "File", "parts", ("next-part",),
           hint=10),
    Action("parts.previous", ("left_square_bracket",), "part before",
           "Show the part of a large file before this one.", "File", "parts", ("previous-part",),
           hint=12),
    Action("parts.end", ("right_curly_bracket",), "last part", "Show the end of a large file.",
           "File", "parts", ("last-part",), hint=14),
    Action("logs.times", ("t",), "times", "Show when each line was seen here, or not.", "Log",
           "logs", ("times",), hint=50),
    Action("logs.task", ("K",), "task log",
           "Show the log of the session's batch command, or again that of its container.", "Log",
           "logs", ("task-log",), hint=55),
)  # fmt: skip

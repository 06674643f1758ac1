"""Actions of the notebook and of batch mode."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

ACTIONS: Final[tuple[Action, ...]] = (
    Action("code.run", ("ctrl+g",), "run", "Run the code in the editor, whatever it is.", "Code",
           "code", ("run-cell",), mutating=True, hint=10, priority=True),
    Action("code.interrupt", ("ctrl+c",), "interrupt",
           "Interrupt the code that runs; copies instead when text is selected.", "Code", "code",
           ("interrupt-code",), hint=12),
    Action("code.edit", ("i", "enter"), "editor", "Go (back) to the editor.", "Code", "code",
           hint=14),
    Action("code.carrier", ("ctrl+t",), "carrier",
           "Change how code travels: websocket where possible, websocket only, REST only.", "Code",
           "code", ("carrier",), argument="auto|stream|rest", hint=50, priority=True),
    Action("code.media", ("o",), "open media",
           "Open a picture or document that the code showed, or say where it is.", "Code", "code",
           ("media",), hint=45),
    Action("code.clear", ("K",), "clear", "Forget what is shown; the session keeps its state.",
           "Code", "code", ("clear-cells",)),
    Action("code.batch", ("b",), "batch", "Build and run files in this session.", "Code", "code",
           ("batch",), hint=55),
    Action("batch.start", ("ctrl+g",), "start", "Upload the files and run the commands.", "Batch",
           "batch", ("run-batch",), mutating=True, hint=10, priority=True),
    Action("batch.interrupt", ("ctrl+c",), "interrupt",
           "Interrupt the running step; the following ones are left out.", "Batch", "batch",
           ("interrupt-batch",), hint=12),
    Action("batch.download", ("ctrl+l",), "results",
           "Choose files of the session and download them.", "Batch", "batch", ("results",),
           hint=20, priority=True),
    Action("batch.edit", ("i", "enter"), "form", "Go (back) to the commands.", "Batch", "batch",
           hint=30),
)  # fmt: skip

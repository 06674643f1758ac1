"""Time to first paint, to the help text, and to import the API package.

python -m benchmarks.startup [RUNS]

Limits: first paint at most 2.2x an empty Textual app, and before any network answer;
`bai-tui --help` at most 150 ms, `import bai_tui.api` at most 30 ms over a bare interpreter.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.harness import PYTHON, TerminalProgram, interleaved, report, wall_time

EMPTY_APP = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("painted")
Empty().run()
"""


def first_paint(command: list[str], text: bytes) -> float:
    """Seconds from the start of the program until `text` reached the terminal."""
    with TerminalProgram(command) as program:
        return program.wait_for(text) - program.started


@contextmanager
def unreachable() -> Iterator[list[str]]:
    """The dashboard on an endpoint that accepts nothing: its pictures owe nothing to a network."""
    with tempfile.TemporaryDirectory() as state:
        yield [
            "env",
            "BACKEND_ENDPOINT=http://127.0.0.1:9",
            "BACKEND_ACCESS_KEY=x",
            "BACKEND_SECRET_KEY=x",
            f"XDG_STATE_HOME={state}",
            f"XDG_CONFIG_HOME={state}",
            PYTHON,
            "-m",
            "bai_tui",
        ]


def main(runs: int) -> None:
    with unreachable() as command:
        report(
            "first paint, 120x40",
            interleaved(
                runs,
                **{
                    "empty Textual app": lambda: first_paint([PYTHON, "-c", EMPTY_APP], b"painted"),
                    "bai-tui, server unreachable": lambda: first_paint(command, b"sessions"),
                },
            ),
            "empty Textual app",
        )
    report(
        "processes",
        interleaved(
            runs,
            **{
                "bare interpreter": lambda: wall_time([PYTHON, "-c", "pass"]),
                "bai-tui --help": lambda: wall_time([PYTHON, "-m", "bai_tui", "--help"]),
                "import bai_tui.api": lambda: wall_time([PYTHON, "-c", "import bai_tui.api"]),
            },
        ),
        "bare interpreter",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)

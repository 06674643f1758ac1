"""`python -m bai_tui` is the same program as the `bai-tui` command."""

from __future__ import annotations

from bai_tui.cli import main

if __name__ == "__main__":
    main(prog_name="bai-tui")

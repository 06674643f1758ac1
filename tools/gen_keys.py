"""Write docs/keys.md from the registry of actions; with --check only say whether it is current.

python -m tools.gen_keys [--check]
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from bai_tui import actions
from bai_tui.actions import Action

PAGE = Path(__file__).parents[1] / "docs" / "keys.md"

HEAD = """# Keys and commands

Every action of bai-tui. Keys can be changed in the settings (`9`), or in `settings.toml` under
`[keys]` by the name in the last column; `:` takes the names of the third one. Actions marked
with † change something on the server and are absent in read-only mode.
"""


def page() -> str:
    """The page's text."""
    parts = [HEAD]
    for group, members in groupby(actions.ACTIONS, key=lambda action: action.group):
        parts.append(f"\n## {group}\n\n| key | what it does | at the prompt | name |")
        parts.append("|---|---|---|---|")
        parts += [row(action) for action in members]
    return "\n".join(parts) + "\n"


def row(action: Action) -> str:
    """One line of a table."""
    keys = " ".join(code(actions.key_text(key)) for key in action.keys)
    names = " ".join(code(f":{alias}") for alias in action.aliases)
    if action.argument and names:
        names += " " + code(action.argument)
    text = action.help.replace("|", "\\|") + (" †" if action.mutating else "")
    if action.roles:
        text += f" ({', '.join(sorted(action.roles, reverse=True))})"
    return f"| {keys} | {text} | {names} | {code(action.id)} |"


def code(text: str) -> str:
    """As code within a table; a backtick needs longer fences."""
    text = text.replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def main() -> int:
    """0 when current or written, 1 when stale."""
    text = page()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print("docs/keys.md is stale: python -m tools.gen_keys", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

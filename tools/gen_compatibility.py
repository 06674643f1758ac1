"""Write `docs/compatibility.md` from the tables of generations and the last run on a real server.

`python -m tools.gen_compatibility` writes the page, with `--check` it only says whether it is
current. The run is kept by the contract tests (docs/testing.md) in `docs/compatibility.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bai_tui.api.versioning import GENERATIONS, OFFERS, Generation, Offer, release_text
from bai_tui.api.versioning.graphql import DROPPED, RETYPED
from bai_tui.api.versioning.statuses import ALIVE
from bai_tui.api.versioning.wire import BEHAVIOUR, PARAMETERS, PATHS, Rows, at

DOCS: Final = Path(__file__).parent.parent / "docs"
TARGET: Final = DOCS / "compatibility.md"
RUN: Final = DOCS / "compatibility.json"

HEAD: Final = """\
# Which servers, and what works on them

This page is made by `python -m tools.gen_compatibility` from the tables the program works by and
from the last run of the contract tests on a real server. Do not edit it.

The program speaks with servers of release 19.09 and every later one. On opening it asks the server
for its release and takes from tables what that release calls things; what a release does not offer
is refused before it is asked, with a message that names the release that does.

How far each generation was tried:

- **4 (19.09)**: the local cluster that comes with the program, which speaks this release; all
  contract tests run against it.
- **5 to 8 (20.03 to 24.x)**: the requests were compared with the published documentation of these
  releases, over real HTTP, but no server of theirs was at hand.
- **9**: {server}
"""

NOTES: Final = """\
## Known of 26.9, and not to be changed here

- Restarting a session is gone: the server answers 501. Terminate it and create it anew.
- Leaving a folder as an invited user is refused (403); the owner can end the sharing.
- Creating a session from a template fails in the server itself (500).
- Users may not keep session templates, administrators may (403).
- A storage host without quotas answers 400 to `VFolder.quota`.
- The usage of a folder is told to administrators only.
- A domain cannot be purged before the project for models that was made with it.
- The agent's watcher answers only where one is installed.
"""


def mark(generation: Generation, offer: Offer) -> str:
    """What a generation's column says of a function."""
    if generation.release < offer.since:
        return f"from {release_text(offer.since)}"
    if offer.gone is not None and generation.release >= offer.gone:
        return "gone"
    return "yes"


def table(head: list[str], rows: Iterator[list[str]]) -> list[str]:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def columns() -> list[str]:
    """Heads of the generations' columns; the release is the one whose rows are shown."""
    return [f"v{g.number} ({release_text(g.release)})" for g in GENERATIONS]


def text(value: Any) -> str:
    """A value of a table, for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, frozenset)):
        return " ".join(
            sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)
        )
    return str(value)


def differences(topic: Mapping[str, Rows]) -> Iterator[list[str]]:
    """What changes between generations, one row each."""
    for name, rows in topic.items():
        cells = [text(at(rows, generation.release)) for generation in GENERATIONS]
        shown = [cell if i == 0 or cell != cells[i - 1] else "〃" for i, cell in enumerate(cells)]
        yield [name.replace("_", " "), *(f"{cell}" or "-" for cell in shown)]


def functions() -> Iterator[list[str]]:
    """What not every server offers."""
    for name, offer in OFFERS.items():
        yield [f"`{name}`", offer.what, *(mark(g, offer) for g in GENERATIONS)]


def page() -> str:
    """The whole page."""
    run: dict[str, Any] = json.loads(RUN.read_text("utf-8")) if RUN.is_file() else {}
    server = "no run on a real server is kept."
    if run:
        server = (
            f"the contract tests ran on {run['date']} against the published release\n"
            f"  {run['manager']} (API {run['version']}), whose sessions were processes in "
            "namespaces instead of containers;\n  results below."
        )
    lines = HEAD.format(server=server).splitlines()
    lines += ["", "## Functions not every server offers", ""]
    lines += table(["Function", "what it does", *columns()], functions())
    lines += [
        "",
        "Everything else the API package has is offered by every release since 19.09.",
        "",
    ]
    if run:
        lines += [f"## Shown to work on {run['manager']}", ""]
        results: dict[str, str] = run["functions"]
        words = {"passed": "works", "failed": "fails", "skipped": "not tried"}
        rows = ([f"`{name}`", words.get(how, how)] for name, how in sorted(results.items()))
        lines += table(["Function", "result"], rows)
        lines += ["", *NOTES.splitlines(), ""]
    for title, topic in (("Paths", PATHS), ("Parameters", PARAMETERS), ("Behaviour", BEHAVIOUR)):
        lines += [f"## {title} that differ", ""]
        lines += table(["", *columns()], differences(topic))
        lines.append("")
    lines += ["## GraphQL", ""]
    retyped = ([f"`{n}({a})`", f"`{k}` since {release_text(s)}"] for s, n, a, k in RETYPED)
    dropped = ([f"`{n}({a})`", f"left out since {release_text(s)}"] for s, n, a in DROPPED)
    lines += table(["Argument", "differs"], iter([*retyped, *dropped]))
    lines += ["", "## Statuses of sessions that are not over", ""]
    lines += table(
        ["since", "statuses"], ([release_text(since), " ".join(names)] for since, names in ALIVE)
    )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check the page."""
    made = page()
    if "--check" in sys.argv[1:]:
        current = TARGET.is_file() and TARGET.read_text("utf-8") == made
        if not current:
            print("docs/compatibility.md is out of date: run python -m tools.gen_compatibility")
        return 0 if current else 1
    TARGET.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

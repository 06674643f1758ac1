"""Write `docs/compatibility.md` from the tables of generations and the kept runs on real servers.

`python -m tools.gen_compatibility` writes the page, with `--check` it only says whether it is
current. The contract tests keep their runs (docs/testing.md) in `docs/compatibility`, a file for
each release; the remarks in it are written by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any, Final, NamedTuple

from bai_tui.api.versioning import (
    DEFAULT_API_VERSION,
    GENERATIONS,
    OFFERS,
    Generation,
    Offer,
    generation_of,
    release_text,
)
from bai_tui.api.versioning.graphql import DROPPED, RETYPED
from bai_tui.api.versioning.releases import R26_09
from bai_tui.api.versioning.statuses import ALIVE
from bai_tui.api.versioning.wire import BEHAVIOUR, PARAMETERS, PATHS, Rows, at

DOCS: Final = Path(__file__).parent.parent / "docs"
TARGET: Final = DOCS / "compatibility.md"
RUNS: Final = DOCS / "compatibility"

HEAD: Final = """\
# Which servers, and what works on them

This page is made by `python -m tools.gen_compatibility` from the tables the program works by and
from what the contract tests showed on real servers. Do not edit it.

The program speaks with servers of release 19.09 and every later one. On opening it asks the server
for its release and takes from tables what that release calls things; what a release does not offer
is refused before it is asked, with a message that names the release that does.

How far each generation was tried:

"""

COLUMNS: Final = (*GENERATIONS, generation_of(DEFAULT_API_VERSION, release_text(R26_09)))
"""The generations as their first release is, and what is newest."""

LOCAL: Final = "the local cluster that comes with the program, which speaks this release"
UNTRIED: Final = "the requests were compared with the published documentation only"
RESULTS: Final = {
    "passed": "works",
    "differs": "differs",
    "failed": "fails",
    "skipped": "not tried",
}


class Run(NamedTuple):
    """What the contract tests showed on one release.

    Attributes:
        functions: function to `passed`, `differs`, `failed` or `skipped`.
        remarks: what that release does differently, for people.
    """

    manager: str
    version: str
    date: str
    functions: Mapping[str, str]
    remarks: Sequence[str] = ()

    @property
    def generation(self) -> Generation:
        """What the tables say of that release."""
        return generation_of(self.version, self.manager)

    def result(self, function: str) -> str:
        """What a cell says of a function."""
        owner, _, method = function.partition(".")
        names = (function, owner, f"{owner}API", f"{owner}API.{method}")
        if any(self.generation.refusal(name) for name in names):
            return "not offered"
        return RESULTS.get(self.functions.get(function, "skipped"), "not tried")


def runs() -> list[Run]:
    """The kept runs, oldest release first."""
    kept = [Run(**json.loads(path.read_text("utf-8"))) for path in RUNS.glob("*.json")]
    return sorted(kept, key=lambda run: [int(part) for part in run.manager.split(".")])


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
    return [f"v{g.number} ({release_text(g.release)})" for g in COLUMNS]


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
        cells = [text(at(rows, generation.release)) for generation in COLUMNS]
        shown = [cell if i == 0 or cell != cells[i - 1] else "〃" for i, cell in enumerate(cells)]
        yield [name.replace("_", " "), *(f"{cell}" or "-" for cell in shown)]


def functions() -> Iterator[list[str]]:
    """What not every server offers."""
    for name, offer in OFFERS.items():
        yield [f"`{name}`", offer.what, *(mark(g, offer) for g in COLUMNS)]


def tried(kept: list[Run]) -> Iterator[str]:
    """How far each generation was tried."""
    for generation in GENERATIONS:
        ways = [LOCAL] if generation.number == 4 else []
        if releases := [r for r in kept if r.generation.number == generation.number]:
            ways.append(f"the published {', '.join(f'{r.manager} ({r.date})' for r in releases)}")
        how = f"the contract tests ran on {' and on '.join(ways)}" if ways else UNTRIED
        yield from wrap(
            f"- **{generation.number} ({generation.releases})**: {how}.",
            100,
            subsequent_indent="  ",
        )


def shown(kept: list[Run]) -> Iterator[list[str]]:
    """What the contract tests showed, function by function."""
    for name in sorted({name for run in kept for name in run.functions}):
        yield [f"`{name}`", *(run.result(name) for run in kept)]


def page() -> str:
    """The whole page."""
    kept = runs()
    lines = [*HEAD.splitlines(), *tried(kept)]
    lines += [
        "",
        "Sessions of the published releases were processes in namespaces, not containers.",
        "Below, *differs* means that the server failed or refused where others do it, or had",
        "nothing installed for it, and that the program said so: the remarks tell which.",
        "Further, *fails* means that a test in which the function takes part did not pass there;",
        "whether by the fault of the program, the release or the set of servers, the remarks say.",
    ]
    lines += ["", "## Functions not every server offers", ""]
    lines += table(["Function", "what it does", *columns()], functions())
    lines += ["", "Everything else the API package has is offered by every release since 19.09."]
    lines += ["", "## Shown on published servers", ""]
    lines += table(["Function", *(run.manager for run in kept)], shown(kept))
    lines.append("")
    for run in kept:
        if run.remarks:
            lines += [f"## Known of {run.manager}, and not to be changed here", ""]
            for remark in run.remarks:
                lines += wrap(f"- {remark}", 100, subsequent_indent="  ")
            lines.append("")
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

"""What the panels of home say. Pure: an overview in, lines out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from textual.content import Content

from bai_tui.diagnosis import explain_clock
from bai_tui.identity import Identity
from bai_tui.screens.create.draft import show_amount
from bai_tui.screens.home.overview import Overview, Share
from bai_tui.screens.sessions.columns import STATUS
from bai_tui.screens.sessions.facts import TONE_STYLES, bar, spark
from bai_tui.widgets.text import cell_len, pad, printable, truncate

LABEL: Final = 10
"""Cells of the names at the left."""
BAR: Final = 12
WIDE: Final = 56
"""Cells of a panel from which the bars of scaling groups are as long as the others."""
TIGHT: Final = 46
"""Cells of a panel below which there are numbers without bars."""
Lines = list[Content]


def title(text: str, more: str = "") -> Content:
    """Heading of a panel."""
    return Content.assemble(
        (text, "bold $text-accent"), (f"  {more}" if more else "", "$text-muted")
    )


def fact(name: str, value: str, width: int, style: str = "$foreground", *shorter: str) -> Content:
    """A name and what it is, in one line: the first text there is room for, or the last cut."""
    room = max(1, width - LABEL - 1)
    texts = [printable(text) for text in (value, *shorter)]
    text = next((text for text in texts if cell_len(text) <= room), texts[-1])
    text = truncate(text, room, "middle")
    return Content.assemble((pad(name, LABEL), "$text-muted"), " ", (text, style))


def trouble(overview: Overview, part: str, width: int) -> Lines:
    """Why a part could not be told, if so."""
    why = overview.problems.get(part)
    return [Content.styled(truncate(f"⚠ {printable(why)}", width), "$text-warning")] if why else []


def waiting(overview: Overview, part: str) -> Lines:
    """Stands in until a part has come."""
    return [] if part in overview.problems else [Content.styled("loading…", "$text-muted")]


def who(
    identity: Identity | None,
    label: str,
    endpoint: str,
    server: str,
    generation: str,
    offset: float,
    width: int,
) -> Lines:
    """Who and where I am."""
    clock = explain_clock(offset)
    where = " ".join(dict.fromkeys((label, endpoint))) or "-"
    bare = endpoint.rpartition("://")[2] or where
    heading = title("Who and where")
    where_lines = [
        fact("cluster", where, width, "$foreground", f"{label} {bare}", bare),
        fact("server", server or "not known yet", width, "$foreground", server.partition(" ")[0]),
    ]
    details = [fact("speaks as", generation, width)] if generation else []
    details.append(
        fact(
            "clock",
            clock or f"agrees ({offset:+.1f} s)",
            width,
            "$text-warning" if clock else "$foreground",
        )
    )
    if identity is None:
        unknown = Content.styled("not logged in yet", "$text-muted")
        return [heading, unknown, *where_lines, *details]
    groups = ", ".join(group.name for group in identity.groups) or "none"
    key_and_policy = f"{identity.access_key}  {identity.policy}"
    return [
        heading,
        fact("user", identity.name, width, "bold", re.sub("@.*", "@…", identity.name)),
        fact("role", identity.role, width),
        *where_lines,
        fact("domain", identity.domain or "-", width),
        fact("groups", groups, width),
        fact("keypair", key_and_policy.strip(), width, "$foreground", identity.access_key),
        *details,
    ]


def _style(part: float) -> str:
    if part >= 0.9:
        return "$text-error"
    return "$text-warning" if part >= 0.7 else "$text-success"


def share_line(
    name: str, slot: str, share: Share, width: int, course: Sequence[float] = ()
) -> Content:
    """`cpu  ███░░░ 3 / 8  38%  ▁▂▅`: bar, numbers, and the course where there is room."""
    part = share.part
    blocks = bar(part, BAR) if part is not None else "·" * BAR
    most = show_amount(slot, share.limit) if part is not None else "no limit"
    numbers = f"{show_amount(slot, share.used)} / {most}"
    if width < TIGHT:
        return _tight(name, numbers, share, width)
    percent = f"{part:>4.0%}" if part is not None else "    "
    flag = " !" if part is not None and part >= 0.9 else "  "
    text = f"{pad(numbers, 15)} {percent}{flag}"
    room = width - LABEL - 2 - BAR - cell_len(text) - 1
    tail = spark(course, min(room, 48)) if room >= 8 and len(course) > 1 else ""
    style = _style(part) if part is not None else "$text-muted"
    return Content.assemble(
        (pad(truncate(printable(name), LABEL), LABEL), "$text-muted"),
        " ",
        (blocks, style),
        " ",
        (text, "$foreground"),
        " ",
        (tail, "$text-primary"),
    )


def _tight(name: str, numbers: str, share: Share, width: int) -> Content:
    """Name and numbers of a share, no more."""
    style = _style(share.part) if share.part is not None else "$foreground"
    return Content.assemble(
        (pad(truncate(printable(name), LABEL), LABEL), "$text-muted"),
        " ",
        (truncate(numbers, width - LABEL - 1), style),
    )


def resources(
    overview: Overview,
    identity: Identity | None,
    group: str,
    courses: Mapping[str, Sequence[float]],
    span: str,
    width: int,
    scaling: Mapping[tuple[str, str], Sequence[float]] = MappingProxyType({}),
) -> Lines:
    """My use against my limits, my group's, and by scaling group.

    Args:
        courses: history of my use by slot, of the time `span` names. scaling: of my use since the
            view was shown, by scaling group and slot.
    """
    lines = [title("My resources", span), *trouble(overview, "resources", width)]
    known = overview.resources
    if known is None:
        return [*lines, *waiting(overview, "resources")]
    if identity is not None and identity.concurrency_limit:
        from decimal import Decimal

        used = sum((overview.mine or {}).get(s, 0) for s in _OCCUPYING)
        share = Share(Decimal(used), Decimal(identity.concurrency_limit))
        lines.append(share_line("sessions", "", share, width, courses.get("sessions", ())))
    lines += [share_line(s, s, sh, width, courses.get(s, ())) for s, sh in known.mine.items()]
    limited = {s: sh for s, sh in known.group.items() if sh.part is not None}
    if limited:
        lines += [Content(""), title(f"Group {printable(group)}")]
        lines += [share_line(s, s, sh, width) for s, sh in limited.items()]
    if known.scaling:
        lines += [
            Content(""),
            title("By scaling group", "mine / mine + free" if width >= TIGHT else ""),
        ]
    for name, shares in known.scaling.items():
        for number, (slot, share) in enumerate(shares.items()):
            if share.part is not None:
                label = f"{name}" if number == 0 else ""
                course = scaling.get((name, slot), ())
                lines.append(_scaling_line(label, slot, share, width, course))
    return lines


_OCCUPYING: Final = ("PREPARING", "PULLING", "RUNNING", "RESTARTING", "TERMINATING", "BUILDING")


def _scaling_line(
    name: str, slot: str, share: Share, width: int, course: Sequence[float]
) -> Content:
    part = share.part or 0.0
    text = f"{show_amount(slot, share.used)} / {show_amount(slot, share.limit)}"
    short = slot if len(slot) <= 5 else truncate(slot, 5)
    if width < TIGHT:
        return _tight(name, f"{short} {text}", share, width)
    cells = BAR if width >= WIDE else BAR - 6
    text = truncate(text, max(1, width - LABEL - cells - 8))
    text = pad(text, 15) if width >= WIDE else text
    room = width - LABEL - cells - 8 - cell_len(text) - 2
    top = float(share.limit)
    tail = spark(course, min(room, 48), top) if room >= 8 and len(course) > 1 else ""
    return Content.assemble(
        (pad(truncate(printable(name), LABEL), LABEL), "$foreground"),
        " ",
        (pad(short, 5), "$text-muted"),
        " ",
        (bar(part, cells), _style(part)),
        " ",
        (text, "$foreground"),
        "  ",
        (tail, "$text-primary"),
    )


def states(overview: Overview, width: int) -> Lines:
    """How many sessions are in which state."""
    lines = [title("Sessions by state"), *trouble(overview, "counts", width)]
    if overview.mine is None:
        return [*lines, *waiting(overview, "counts")]
    both = overview.everybody is not None
    shown = [s for s in STATUS if overview.mine.get(s) or (overview.everybody or {}).get(s)]
    if not shown:
        return [*lines, Content.styled("none yet: 2 then n starts one", "$text-muted")]
    if both:
        heading = f"{'':14}{'mine':>6}{'all':>7}"
        lines.append(Content.styled(heading, "$text-muted"))
    for status in shown:
        tone, glyph = STATUS[status]
        mine = overview.mine.get(status, 0)
        lines.append(
            Content.assemble(
                (pad(f"{glyph} {status}", 14), TONE_STYLES.get(tone, "$foreground")),
                (f"{mine:>6,}", "bold" if mine else "$text-muted"),
                (
                    f"{(overview.everybody or {}).get(status, 0):>7,}" if both else "",
                    "$foreground",
                ),
            )
        )
    return lines


def notices(overview: Overview, width: int) -> Lines:
    """The announcement and the invitations; nothing when there are none."""
    lines: Lines = []
    if overview.announcement:
        from bai_tui.widgets.text import wrap

        rows = [row for text in overview.announcement.splitlines() for row in wrap(text, width - 2)]
        cut = rows[:4] + (["…"] if len(rows) > 4 else [])
        lines.append(title("Announcement"))
        lines += [Content.styled(f"▌ {row}", "$text-warning") for row in cut]
    if overview.invitations:
        count = len(overview.invitations)
        lines.append(title(f"{count} invitation{'s' if count > 1 else ''}", "i answers"))
        for entry in list(overview.invitations)[:4]:
            text = (
                f"✉ {entry.get('inviter') or 'somebody'} shares "
                f"{entry.get('vfolder_name') or 'a folder'} ({entry.get('perm') or '?'})"
            )
            lines.append(Content.styled(truncate(printable(text), width), "$foreground"))
    for part in ("announcement", "invitations"):
        lines += trouble(overview, part, width)
    return lines


def join(blocks: Iterable[Lines]) -> Content:
    """Panels below each other, with an empty line between."""
    texts = [Content("\n").join(block) for block in blocks if block]
    return Content("\n\n").join(texts)

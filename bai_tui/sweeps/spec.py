"""What a sweep runs: templates, ranges and where; checked before anything is sent. Pure."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from typing import Any, Final, NamedTuple

from bai_tui.api.ranges import RangeExpression, RangeExpressionError, fill, product

MAX_CASES: Final = 10_000
"""More cases than this in one sweep are taken for a slip."""
MAX_CONCURRENCY: Final = 100
NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?", re.ASCII)
LINGER: Final = 600
"""Seconds a case waits for its files to be collected before it ends without."""

EXIT_MARK: Final = "bai-tui: exit status "
"""Begins the line that a case prints last, because not every server tells the exit status."""
SEEN: Final = ".bai-tui-collected"
"""A file of this name in its working directory lets a waiting case end."""


class SweepError(ValueError):
    """A sweep that cannot be run as written; the text says what to change."""


class Combination(NamedTuple):
    """One case to run: its number from 1, the values, the command and the environment."""

    number: int
    values: dict[str, str]
    command: str
    environ: dict[str, str]


@dataclass(frozen=True, slots=True)
class SweepSpec:
    """A parameter study.

    Attributes:
        name: begins the names of its sessions.
        image, resources, mounts, group, scaling_group: as of any session.
        command: template with `$NAME` for each range; `$$` is a dollar.
        environ: variable to template.
        ranges: expressions such as `lr=linspace:0.1,1,10`.
        concurrency: cases that are queued or run at a time.
        outputs: files or directories, relative to the working directory, fetched from each case.
        remove: whether stopping the sweep ends the sessions that still run.
    """

    name: str
    image: str
    command: str
    ranges: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[str, ...] = ()
    group: str = ""
    scaling_group: str = ""
    concurrency: int = 4
    outputs: tuple[str, ...] = ()
    remove: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the ranges, in order."""
        return tuple(text.partition("=")[0] for text in self.ranges)

    @property
    def count(self) -> int:
        """Number of cases.

        Raises:
            SweepError: a range is wrong, or there are too many cases.
        """
        try:
            ranges = [RangeExpression.parse(text) for text in self.ranges]
        except RangeExpressionError as error:
            raise SweepError(str(error)) from None
        count = math.prod(len(expression.values) for expression in ranges)
        if count > MAX_CASES:
            raise SweepError(f"{count:,} cases are more than {MAX_CASES:,}")
        return count

    def combinations(self, limit: int | None = None) -> list[Combination]:
        """Every case, or the first `limit` of them, the last range varying fastest.

        Raises:
            SweepError: a range or template is wrong, or there are too many cases.
        """
        _ = self.count
        try:
            ranges = [RangeExpression.parse(text) for text in self.ranges]
            return [
                Combination(
                    number,
                    values,
                    fill(self.command, values),
                    {name: fill(text, values) for name, text in self.environ.items()},
                )
                for number, values in enumerate(islice(product(ranges), limit), 1)
            ]
        except RangeExpressionError as error:
            raise SweepError(str(error)) from None

    def check(self) -> dict[str, str]:
        """What is wrong, by field; empty when it can be started."""
        wrong: dict[str, str] = {}
        if not 2 <= len(self.name) <= 40 or not NAME.fullmatch(self.name):
            wrong["name"] = "2 to 40 of a-z 0-9 _ -, beginning with a letter or digit"
        if not self.image:
            wrong["image"] = "choose an image"
        if not self.command.strip():
            wrong["command"] = "a sweep needs a command"
        if not 1 <= self.concurrency <= MAX_CONCURRENCY:
            wrong["concurrency"] = f"between 1 and {MAX_CONCURRENCY}"
        for path in self.outputs:
            if path.startswith("/") or ".." in path.split("/"):
                wrong["outputs"] = f"{path!r} is not inside of the working directory"
        for text in self.ranges:
            try:
                RangeExpression.parse(text)
            except RangeExpressionError as error:
                wrong["ranges"] = str(error)
                return wrong
        try:
            self.combinations(1)  # A template that fails, fails for the first case already.
        except SweepError as error:
            in_command = "command" not in wrong and repr(self.command) in str(error)
            in_environ = any(repr(text) in str(error) for text in self.environ.values())
            place = "command" if in_command else "environ" if in_environ else "ranges"
            reason = str(error)
            for text in (self.command, *self.environ.values()):
                # The field shows the template already.
                reason = reason.removeprefix(f"{text!r}: ")
            wrong.setdefault(place, reason)
        return wrong

    def code(self) -> str:
        """The equal program with the API package alone."""
        environ = f"{dict(self.environ)!r}"
        lines = [
            "import asyncio",
            "from bai_tui.api import AsyncSession, RangeExpression",
            "from bai_tui.api.ranges import fill, product",
            "",
            f"ranges = [RangeExpression.parse(text) for text in {list(self.ranges)!r}]",
            f"limit = asyncio.Semaphore({self.concurrency})",
            "",
            "async def case(session, values):",
            "    async with limit:",
            "        kernel = await session.Kernel.get_or_create(",
            f"            {self.image!r},",
            f"            resources={dict(self.resources)!r},",
            f"            mounts={list(self.mounts)!r},",
            f"            envs={{k: fill(v, values) for k, v in {environ}.items()}},",
            "        )",
            "        try:",
            f"            code = fill({self.command!r}, values)",
            '            run = kernel.stream_execute(mode="batch", opts={"exec": code})',
            "            async with run as stream:",
            "                async for result in stream.results():",
            '                    print(values, result["console"])',
            "        finally:",
            "            await kernel.destroy()",
            "",
            "async with AsyncSession() as session:",
            "    await asyncio.gather(*(case(session, values) for values in product(ranges)))",
        ]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """For the journal."""
        return {**asdict(self), "environ": dict(self.environ), "resources": dict(self.resources)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SweepSpec:
        """Read what `to_json` wrote; names of later versions are ignored.

        Raises:
            SweepError: it is no sweep.
        """
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        for name in ("ranges", "mounts", "outputs"):
            values[name] = tuple(values.get(name) or ())
        try:
            return cls(**values)
        except TypeError as error:
            raise SweepError(f"the record of a sweep cannot be read: {error}") from None


def parse_words(text: str) -> tuple[str, ...]:
    """Words as a shell would split them.

    Raises:
        SweepError: a quote is not closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise SweepError(str(error).lower()) from None


def session_command(command: str, *, wait: bool) -> str:
    """What a case's session runs: the command, a line with its exit status, then perhaps a wait.

    Args:
        command: shell text of the case.
        wait: whether the session stays until its output was fetched (at most `LINGER` seconds).
    """
    # A subshell, so that an `exit` in the command ends the command and not the reporting; the
    # newline, so that a comment at the end of the command ends there.
    text = f"( {command}\n); s=$?; printf '\\n{EXIT_MARK}%s\\n' $s"
    if wait:
        text += f"; i=0; while [ $i -lt {LINGER} ] && [ ! -e {SEEN} ]"
        text += "; do sleep 1; i=$((i+1)); done"
    return text + "; exit $s"


def exit_status(log: str) -> int | None:
    """The exit status a case's log ends with; None while it runs."""
    tail = log[-4096:].rstrip()
    line = tail.rpartition("\n")[2].strip()
    if not line.startswith(EXIT_MARK):
        return None
    number = line.removeprefix(EXIT_MARK)
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else None


def last_line(log: str) -> str:
    """The last line of a log that is not ours and not empty; what follows a `\\r` counts."""
    for line in reversed(log[-8192:].splitlines()):
        text = line.rstrip("\r").rpartition("\r")[2].strip()
        if text and not text.startswith(EXIT_MARK):
            return text[:500]
    return ""

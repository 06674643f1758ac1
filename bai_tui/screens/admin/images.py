"""Images: rescan with progress, other names, forget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns
from bai_tui.screens.admin.kinds import Text
from bai_tui.screens.admin.resource import (
    ADMINS,
    Call,
    Fetch,
    Field,
    Item,
    Relation,
    Resource,
    Scope,
    Wire,
)
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import printable, truncate

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.api.functions.background_task import TaskProgress
    from bai_tui.identity import Identity

FIELDS: Final = (
    "name", "registry", "tag", "digest", "size_bytes", "aliases", "installed",
    "installed_agents", "supported_accelerators", "resource_limits { key min max }",
    "labels { key value }", "architecture",
)  # fmt: skip
ALIAS: Final = Text(1, 255, r"\S+", "no blanks")


def reference(data: Wire) -> str:
    """`registry/name:tag`."""
    registry, name = str(data.get("registry") or ""), str(data.get("name") or "")
    full = f"{registry}/{name}" if registry and not name.startswith(f"{registry}/") else name
    return f"{full}:{data.get('tag') or ''}"


def _unlimited(value: object) -> bool:
    """Later releases tell null where there is no maximum."""
    return value is None or str(value).lower().startswith("inf")


def limits(item: Item) -> str:
    """`cpu 1+  mem 64m-2g`."""
    return "  ".join(
        f"{entry.get('key')} {entry.get('min') or 0}"
        + ("+" if _unlimited(entry.get("max")) else f"-{entry.get('max')}")
        for entry in item.data.get("resource_limits") or ()
        if isinstance(entry, dict)
    )


def _installed(item: Item) -> Cell:
    if item.doing:
        return Cell(f"{item.doing}…", "accent", "…")
    value = item.data.get("installed")
    if value is None:
        return Cell("-", "muted")
    return Cell("yes", "success", "●") if value else Cell("no", "muted", "○")


COLUMNS: Final[tuple[Column[Item], ...]] = (
    Column(key="image", label="IMAGE", min_width=24, max_width=70, flex=3, priority=100,
           cut="start", pinned=True, render=lambda item: item.key),
    Column(key="installed", label="INSTALLED", width=9, priority=90, render=_installed),
    columns.names("aliases", "ALIASES", least=12, most=40, priority=80),
    columns.number("size_bytes", "SIZE", width=6, priority=70, size=True),
    Column(key="limits", label="NEEDS", min_width=16, max_width=34, priority=60, render=limits),
    columns.names("supported_accelerators", "ACCEL", least=6, most=16, priority=50),
    columns.text("architecture", "ARCH", least=7, most=10, priority=30, flex=0.1),
    columns.text("registry", "REGISTRY", least=10, most=30, priority=20, optional=True),
    columns.text("digest", "DIGEST", least=14, most=72, priority=25, cut="middle", flex=0.5),
)  # fmt: skip


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """The images the caller may use."""
    found: list[Wire] = await fetch(lambda fields: session.Image.list(fields=fields), FIELDS)
    if scope.kind == "registry":
        return [image for image in found if image.get("registry") == scope.value]
    return found


RESOURCE: Final = Resource(
    name="images",
    one="image",
    about="Images of sessions: rescan, aliases, limits.",
    columns=COLUMNS,
    load=load,
    key=reference,
    fields=(Field(key="alias", label="Alias", kind=ALIAS, required=True),),
    verb="Forget",
    remove=lambda item: Call("Image.forget_image", (item.key,)),
    removing="The server's list loses it until the next rescan; the registry keeps it.",
    relations=(
        Relation(action="sessions", target="related-sessions", label="sessions of the image",
                 scope="image", value=lambda item: item.key),
    ),
    interval=60,
    scopes=("images",),
    special={"image.rescan": ADMINS},
    sort="image",
    hint="R reads the registries anew.",
)  # fmt: skip


class ImagesView(ResourceView):
    """The images."""

    RESOURCE = RESOURCE

    async def do_image_rescan(self, argument: str) -> None:
        """Rescan, showing the time or the server's progress; nothing else has to wait for it."""
        began = asyncio.get_running_loop().time()

        async def clock() -> None:
            while True:
                self.progress(f"rescanning… {asyncio.get_running_loop().time() - began:.0f} s")
                await asyncio.sleep(1)

        ticking = asyncio.create_task(clock())
        call = Call("Image.rescan_images", (argument,) if argument else ())
        try:
            answer: Any = await self.connection.write(call.run)
            task = answer.get("task_id") if isinstance(answer, dict) else None
            if task:
                ticking.cancel()
                end = await self.connection.session.BackgroundTask(str(task)).wait(self._step)
                if end.state in ("failed", "cancelled"):
                    # Not a refusal: the server began, and tells in its own words what stopped it.
                    why = end.message or "without a reason"
                    advice = "▸ Read one registry only: :rescan and its name."
                    self.flash(
                        f"the rescan {end.state} on the server: {why}",
                        "error",
                        f"{why}\n\n{advice}",
                    )
                    return
        finally:
            ticking.cancel()
            self.progress("")
        before = {item.key for item in self.table.rows}
        await self.load()
        new = len({item.key for item in self.table.rows} - before)
        seconds = asyncio.get_running_loop().time() - began
        self.flash(f"rescanned in {seconds:.1f} s: {new} new", "success")

    def _step(self, step: TaskProgress) -> None:
        share = f" {step.current:.0f}/{step.total:.0f}" if step.total else ""
        # The upper bar has to keep room for where one is.
        self.progress(f"rescanning…{share} {truncate(printable(step.message), 32)}".strip())

    def do_image_alias(self, argument: str) -> None:
        """Type another name, or take the one typed at the prompt."""
        item = self.current()
        if item is None:
            return
        if argument:
            self._alias(item, argument)
        else:
            self.ask_line("alias", "", lambda value: self._alias(item, value))

    def _alias(self, item: Item, alias: str) -> None:
        try:
            ALIAS.check(alias)
        except ValueError as error:
            self.flash(f"alias: {error}", "warning")
            return
        call = Call("Image.alias_image", (alias, item.key))
        self.attempt(self.send(call, f"{alias} means {item.key} now"), "alias")

    def do_image_dealias(self, argument: str) -> None:
        """Choose the name to remove."""
        item = self.current()
        aliases = [str(alias) for alias in item.data.get("aliases") or ()] if item else []
        if not aliases:
            self.flash("the image has no other names", "warning")
            return

        def chosen(names: tuple[str, ...] | None) -> None:
            for name in names or ():
                call = Call("Image.dealias_image", (name,))
                self.attempt(self.send(call, f"{name} means nothing now"), "dealias")

        self.app.push_screen(Picker("Remove the alias", [Choice(a, a) for a in aliases]), chosen)

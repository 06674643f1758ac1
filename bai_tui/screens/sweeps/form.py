"""The plan of a sweep: every combination is shown before anything is started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from bai_tui.screens.create.catalogue import Catalogue, load_catalogue
from bai_tui.screens.create.draft import parse_amount, parse_environ, wire_amount
from bai_tui.screens.forms import LoadingForm
from bai_tui.screens.sweeps.columns import value_columns, widths_of
from bai_tui.sweeps.spec import Combination, SweepError, SweepSpec, parse_words
from bai_tui.widgets.fields import ChoiceField, FormRow, TextField
from bai_tui.widgets.picker import Choice
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Column

SHOWN: Final = 500
"""Cases of the preview; more are counted only."""
SHARED_MEMORY: Final = 64 * 2**20
"""Bytes of shared memory that servers count on top of what an image needs."""
FIELDS: Final = ("name", "image", "command", "ranges", "environ", "resources", "concurrency",
                 "outputs")  # fmt: skip


class SweepFormView(LoadingForm):
    """Plans a sweep and starts it.

    Args:
        like: an earlier plan to begin with.
    """

    CRUMB = "new sweep"
    VERB = "Start"
    WAITING = "asking for images…"
    CSS_PATH = "../../assets/sweeps.tcss"

    def __init__(self, like: SweepSpec | None = None) -> None:
        super().__init__()
        self._like = like
        self._catalogue = Catalogue()
        self._widths: dict[str, int] | None = None

    def compose_form(self) -> ComposeResult:
        """Fields above, the cases below (or beside)."""
        with VerticalScroll(id="fields", can_focus=False):
            yield from self._rows()
            yield from self.buttons()
        with Vertical(id="preview"):
            yield Static(id="count", markup=False)
            yield LiveTable(
                (_COMMAND,),
                key=lambda case: case.number,
                what="cases",
                empty="no cases yet",
                id="cases",
            )

    def _rows(self) -> ComposeResult:
        like = self._like
        environ = " ".join(f"{k}={_quoted(v)}" for k, v in (like.environ if like else {}).items())
        resources = " ".join(f"{k}={v}" for k, v in (like.resources if like else {}).items())
        rows: list[tuple[str, str, Widget]] = [
            ("image", "Image", ChoiceField("Image", empty="choose an image", id="image")),
            ("name", "Name", TextField(like.name if like else "sweep", id="name")),
            ("command", "Command", TextField(
                like.command if like else "", placeholder="python train.py $lr", id="command")),
            ("ranges", "Ranges", TextField(
                " ".join(map(_quoted, like.ranges)) if like else "",
                placeholder="lr=linspace:0.1,1,10 opt=case:adam,sgd n=range:0,3", id="ranges")),
            ("environ", "Environment", TextField(
                environ, placeholder='SEED=$n B="two words"', id="environ")),
            ("resources", "Resources", TextField(
                resources, placeholder="cpu=1 mem=512m", id="resources")),
            ("concurrency", "At a time", TextField(
                str(like.concurrency if like else 4), id="concurrency")),
            ("mounts", "Folders", ChoiceField("Folders", several=True, id="mounts")),
            ("outputs", "Collect", TextField(
                " ".join(map(_quoted, like.outputs)) if like else "",
                placeholder="files to fetch from each case", id="outputs")),
            ("remove", "When stopped", ChoiceField("When stopped", id="remove")),
            ("group", "Group", ChoiceField("Group", id="group")),
        ]  # fmt: skip
        for name, label, field in rows:
            yield FormRow(label, field, id=f"row-{name}")

    def made(self) -> None:
        """What there is without asking."""
        identity = self.connection.identity
        groups = [group.name for group in identity.groups] if identity else []
        default = self._like.group if self._like else ""
        self.choice("group").offer(
            [Choice(group, group) for group in groups],
            [default if default in groups else groups[0]] if groups else [],
        )
        self.choice("remove").offer(
            [
                Choice("end", "end what runs", "its sessions are terminated (--rm)"),
                Choice("leave", "let it run", "sessions go on to their end"),
            ],
            ["end" if self._like is None or self._like.remove else "leave"],
        )

    async def load(self) -> None:
        """Images, folders, slots."""
        self._catalogue = await load_catalogue(self.connection.session, self.choice("group").value)
        wanted = self._like.image if self._like else self.host.remembered.get("new", "image", "")
        images = [
            Choice(
                image.reference, image.reference.rpartition("/")[2], ", ".join(image.aliases[:2])
            )
            for image in self._catalogue.images
        ]
        aliases = {a: image.reference for image in self._catalogue.images for a in image.aliases}
        known = {choice.value for choice in images}
        chosen = aliases.get(wanted, wanted)
        first = [chosen] if chosen in known else [images[0].value] if images else []
        self.choice("image").offer(images, first)
        self.choice("mounts").offer(
            [Choice(name, name, remark) for name, remark in self._catalogue.folders
             if not name.startswith(".")],
            self._like.mounts if self._like else (),
        )  # fmt: skip
        self.loaded = True
        self._fill_resources()
        self.show_form()
        self.line("command").focus()
        self.check()

    def _fill_resources(self) -> None:
        """What the image needs at least, unless something is written already."""
        image = self._catalogue.image(self.choice("image").value)
        if self.line("resources").value.strip() or image is None:
            return
        least = {slot: image.limits[slot].least for slot in ("cpu", "mem") if slot in image.limits}
        if least.get("mem"):
            least["mem"] += SHARED_MEMORY
        self.line("resources").value = " ".join(
            f"{slot}={wire_amount(slot, amount)}" for slot, amount in least.items() if amount
        )

    # Checking.

    def plan(self) -> tuple[SweepSpec, dict[str, str]]:
        """What the fields hold, and what is wrong with it by field."""
        wrong: dict[str, str] = {}

        def words(name: str) -> tuple[str, ...]:
            try:
                return parse_words(self.line(name).value)
            except SweepError as error:
                wrong[name] = str(error)
                return ()

        def variables(name: str) -> dict[str, str]:
            try:
                return parse_environ(self.line(name).value)
            except ValueError as error:
                wrong[name] = str(error)
                return {}

        count = self.line("concurrency").value.strip()
        spec = SweepSpec(
            name=self.line("name").value.strip(),
            image=self.choice("image").value,
            command=self.line("command").value,
            ranges=words("ranges"),
            environ=variables("environ"),
            resources=self._resources(wrong),
            mounts=self.choice("mounts").values,
            group=self.choice("group").value,
            concurrency=int(count) if count.isascii() and count.isdigit() else 0,
            outputs=words("outputs"),
            remove=self.choice("remove").value != "leave",
        )
        return spec, spec.check() | wrong

    def _resources(self, wrong: dict[str, str]) -> dict[str, str]:
        resources: dict[str, str] = {}
        image = self._catalogue.image(self.choice("image").value)
        for word in self.line("resources").value.split():
            slot, sign, amount = word.partition("=")
            try:
                if not sign:
                    raise ValueError(f"slot=amount, not {word!r}")
                if slot not in self._catalogue.slots:
                    raise ValueError(f"the server has no {slot!r}")
                number = parse_amount(slot, amount)
                limit = image.limits.get(slot) if image else None
                if limit is not None and number < limit.least:
                    raise ValueError(f"the image needs {slot} {limit.text(slot)}")
            except ValueError as error:
                wrong.setdefault("resources", str(error))
            else:
                resources[slot] = amount
        return resources

    def check(self) -> None:
        """Limits or what is wrong beside the fields, and the cases."""
        if not self.loaded:
            return
        spec, wrong = self.plan()
        for name in FIELDS:
            remark = "name=case:a,b or range:1,9" if name == "ranges" else ""
            self.row(name).note(remark, self.complaint(name, wrong.get(name, "")))
        self._show_cases(spec, wrong)
        self.allow(True)

    def _show_cases(self, spec: SweepSpec, wrong: dict[str, str]) -> None:
        table = self.query_one("#cases", LiveTable)
        count = self.query_one("#count", Static)
        if {"ranges", "command", "environ"} & wrong.keys():
            table.set_rows(())
            what = next((wrong[name] for name in ("command", "ranges") if name in wrong), "")
            if not spec.command.strip():
                what = "the cases appear here as you type"
            count.update(what or "all cases are shown here when nothing is wrong above")
            return
        widths = widths_of(spec.ranges)
        if self._widths != widths:
            self._widths = widths
            table.set_columns((*_values(widths), _COMMAND))
        table.set_rows(spec.combinations(SHOWN))
        total = spec.count
        more = f", the first {SHOWN} are shown" if total > SHOWN else ""
        count.update(
            f"{total:,} case{'s' if total != 1 else ''}{more}, {spec.concurrency} at a time"
        )

    def on_choice_field_changed(self, event: ChoiceField.Changed) -> None:
        """Another image has other needs."""
        event.stop()
        if event.field.id == "image":
            self._fill_resources()
        self.check()

    def focus_body(self) -> None:
        """Back to the command."""
        self.line("command").focus()

    # Sending.

    def problems(self) -> dict[str, str]:
        """What is wrong, by field."""
        return self.plan()[1]

    def go(self) -> None:
        """Start it and show its cases."""
        self.attempt(self._begin(self.plan()[0]), "start")

    def program(self) -> str:
        """The equal program."""
        return self.plan()[0].code() + "\n"

    async def _begin(self, spec: SweepSpec) -> None:
        from bai_tui.screens.sweeps.grid import SweepView

        identity = self.connection.identity
        key = identity.access_key if identity is not None else ""
        try:
            sweep = await self.host.sweeps.begin(spec, self.connection.label, key)
        except SweepError as error:
            self.flash(str(error), "error")
            return
        self.app.switch_screen(SweepView(sweep))


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


_COMMAND: Final[Column[Combination]] = Column(
    key="command", label="COMMAND", min_width=12, flex=3, priority=100, render=lambda c: c.command
)


def _values(widths: Mapping[str, int]) -> list[Column[Combination]]:
    """The same columns as those of the cases: both have values."""
    columns: list[Column[Combination]] = list(value_columns(widths))  # type: ignore[arg-type]
    return columns

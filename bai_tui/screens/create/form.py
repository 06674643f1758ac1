"""The form of a new session: everything checked before it is sent, the equal call beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from bai_tui import actions
from bai_tui.screens.create.catalogue import Catalogue, Preset, load_catalogue
from bai_tui.screens.create.draft import (
    Draft,
    Limit,
    Offer,
    parse_amount,
    show_amount,
    suggest_name,
    wire_amount,
)
from bai_tui.screens.create.kept import TemplateActs
from bai_tui.screens.forms import css_id
from bai_tui.widgets.fields import ChoiceField, FormRow, TextField
from bai_tui.widgets.picker import Choice

CUSTOM = "custom"
ANY = ""
"""The scaling group that leaves the choice to the scheduler."""
CHECKED = (
    "image", "name", "kind", "command", "preset", "shmem", "scaling_group", "mounts", "paths",
    "environ", "cluster_size", "owner", "wait", "max_wait",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """A checked session to be started."""

    draft: Draft
    session_slots: dict[str, str]


class NewSessionView(TemplateActs):
    """Gives the order to `submit` and closes.

    Args:
        submit: starts the session; the form does not wait for it.
        taken: names that are in use.
        first: what the form begins with, such as the draft of a session to be cloned.
    """

    CRUMB = "new session"
    SCOPES: ClassVar[tuple[str, ...]] = ("form", "template")
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("template")]
    VERB = "Start"
    WAITING = "asking for images and presets…"
    CSS_PATH = "../../assets/form.tcss"

    def __init__(
        self,
        submit: Callable[[Order], None],
        taken: frozenset[str] = frozenset(),
        first: Draft | None = None,
    ) -> None:
        super().__init__()
        self._submit = submit
        self._taken = taken
        self._first = first
        self._catalogue = Catalogue()
        self._group = ""

    # Composition.

    def compose_form(self) -> ComposeResult:
        """Fields on the left, the call on the right (or below)."""
        with VerticalScroll(id="fields", can_focus=False):
            yield from self._rows()
            yield from self.buttons()
        with Vertical(id="preview"):
            yield Static("the same in Python  (ctrl+y copies it)", id="preview-title")
            yield Static(id="code", markup=False)

    def _rows(self) -> ComposeResult:
        rows: list[tuple[str, str, Widget]] = [
            ("template", "Template", ChoiceField("Templates", empty="none", id="template")),
            ("image", "Image", ChoiceField("Image", empty="choose an image", id="image")),
            ("name", "Name", TextField(suggest_name(), id="name")),
            ("reuse", "If taken", ChoiceField("If the name is taken", id="reuse")),
            ("kind", "Type", ChoiceField("Type", id="kind")),
            ("command", "Command", TextField(placeholder="python train.py", id="command")),
            ("preset", "Resources", ChoiceField("Resource preset", id="preset")),
        ]
        for name, label, field in rows:
            yield FormRow(label, field, id=f"row-{name}")
        yield Vertical(id="slots")
        sizes = TextField(placeholder="1", id="cluster_size")
        rows = [
            ("shmem", "  shared mem", TextField(placeholder="64m", id="shmem")),
            ("scaling_group", "Scaling grp", ChoiceField("Scaling group", id="scaling_group")),
            ("mounts", "Folders", ChoiceField("Folders", several=True, id="mounts")),
            ("paths", "  at paths", TextField(placeholder="data=/data", id="paths")),
            ("environ", "Environment", TextField(placeholder='A=1 B="two words"', id="environ")),
            ("tag", "Tag", TextField(id="tag")),
            ("group", "Group", ChoiceField("Group", id="group")),
            ("cluster_size", "Cluster size", sizes),
            ("owner", "Owner", TextField(placeholder="access key; empty: me", id="owner")),
            ("wait", "Then", ChoiceField("After it was asked for", id="wait")),
            ("max_wait", "  at most", TextField(placeholder="seconds; empty: no limit",
                                                id="max_wait")),
        ]  # fmt: skip
        for name, label, field in rows:
            yield FormRow(label, field, id=f"row-{name}")

    def made(self) -> None:
        """What there is without asking."""
        identity = self.connection.identity
        groups = [group.name for group in identity.groups] if identity else []
        default = self.connection.session.config.group
        self._group = default if default in groups or not groups else groups[0]
        for name, choices in {
            "group": [Choice(g, g) for g in groups or [default]],
            "kind": [
                Choice("interactive", "interactive", "a terminal, code, files"),
                Choice("batch", "batch", "runs a command, then ends"),
            ],
            "reuse": [
                Choice("no", "refuse", "the name must be free"),
                Choice("yes", "use that session", "when it has the same image"),
            ],
            "wait": [
                Choice("no", "go on at once", "it is queued and starts when there is room"),
                Choice("yes", "wait until it runs", "and say so when it takes longer"),
            ],
        }.items():
            self.choice(name).offer(choices, [choices[0].value])
        self.choice("group").choose(self._group)
        self.row("owner").display = identity is not None and identity.is_admin
        self.load_templates()

    async def load(self) -> None:
        """Images, presets, folders, limits of the group."""
        await self._offer(await load_catalogue(self.connection.session, self._group))

    async def _offer(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        last = self.host.remembered.get("new", "image", "")
        images = [
            Choice(image.reference, image.short, image.remark, words=image.words)
            for image in catalogue.images
        ]
        chosen = self.choice("image").value or last
        known = {choice.value for choice in images}
        first = next(iter(c.value for c in images), "")
        values = [chosen] if chosen in known else [first] if first else []
        self.choice("image").offer(images, values)
        self.choice("preset").offer(
            [
                Choice(
                    preset.name,
                    preset.name,
                    "  ".join(f"{s} {show_amount(s, a)}" for s, a in preset.slots.items()),
                    "" if preset.fits else "beyond your limits",
                )
                for preset in catalogue.presets
            ]
            + [Choice(CUSTOM, CUSTOM, "as typed below")],
        )
        self.choice("mounts").offer(
            [
                Choice(name, name, remark, "always mounted" if name.startswith(".") else "")
                for name, remark in catalogue.folders
            ]
        )
        self.choice("scaling_group").offer(
            [Choice(ANY, "the scheduler's choice", _free_text(catalogue.free_in(ANY)))]
            + [Choice(name, name, _free_text(free)) for name, free in catalogue.free.items()],
            [self.choice("scaling_group").value or ANY],
        )
        first_time, self.loaded = not self.loaded, True
        if first_time:
            slots = self.query_one("#slots", Vertical)
            await slots.mount_all(
                FormRow(
                    f"  {slot}",
                    TextField(id=css_id(f"slot-{slot}")),
                    id=css_id(f"row-slot-{slot}"),
                )
                for slot in catalogue.slots
            )
            self._fill_least()
            if self._first is not None:
                self.fill(self._first)
            self.show_form()
            self.choice("image").focus()
        for part, reason in catalogue.missing.items():
            self.flash(f"{part} could not be had: {reason}", "warning")
        self.check()

    def _fill_least(self) -> None:
        """Start from the smallest preset that fits the image and the limits, or its minimum."""
        fitting = [p for p in self._catalogue.presets if p.fits and self._suits(p)]
        if fitting:
            self._apply_preset(min(fitting, key=lambda p: sorted(p.slots.values(), reverse=True)))
            return
        self.choice("preset").choose(CUSTOM)
        for slot in self._catalogue.slots:
            least = self._limit(slot).least or (Decimal(1) if slot == "cpu" else Decimal(0))
            self.line(f"slot-{slot}").value = wire_amount(slot, least) if least else ""

    def _limit(self, slot: str) -> Limit:
        image = self._catalogue.image(self.choice("image").value)
        return (image.limits.get(slot) if image else None) or Limit()

    def _suits(self, preset: Preset) -> bool:
        return all(
            self._limit(slot).least <= preset.slots.get(slot, Decimal(0)) <= self._limit(slot).most
            for slot in self._catalogue.slots
        )

    def _amount_texts(self, preset: Preset) -> dict[str, str]:
        amounts = {slot: preset.slots.get(slot, Decimal(0)) for slot in self._catalogue.slots}
        return {s: wire_amount(s, amount) if amount else "" for s, amount in amounts.items()}

    def _preset_now(self) -> str:
        """The preset whose slots the fields hold."""
        typed = {s: self.line(f"slot-{s}").value for s in self._catalogue.slots}
        names = (p.name for p in self._catalogue.presets if self._amount_texts(p) == typed)
        return next(names, CUSTOM)

    def _apply_preset(self, preset: Preset) -> None:
        self.choice("preset").choose(preset.name)
        for slot, text in self._amount_texts(preset).items():
            self.line(f"slot-{slot}").value = text
        shared = preset.shared_memory
        self.line("shmem").value = wire_amount("mem", shared) if shared else ""

    # Checking.

    def draft(self) -> Draft:
        """What the fields hold."""
        return Draft(
            image=self.choice("image").value,
            name=self.line("name").value,
            reuse=self.choice("reuse").value == "yes",
            kind=self.choice("kind").value or "interactive",
            command=self.line("command").value,
            slots={s: self.line(f"slot-{s}").value for s in self._catalogue.slots},
            shmem=self.line("shmem").value,
            scaling_group=self.choice("scaling_group").value,
            mounts=self.choice("mounts").values,
            paths=self.line("paths").value,
            environ=self.line("environ").value,
            tag=self.line("tag").value,
            group=self.choice("group").value,
            cluster_size=self.line("cluster_size").value,
            owner=self.line("owner").value,
            wait=self.choice("wait").value == "yes",
            max_wait=self.line("max_wait").value,
        )

    def fill(self, draft: Draft) -> None:
        """Put a draft into the fields; what it leaves open stays, what is not offered is named."""
        lacking = []
        for name, value in (
            ("image", draft.image),
            ("scaling_group", draft.scaling_group),
            ("group", draft.group),
            ("kind", draft.kind),
            ("reuse", "yes" if draft.reuse else "no"),
            ("wait", "yes" if draft.wait else "no"),
        ):
            offered = {choice.value for choice in self.choice(name).choices}
            if value in offered:
                self.choice(name).choose(value)
            elif value:
                lacking.append(value)
        folders = {c.value for c in self.choice("mounts").choices if not c.bar}
        lacking += [name for name in draft.mounts if name not in folders]
        self.choice("mounts").choose(*(name for name in draft.mounts if name in folders))
        for name in ("command", "shmem", "paths", "environ", "tag", "cluster_size", "max_wait"):
            self.line(name).value = getattr(draft, name)
        if draft.name:
            self.line("name").value = draft.name
        for slot in self._catalogue.slots:
            self.line(f"slot-{slot}").value = draft.slots.get(slot, "")
        self.choice("preset").choose(self._preset_now())
        if lacking:
            self.flash(f"not to be had here: {', '.join(lacking)}", "warning")
        self.check()

    def offer(self) -> Offer:
        """What the draft is checked against; an owner's limits are not known here."""
        mine = not self.line("owner").value.strip()
        return Offer(
            self._catalogue.image(self.choice("image").value),
            self._catalogue.room if mine else {},
            self._catalogue.free_in(self.choice("scaling_group").value),
            self.connection.session.offers("create mount_map"),
        )

    def problems(self) -> dict[str, str]:
        """What is wrong, by field."""
        draft = self.draft()
        wrong = draft.check(self.offer())
        if draft.name.strip() in self._taken and not draft.reuse and not draft.owner.strip():
            wrong.setdefault("name", "a session of yours has this name")
        return wrong

    def check(self) -> None:
        """Limits or what is wrong beside the fields, and the call."""
        if not self.loaded:
            return
        draft, wrong = self.draft(), self.problems()
        waits = draft.waits_for(self.offer())
        self.row("paths").display = bool(draft.mounts) or "paths" in wrong
        self.row("max_wait").display = draft.wait
        for name in CHECKED:
            self.row(name).note(
                self._remark(name, draft), self.complaint(name, wrong.get(name, ""))
            )
        for slot in self._catalogue.slots:
            room = self._catalogue.room.get(slot)
            left = f"{show_amount(slot, room)} left" if room is not None else ""
            wait = f"waits: {waits[slot]} free now" if slot in waits else ""
            remark = ", ".join(filter(None, (wait, self._limit(slot).text(slot), left)))
            field = f"slot-{slot}"
            self.row(field).note(remark, self.complaint(field, wrong.get(field, "")))
        self.query_one("#code", Static).update(Content(draft.code()))
        self.allow(True)

    def _remark(self, name: str, draft: Draft) -> str:
        match name:
            case "image":
                image = self._catalogue.image(draft.image)
                return "" if image is None else image.remark if image.installed else "pulled first"
            case "name":
                return "4 to 64: a-z 0-9 _ . -"
            case "command":
                return "" if draft.kind == "batch" else "runs once at its start"
            case "shmem":
                return "empty: the image's own"
            case "scaling_group":
                return _free_text(self._catalogue.free_in(draft.scaling_group))
            case "mounts":
                always = [n for n, _ in self._catalogue.folders if n.startswith(".")]
                return f"and always {', '.join(always)}" if always else "below /home/work"
            case "paths":
                return "else /home/work/NAME"
            case "cluster_size":
                return "containers"
            case "owner":
                return "that user's limits apply"
            case _:
                return ""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as one types."""
        event.stop()
        if (event.input.id or "").startswith("slot-") and self.loaded:
            self.choice("preset").choose(self._preset_now())
        self.check()

    def on_choice_field_changed(self, event: ChoiceField.Changed) -> None:
        """Presets fill the slots, templates all; another group has other limits."""
        event.stop()
        if event.field.id == "template":
            if event.field.value:
                self.use_template(event.field.value)
        elif event.field.id == "preset":
            named = {preset.name: preset for preset in self._catalogue.presets}
            if event.field.value in named and event.field.value != self._preset_now():
                self._apply_preset(named[event.field.value])
        elif event.field.id == "image" and self.loaded:
            if any(name.startswith("slot-") for name in self.problems()):
                self._fill_least()
        elif event.field.id == "group" and event.field.value != self._group:
            self._group = event.field.value
            self.reload()
        self.check()

    def focus_body(self) -> None:
        """Back to the first field."""
        if self.loaded:
            self.choice("image").focus()

    # Sending.

    def field_label(self, name: str) -> str:
        """Slots by their names."""
        return name.removeprefix("slot-")

    def go(self) -> None:
        """Hand the order over and close."""
        draft = self.draft()
        self.host.remembered.set("new", "image", draft.image)
        slots = {
            slot: str(parse_amount(slot, text))
            for slot, text in draft.slots.items()
            if text.strip()
        }
        self._submit(Order(draft, slots))
        self.dismiss()

    def program(self) -> str:
        """The call."""
        return self.draft().code() + "\n"


def _free_text(free: Mapping[str, Decimal]) -> str:
    """`free now: cpu 4, mem 2Gi`; empty when it is not told."""
    parts = [f"{slot} {show_amount(slot, max(amount, Decimal(0)))}"
             for slot, amount in free.items()]  # fmt: skip
    return f"free: {', '.join(parts)}" if parts else ""

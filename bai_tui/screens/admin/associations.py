"""Who may use a scaling group: domains, groups, keypairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.resource import (
    SUPERADMIN,
    Call,
    Fetch,
    Offer,
    Resource,
    Scope,
    Wire,
)
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.picker import Choice, Picker

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

MOST_KEYPAIRS: Final = 500
"""Keypairs that are asked for their scaling groups; servers know no way back."""
BATCH: Final = 50
KINDS: Final[Mapping[str, tuple[str, Offer]]] = {
    "domain": ("a domain: all its users", offers.domains),
    "group": ("a group: all its members", offers.groups),
    "keypair": ("a keypair", offers.keypairs),
}


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """Domains, groups and keypairs that may use the scaling group."""

    def row(kind: str, value: Any, name: Any, remark: Any) -> Wire:
        return {
            "kind": kind,
            "value": str(value),
            "name": str(name),
            "remark": str(remark or ""),
            "scaling_group": scope.value,
        }

    found: list[Wire] = []
    domains = await session.Domain.list(fields=("name", "description", "scaling_groups"))
    found += [
        row("domain", d["name"], d["name"], d.get("description"))
        for d in domains
        if scope.value in (d.get("scaling_groups") or ())
    ]
    groups = await session.Group.select(
        "groups",
        ("id", "name", "domain_name", "scaling_groups"),
        {"domain_name": ("String", None)},
    )
    found += [
        row("group", g["id"], g["name"], g.get("domain_name"))
        for g in groups
        if scope.value in (g.get("scaling_groups") or ())
    ]
    pairs = (await session.KeyPair.list(fields=("access_key", "user_id")))[:MOST_KEYPAIRS]
    for start in range(0, len(pairs), BATCH):
        batch = pairs[start : start + BATCH]
        asked = " ".join(
            f'k{index}: scaling_groups_for_keypair(access_key: "{pair["access_key"]}") {{ name }}'
            for index, pair in enumerate(batch)
        )
        answer = await session.Admin.query(f"{{ {asked} }}")
        found += [
            row("keypair", pair["access_key"], pair["access_key"], pair.get("user_id"))
            for index, pair in enumerate(batch)
            if any(sg.get("name") == scope.value for sg in answer.get(f"k{index}") or ())
        ]
    return found


RESOURCE: Final = Resource(
    name="associations",
    one="association",
    about="Who may use a scaling group.",
    viewers=SUPERADMIN,
    columns=(
        columns.text("kind", "KIND", width=8, priority=100),
        columns.text("name", "NAME", least=20, most=50, priority=100, flex=2, cut="middle"),
        columns.text("remark", "OF", least=16, most=50, priority=80),
    ),
    load=load,
    key=lambda data: f"{data.get('kind')}:{data.get('value')}",
    title=lambda item: item.text("name"),
    verb="Dissociate",
    remove=lambda item: Call(
        f"ScalingGroup.dissociate_{item.text('kind')}",
        (item.text("scaling_group"), item.text("value")),
    ),
    removing="New sessions cannot use the scaling group this way any more; those that run go on.",
    scopes=("associations",),
    hint="n lets a domain, a group or a keypair use it.",
)


class AssociationsView(ResourceView):
    """Who may use one scaling group."""

    RESOURCE = RESOURCE

    def do_scaling_associate(self, argument: str) -> None:
        """Choose the kind, then the one."""

        def chosen(kinds: tuple[str, ...] | None) -> None:
            if kinds:
                self.attempt(self._offer(kinds[0]), "associate")

        choices = [Choice(kind, kind, text) for kind, (text, _) in KINDS.items()]
        self.app.push_screen(Picker(f"Who may use {self.scope.label}", choices), chosen)

    async def _offer(self, kind: str) -> None:
        identity = self.connection.identity
        if identity is None:
            return
        _, offer = KINDS[kind]
        present = {item.text("value") for item in self.table.rows if item.text("kind") == kind}
        choices = [
            replace(c, bar="may already" if c.value in present else "")
            for c in await offer(self.connection.session, identity)
        ]

        def chosen(values: tuple[str, ...] | None) -> None:
            for value in values or ():
                call = Call(f"ScalingGroup.associate_{kind}", (self.scope.value, value))
                self.attempt(self.send(call, f"{kind} associated"), "associate")

        self.app.push_screen(Picker(f"Which {kind}", choices), chosen)

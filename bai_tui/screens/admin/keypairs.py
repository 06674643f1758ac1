"""Keypairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.models import parse_decimal
from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.kinds import Flag, Integer, Text
from bai_tui.screens.admin.resource import (
    Call,
    Fetch,
    Field,
    Item,
    Relation,
    Resource,
    Scope,
    Values,
    Wire,
    is_active,
)
from bai_tui.screens.admin.view import ResourceView
from bai_tui.screens.help import Sheet
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import format_age

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = (
    "access_key", "user_id", "is_active", "is_admin", "resource_policy", "created_at",
    "last_used", "concurrency_used", "rate_limit", "num_queries",
)  # fmt: skip


def _last_used(item: Item) -> str:
    from bai_tui.api.models import parse_time

    at = parse_time(item.data.get("last_used"))
    return "never" if at is None else format_age(columns.seconds_since(at))


def _sessions(item: Item) -> Cell:
    used = parse_decimal(item.data.get("concurrency_used"))
    return Cell("-", "muted") if used is None else Cell(f"{used}", "" if used else "muted")


COLUMNS: Final[tuple[Column[Item], ...]] = (
    columns.text("access_key", "ACCESS KEY", width=20, priority=100, pinned=True),
    columns.text("user_id", "USER", least=16, most=40, priority=95, cut="middle", flex=2),
    columns.ACTIVE,
    columns.flag("is_admin", "ADMIN", priority=70),
    columns.text("resource_policy", "POLICY", least=8, most=24, priority=75),
    columns.number("rate_limit", "RATE", width=7, priority=60),
    Column(key="sessions", label="SESS", width=5, align="right", priority=80, render=_sessions,
           sort_key=lambda i: parse_decimal(i.data.get("concurrency_used")), descending=True),
    Column(key="used", label="USED", width=6, align="right", priority=50, render=_last_used,
           sort_key=lambda i: i.text("last_used"), descending=True, live=True, searchable=False),
    columns.number("num_queries", "QUERIES", width=9, priority=30),
    columns.age(priority=45),
)  # fmt: skip


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """Keypairs the caller may see; of one user, or with one policy."""
    email = scope.value if scope.kind == "user" else None
    found: list[Wire] = await fetch(
        lambda fields: session.KeyPair.list(user_id=email, fields=fields), FIELDS
    )
    if scope.kind == "policy":
        return [pair for pair in found if pair.get("resource_policy") == scope.value]
    return found


def create(values: Values) -> Call:
    """A new keypair."""
    return Call(
        "KeyPair.create",
        (values["user_id"],),
        {key: value for key, value in values.items() if key != "user_id"},
    )


RESOURCE: Final = Resource(
    name="keypairs",
    one="keypair",
    about="Access keys with their policy and rate limit.",
    columns=COLUMNS,
    load=load,
    key=lambda data: str(data.get("access_key")),
    fields=(
        Field(key="user_id", label="User", kind=Text(1, 64), required=True, when="create",
              offer=offers.users),
        Field(key="resource_policy", label="Policy", kind=Text(1, 256), required=True,
              offer=offers.policies, default="default"),
        Field(key="rate_limit", label="Rate limit", kind=Integer(1, unit="in 15 min"),
              default=5000, required=True),
        Field(key="is_active", label="Active", kind=Flag(), choices=offers.YES_NO, default=True),
        Field(key="is_admin", label="Admin", kind=Flag(), choices=offers.YES_NO, default=False,
              help="for REST, not for GraphQL"),
    ),
    create=create,
    update=lambda item, changes: Call("KeyPair.update", (item.key,), changes),
    toggle=lambda item: Call(
        "KeyPair.deactivate" if is_active(item) else "KeyPair.activate", (item.key,)
    ),
    remove=lambda item: Call("KeyPair.delete", (item.key,)),
    removing="Programs that use it can no longer log in. It cannot be brought back.",
    relations=(
        Relation(action="sessions", target="related-sessions", label="sessions of the keypair",
                 scope="keypair", value=lambda item: item.key),
        Relation(action="users", target="users", label="its user",
                 value=lambda item: item.text("user_id")),
        Relation(action="policy", target="policies", label="its resource policy",
                 value=lambda item: item.text("resource_policy")),
        Relation(action="scaling", target="scaling-groups", label="its scaling groups",
                 scope="keypair", value=lambda item: item.key),
    ),
    sort="user_id",
    hint="n creates one.",
)  # fmt: skip


class KeypairsView(ResourceView):
    """The keypairs."""

    RESOURCE = RESOURCE

    def created(self, answer: Any) -> None:
        """The secret key is told this once."""
        pair = answer.get("keypair") if isinstance(answer, dict) else None
        if isinstance(pair, dict):
            self.table.move_to_key(str(pair.get("access_key")))
        if isinstance(pair, dict) and pair.get("secret_key"):
            self.app.push_screen(
                Sheet(
                    "the new keypair",
                    (
                        ("access key", str(pair.get("access_key"))),
                        ("secret key", str(pair["secret_key"])),
                        ("", "Keep the secret key now: it is not shown in the lists."),
                    ),
                )
            )

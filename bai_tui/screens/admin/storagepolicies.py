"""Resource policies of users and of projects: how much they may keep (23.09 and later)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns
from bai_tui.screens.admin.kinds import Integer, Size, Text
from bai_tui.screens.admin.resource import (
    ADMINS,
    EVERYBODY,
    Call,
    Fetch,
    Field,
    Item,
    Relation,
    Resource,
    Scope,
    Values,
    Wire,
)
from bai_tui.screens.admin.view import ResourceView

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

COMMON: Final = ("name", "created_at", "max_vfolder_count", "max_quota_scope_size")
Load = Callable[["AsyncSession", "Identity", Scope, Fetch], Awaitable[Sequence[Wire]]]


class Limit(Size):
    """Bytes; the server's -1 is no limit, which is empty here."""

    emptied: bool = True

    def of_wire(self, value: Any) -> Any:
        """-1 as None."""
        number = super().of_wire(value)
        return None if number is None or number < 0 else number


def sent(values: Values) -> dict[str, Any]:
    """Values as the calls take them: no limit is -1; what is left empty is the server's choice."""
    size = "max_quota_scope_size"
    given = {key: value for key, value in values.items() if value is not None}
    return {**given, size: -1} if size in values and values[size] is None else given


def _load(accessor: str, *more: str) -> Load:
    async def load(
        session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
    ) -> Sequence[Wire]:
        policies = getattr(session, accessor)
        found: list[Wire] = await fetch(
            lambda fields: policies.list(fields=fields), (*COMMON, *more)
        )
        return found

    return load


def _resource(
    name: str,
    accessor: str,
    about: str,
    more: tuple[tuple[str, str, str, int, str], ...],
    viewers: frozenset[str],
    relation: Relation,
) -> Resource:
    """`more` has (field, label of the form, label of the column, its width, what it needs)."""
    return Resource(
        name=name,
        one=name.replace("-", " ").removesuffix("ies") + "y",
        about=about,
        viewers=viewers,
        columns=(
            columns.text("name", "NAME", least=14, most=40, priority=100, pinned=True, flex=2),
            columns.number("max_vfolder_count", "FOLDERS", width=8, priority=90, zero="any"),
            columns.number("max_quota_scope_size", "STORAGE", width=9, priority=85, size=True,
                           below="any"),
            *(columns.number(key, label, width=width, priority=60)
              for key, _, label, width, _ in more),
            columns.age(),
        ),
        load=_load(accessor, *(key for key, *_ in more)),
        key=lambda data: str(data.get("name")),
        fields=(
            Field(key="name", label="Name", kind=Text(1, 256), required=True, when="create"),
            Field(key="max_vfolder_count", label="Folders", kind=Integer(0), default=10,
                  required=True, help="0: as many as one likes",
                  needs="policy max_vfolder_count"),
            Field(key="max_quota_scope_size", label="Storage", kind=Limit(), default=None,
                  help="such as 10g; empty: none"),
            *(Field(key=key, label=label, kind=Integer(0), default=None,
                    help="empty: the server's own", needs=needs)
              for key, label, _, _, needs in more),
        ),
        create=lambda values: Call(
            f"{accessor}.create", (values["name"],),
            # What 23.09 cannot limit it wants to be told all the same.
            sent({"max_vfolder_count": 0}
                 | {key: value for key, value in values.items() if key != "name"}),
        ),
        update=lambda item, changes: Call(f"{accessor}.update", (item.key,), sent(changes)),
        remove=lambda item: Call(f"{accessor}.delete", (item.key,)),
        removing="Nobody may have it any more, else the server refuses.",
        relations=(relation,),
        sort="name",
        hint="n creates one.",
        offer=f"{accessor}API",
    )  # fmt: skip


def _own(item: Item) -> str:
    return item.key


USERS: Final = _resource(
    "user-policies",
    "UserResourcePolicy",
    "How many folders a user may have, and how large.",
    (
        ("max_session_count_per_model_session", "Per model", "PER MODEL", 11, ""),
        ("max_customized_image_count", "Own images", "OWN IMAGES", 11,
         "policy max_customized_image_count"),
    ),
    EVERYBODY,
    Relation(action="users", target="users", label="users with the policy", scope="policy",
             value=_own),
)  # fmt: skip
PROJECTS: Final = _resource(
    "project-policies",
    "ProjectResourcePolicy",
    "How many folders a project may have, and how large.",
    (("max_network_count", "Networks", "NETWORKS", 9, "policy max_network_count"),),
    ADMINS,
    Relation(action="groups", target="groups", label="groups with the policy", scope="policy",
             value=_own),
)  # fmt: skip


class UserPoliciesView(ResourceView):
    """The resource policies of users."""

    RESOURCE = USERS


class ProjectPoliciesView(ResourceView):
    """The resource policies of projects."""

    RESOURCE = PROJECTS

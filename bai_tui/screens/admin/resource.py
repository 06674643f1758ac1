"""What a resource of the administration is: data that the generic view and form work from. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin.kinds import Kind, Secret
from bai_tui.widgets.picker import Choice
from bai_tui.widgets.table.columns import Column

if TYPE_CHECKING:
    from bai_tui.actions import Action
    from bai_tui.api import AsyncSession, Generation
    from bai_tui.identity import Identity

SUPERADMIN: Final = frozenset({"superadmin"})
ADMINS: Final = frozenset({"superadmin", "admin"})
EVERYBODY: Final[frozenset[str]] = frozenset()

Wire = Mapping[str, Any]
Values = Mapping[str, Any]
"""Values of fields by key, as their kinds have them."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row.

    Attributes:
        key: stable and unique. data: the fields as the server sent them.
        doing: what we are doing with it. note: how our last action on it failed.
    """

    key: str
    data: Wire
    doing: str = ""
    note: str = ""

    def text(self, name: str) -> str:
        """A field as text; empty for null and for what the server does not have."""
        value = self.data.get(name)
        return "" if value is None else value if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API: it can be done, and shown as the code that does the same.

    Attributes:
        method: below the session, such as `User.create`.
        secrets: names of keywords that are not to be shown.
        title: of what it makes, where that is not the last argument or the name.
    """

    method: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    title: str = ""

    @property
    def made(self) -> str:
        """The title of what it makes."""
        name = self.title or (self.args[-1] if self.args else self.kwargs.get("name", ""))
        return name if isinstance(name, str) else ""

    async def run(self, session: AsyncSession) -> Any:
        """Do it.

        Raises:
            BackendAPIError: the server refused, also when it answered `ok: false`.
        """
        function: Any = session
        for part in self.method.split("."):
            function = getattr(function, part)
        answer = await function(*self.args, **self.kwargs)
        if isinstance(answer, dict) and answer.get("ok") is False:
            raise refusal(str(answer.get("msg") or "without a reason"))
        return answer

    def code(self) -> str:
        """The Python call, one argument a line when there are several."""
        shown = [
            *map(repr, self.args),
            *(
                f"{name}={'getpass.getpass()' if name in self.secrets else repr(value)}"
                for name, value in self.kwargs.items()
            ),
        ]
        if len(shown) <= 1:
            return f"await session.{self.method}({', '.join(shown)})"
        lines = "".join(f"    {argument},\n" for argument in shown)
        return f"await session.{self.method}(\n{lines})"


@dataclass(frozen=True, slots=True)
class Calls:
    """Several calls, one after the other; the first that fails ends it."""

    calls: tuple[Call, ...]

    async def run(self, session: AsyncSession) -> None:
        """Do all."""
        for call in self.calls:
            await call.run(session)

    def code(self) -> str:
        """One below the other."""
        return "\n".join(call.code() for call in self.calls)


def refusal(message: str) -> Exception:
    """The error of a mutation that was answered with `ok: false`."""
    from bai_tui.api.exceptions import BackendAPIError, PermissionDeniedError

    problem = {"title": message}
    if message.startswith("no permission"):
        return PermissionDeniedError(403, "Forbidden", problem)
    return BackendAPIError(400, "Bad Request", problem)


Submit = Callable[[Call, "Item | None"], Awaitable[Any]]
"""Sends a call made by a form, for a row or for a new one; its errors are the form's to show."""

Offer = Callable[["AsyncSession", "Identity"], Awaitable[Sequence[Choice]]]
"""Asks the server what can be chosen."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A line of the form.

    Attributes:
        key: name in the form, in the text and (unless `source` differs) in the row.
        default: value in the form of a new one.
        required: must not be empty.
        when: `create`, `edit`, or `both`: in which form it is. In the other it is shown as text.
        choices: fixed choices. offer: asks for the choices. several: more than one may be chosen.
        help: a note beside the limits.
        needs: what the server must be able to do for it; empty: every server can.
    """

    key: str
    label: str
    kind: Kind
    default: Any = ""
    source: str = ""
    required: bool = False
    when: str = "both"
    choices: tuple[Choice, ...] = ()
    offer: Offer | None = None
    several: bool = False
    help: str = ""
    needs: str = ""

    @property
    def chosen(self) -> bool:
        """Whether it is chosen from a list and not typed."""
        return bool(self.choices or self.offer)

    @property
    def secret(self) -> bool:
        """Whether its value is never shown."""
        return isinstance(self.kind, Secret)

    def within(self, editing: bool) -> bool:
        """Whether the form of a new one (or the one that edits) has it."""
        return self.when in ("both", "edit" if editing else "create")

    def current(self, item: Item) -> Any:
        """Its value in a row."""
        return self.kind.of_wire(item.data.get(self.source or self.key))

    def remark(self) -> str:
        """Limits and help, for the note beside it."""
        return self.help or ("" if self.chosen else self.kind.limits)

    def stays(self, old: Any, new: Any) -> str:
        """Why a value cannot be taken away; empty when it can. Null means "as it is" to servers."""
        gone = new is None and old is not None and not self.kind.emptied
        return "cannot be emptied" if gone else ""

    def problem(self, value: Any) -> str:
        """What is wrong with a value; empty when nothing is."""
        if self.required and value in ("", None, [], {}):
            return "needed"
        if value in ("", None):
            return ""
        try:
            self.kind.check(value)
        except ValueError as error:
            return str(error)
        return ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Only the rows that belong to something, such as the keypairs of a user.

    Attributes:
        kind: name of the relation. value: what is asked for. label: for the crumbs.
        item: the row they belong to.
    """

    kind: str = ""
    value: str = ""
    label: str = ""
    item: Item | None = None


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A way from a row to other resources.

    Attributes:
        action: id of the action that goes it. target: name of the resource shown.
        label: in the list of related objects.
        scope: of the rows shown; empty: the one named by `value` in the whole list.
        value: what is asked for, from the row; empty when the row has none.
        offer: what the server must be able to do for it; empty: every server can.
    """

    action: str
    target: str
    label: str
    scope: str = ""
    value: Callable[[Item], str]
    offer: str = ""


Load = Callable[["AsyncSession", "Identity", Scope, "Fetch"], Awaitable[Sequence[Wire]]]
Fetch = Callable[[Callable[[tuple[str, ...]], Awaitable[Any]], tuple[str, ...]], Awaitable[Any]]
"""`fetch(ask, fields)` asks with those of the fields that the server has."""

Refusal = Callable[[str, Item | None], str]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A kind of object of the administration.

    Attributes:
        name: plural, as in the alias and the crumbs. one: singular.
        about: one sentence for the list of resources.
        viewers, editors: roles; empty means everybody. special: those of a single action, by its
            id, where they are not the editors.
        columns, fields, load, key: what is shown, changed, asked for, and what is unique.
        title: what a row is called, by default its key.
        create, update, remove, purge, toggle: calls; None where there is none.
        removing, purging: what these do, in words; `removing` also names the verb.
        lacks: names of fields and columns that servers of a generation do not have.
        relations: ways to other resources; the first is also gone by enter.
        interval: seconds between two questions while it is shown.
        scopes: further scopes of the registry of actions.
        hint: what to do when there is none.
        offer: what the server must be able to do for it (a key of the API's table of offers);
            empty: every server can. changing: the same for changes, where it is another.
        refuses: what servers have against doing an action (by its id) to a row, or in a list of
            what belongs to one.
    """

    name: str
    one: str
    about: str
    viewers: frozenset[str] = EVERYBODY
    editors: frozenset[str] = SUPERADMIN
    columns: tuple[Column[Item], ...]
    load: Load
    key: Callable[[Wire], str]
    title: Callable[[Item], str] = lambda item: item.key
    fields: tuple[Field, ...] = ()
    create: Callable[[Values], Call] | None = None
    update: Callable[[Item, Values], Call] | None = None
    remove: Callable[[Item], Call] | None = None
    purge: Callable[[Item], Call] | None = None
    toggle: Callable[[Item], Call] | None = None
    lacks: Callable[[Generation], Collection[str]] = lambda generation: ()
    verb: str = "Delete"
    removing: str = "It is gone for good."
    purging: str = ""
    relations: tuple[Relation, ...] = ()
    facts: Callable[[Item], Sequence[tuple[str, str]]] | None = None
    interval: int = 30
    scopes: tuple[str, ...] = ()
    sort: str = ""
    hint: str = ""
    offer: str = ""
    changing: str = ""
    special: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refuses: Refusal = lambda action, item: ""

    def roles(self, action: Action) -> frozenset[str]:
        """The roles that have an action of its view: who may see it, and change what it changes."""
        if not action.mutating:
            return self.viewers
        editors = self.special.get(action.id, self.editors)
        return self.viewers & editors if self.viewers and editors else self.viewers or editors

    def all_scopes(self) -> tuple[str, ...]:
        """Scopes of the actions this resource has, the most special first."""
        derived = {
            "admin.create": self.create,
            "admin.edit": self.update,
            "admin.toggle": self.toggle,
            "admin.remove": self.remove,
            "admin.purge": self.purge,
            "admin.related": self.relations,
        }
        return (
            *self.scopes,
            *(scope for scope, there in derived.items() if there),
            *(f"admin.to.{relation.action}" for relation in self.relations),
            "admin",
            "table",
        )


def is_active(item: Item) -> bool:
    """Whether the server counts it as active."""
    status = item.data.get("status")
    if item.data.get("is_active") is None and isinstance(status, str):
        return status.lower() == "active"
    return bool(item.data.get("is_active"))

"""Query, variables, result: the query is checked and completed by the server's own schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, OptionList, Static, Tree
from textual.widgets.tree import TreeNode

from bai_tui import actions
from bai_tui.connection import NotWritableError
from bai_tui.diagnosis import explain
from bai_tui.screens.graphql import language
from bai_tui.screens.view import View
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.editor import CodeEditor
from bai_tui.widgets.fields import TextField
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Column
from bai_tui.widgets.text import printable

if TYPE_CHECKING:
    from graphql import GraphQLSchema

KEPT: Final = 100
"""Queries in the history; their variables are not kept, they may be secrets."""
FIRST: Final = "{ user { email role domain_name groups { name } } }"


class QueryEditor(CodeEditor):
    """Enter begins a line."""

    @property
    def runs_on_enter(self) -> bool:
        """A key of its own runs it."""
        return False


class GraphQLView(View):
    """The console."""

    CRUMB = "graphql"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("graphql",)
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("graphql")]
    CSS_PATH = "../../assets/graphql.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._schema: GraphQLSchema | None = None
        self._schema_of = 0
        self._answer: Any = None

    def compose_body(self) -> ComposeResult:
        """Query and variables above what came back."""
        yield QueryEditor(id="query")
        yield OptionList(id="names")
        yield TextField(placeholder='variables, as JSON: {"name": "default"}', id="variables")
        yield Static(id="verdict", markup=False)
        yield Tree[None]("result", id="tree")
        yield LiveTable((Column(key="-", label="-", render=str),), key=id, what="rows", id="table")

    @property
    def editor(self) -> QueryEditor:
        """The query."""
        return self.query_one(QueryEditor)

    def setup(self) -> None:
        """The last query, and the schema."""
        self.editor.language_name = "graphql"
        self.query_one("#names").display = False
        self.query_one(LiveTable).display = False
        self.query_one(Tree).show_root = False
        history = self.host.remembered.get("graphql", "history", [])
        self.editor.show(str(history[-1]) if history else FIRST)
        self.focus_body()
        self._ask_schema()

    def focus_body(self) -> None:
        """Keys go to the query."""
        self.editor.focus()

    def connection_changed(self) -> None:
        """Another server has another schema."""
        super().connection_changed()
        if self.is_mounted:
            self._ask_schema()

    def _ask_schema(self) -> None:
        if self.connection.ready and self._schema_of != self.connection.generation:
            self._schema_of = self.connection.generation
            self.in_background(self._load_schema, "schema")

    async def _load_schema(self) -> None:
        try:
            answer = await self.connection.session.Admin.query(language.introspection_query())
            self._schema = language.schema_of(answer)
        except Exception as error:
            self.connection.suspect(error)
            self._schema = None
            self.flash(f"the server tells no schema: {explain(error).line}", "warning")
        self._check()

    def _check(self) -> None:
        wrong = (
            language.problems(self._schema, self.editor.text) if self.editor.text.strip() else []
        )
        known = "checked by the server's schema" if self._schema else "the schema is not known"
        verdict = self.query_one("#verdict", Static)
        verdict.update(printable(f"✗ {wrong[0]}" if wrong else f"· {known}"))
        verdict.set_class(bool(wrong), "-wrong")

    def on_text_area_changed(self) -> None:
        """Check as one types."""
        self._check()

    def on_code_editor_completing(self, event: CodeEditor.Completing) -> None:
        """Tab: names that can stand there."""
        lines = event.code.split("\n")
        before = "\n".join([*lines[: event.row], lines[event.row][: event.column]])
        names = language.complete(self._schema, before) if self._schema is not None else []
        self.editor.offer(names, self.query_one("#names", OptionList))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A name was clicked."""
        self.editor.take_option(event.option_index)

    def on_code_editor_left(self) -> None:
        """Escape: to the result."""
        table = self.query_one(LiveTable)
        (table if table.display else self.query_one(Tree)).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the variables runs it."""
        if event.input.id == "variables":
            event.stop()
            self.do_graphql_run("")

    # Running.

    def do_graphql_run(self, argument: str) -> None:
        """Check, ask before a change, send."""
        query, text = self.editor.text.strip(), self.query_one("#variables", TextField).value
        wrong = language.problems(self._schema, query)
        try:
            variables = json.loads(text) if text.strip() else None
            if variables is not None and not isinstance(variables, dict):
                raise ValueError
        except ValueError:
            wrong = ["the variables are no JSON object"]
        if wrong:
            self.flash(wrong[0], "warning", "\n".join(wrong))
            return
        if not language.changes(query):
            self.attempt(self._run(query, variables, change=False), "run")
            return
        if reason := self.connection.refusal():
            self.flash(f"mutation: {reason}", "warning")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._run(query, variables, change=True), "run")

        self.app.push_screen(
            Confirm("Send the mutation?", "It changes the cluster.", names=query.split("\n"),
                    verb="Send"), answered,
        )  # fmt: skip

    async def _run(self, query: str, variables: dict[str, Any] | None, *, change: bool) -> None:
        if not self.connection.ready:
            raise NotWritableError("there is no connection")
        history = [q for q in self.host.remembered.get("graphql", "history", []) if q != query]
        self.host.remembered.set("graphql", "history", [*history, query][-KEPT:])
        if change:
            answer = await self.connection.write(lambda s: s.Admin.query(query, variables))
        else:
            answer = await self.connection.session.Admin.query(query, variables)
        self._answer = answer
        self._show()
        self.flash("answered", "success")

    def _show(self) -> None:
        tree = self.query_one(Tree)
        tree.clear()
        _grow(tree.root, self._answer)
        rows = [dict(row) for row in language.first_list(self._answer)]
        names = list(dict.fromkeys(name for row in rows[:100] for name in row))
        table = self.query_one(LiveTable)
        table.clear()
        table.set_columns([_column(name) for name in names] or [_column("-")])
        table.set_rows(rows)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Any]) -> None:
        """Children are made when they are looked at."""
        if event.node.data is not None:
            value, event.node.data = event.node.data, None
            _grow(event.node, value)

    def do_graphql_show(self, argument: str) -> None:
        """The other way to look at it."""
        tree, table = self.query_one(Tree), self.query_one(LiveTable)
        tree.display, table.display = not tree.display, not table.display

    def do_graphql_history(self, argument: str) -> None:
        """Choose from what was run."""
        history = [str(q) for q in reversed(self.host.remembered.get("graphql", "history", []))]

        def chosen(queries: tuple[str, ...] | None) -> None:
            if queries:
                self.editor.show(queries[0])
                self.focus_body()

        self.app.push_screen(Picker("History", [Choice(q, " ".join(q.split())) for q in history]),
                             chosen)  # fmt: skip

    def do_graphql_copy(self, argument: str) -> None:
        """The answer as JSON."""
        self.copy(json.dumps(self._answer, indent=2, ensure_ascii=False), "the result")

    def do_graphql_edit(self, argument: str) -> None:
        """Back to the query."""
        self.focus_body()


def _column(name: str) -> Column[dict[str, Any]]:
    def value(row: dict[str, Any]) -> Any:
        return row.get(name)

    def render(row: dict[str, Any]) -> str:
        inner = value(row)
        if isinstance(inner, (dict, list)):
            return json.dumps(inner, ensure_ascii=False)
        return "" if inner is None else str(inner)

    return Column(key=name, label=name.upper(), render=render, value=value, max_width=40)


def _grow(node: TreeNode[Any], value: Any) -> None:
    """One level; what lies deeper is kept until it is unfolded."""
    items = value.items() if isinstance(value, dict) else enumerate(value or ())
    for name, inner in items:
        label = printable(str(name))
        if isinstance(inner, (dict, list)) and inner:
            size = f" [{len(inner)}]" if isinstance(inner, list) else ""
            child = node.add(_plain(f"{label}{size}"), data=inner)
            if isinstance(inner, dict) or len(inner) <= 20:
                child.expand()
        else:
            node.add_leaf(_plain(f"{label}: {printable(str(inner))}"))
    node.expand()


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)

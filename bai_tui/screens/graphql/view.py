"""Query, variables, result: the query is checked and completed by the server's own schema."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Click
from textual.widgets import Input, OptionList, Static

from bai_tui import actions
from bai_tui.api import BackendAPIError
from bai_tui.connection import NotWritableError
from bai_tui.diagnosis import explain
from bai_tui.screens.admin.masks import masked
from bai_tui.screens.graphql import language, schemas
from bai_tui.screens.graphql.language import Mistake
from bai_tui.screens.graphql.line import VariablesLine
from bai_tui.screens.graphql.result import ResultTree, columns_for
from bai_tui.screens.view import View
from bai_tui.widgets.bars import Hint
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.editor import CodeEditor
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Column
from bai_tui.widgets.text import printable

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from bai_tui.screens.graphql.schemas import Known

KEPT: Final = 100
"""Queries in the history; their variables are not kept, they may be secrets."""
LONGEST: Final = 20_000
"""Characters beyond which a query is not kept."""
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
        self._known: Known | None = None
        self._schema_of = 0
        self._told: list[Mistake] = []
        self._shown: list[Mistake] = []
        self._answer: Any = None

    def compose_body(self) -> ComposeResult:
        """Query and variables above what came back."""
        yield QueryEditor(id="query")
        yield OptionList(id="names")
        yield VariablesLine(self._complete_variables, id="variables")
        yield Static(id="verdict", markup=False)
        yield ResultTree(id="tree")
        yield LiveTable((Column(key="-", label="-", render=str),), key=id, what="rows", id="table")

    @property
    def editor(self) -> QueryEditor:
        """The query."""
        return self.query_one(QueryEditor)

    @property
    def variables(self) -> VariablesLine:
        """The line of variables."""
        return self.query_one(VariablesLine)

    @property
    def _schema(self) -> GraphQLSchema | None:
        return self._known.schema if self._known is not None else None

    def setup(self) -> None:
        """The last query, and the schema."""
        self.editor.language_name = "graphql"
        self.query_one("#names").display = False
        self.query_one(LiveTable).display = False
        key = self.key_of(actions.BY_ID["graphql.run"])
        self.query_one(ResultTree).wait(f"{key} asks; the answer comes here")
        history = self.host.remembered.get("graphql", "history", [])
        self.editor.show(str(history[-1]) if history else FIRST)
        self.focus_body()
        self._ask_schema()

    def focus_body(self) -> None:
        """Keys go to the query."""
        self.editor.focus()

    def hints(self) -> list[Hint]:
        """How to get out of the query, too: every other key writes there."""
        shown = super().hints()
        if self.typing and not self.prompt.is_open:
            shown.insert(-1, Hint("esc", "leave", "app.back"))
        return shown

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
        session = self.connection.session
        try:
            self._known = await schemas.of_server(session)
        except Exception as error:
            self.connection.suspect(error)
            self._known = await asyncio.to_thread(schemas.brought, session.generation.schema)
            why = explain(error).line
            self.flash(f"the server tells no schema: {why}; {self._known.name}", "warning")
        self._check()

    def _wrong(self, schema: GraphQLSchema | None) -> list[Mistake]:
        query = self.editor.text
        if not query.strip():
            return []
        wrong = language.problems(schema, query)
        if not wrong:
            wrong = language.variable_problems(schema, query, self.variables.value)[1]
        return wrong

    def _check(self) -> None:
        wrong = self._shown = self._wrong(self._schema) or self._told
        known = f"checked by {self._known.name}" if self._known else "asking for the schema…"
        more = f"  (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        verdict = self.query_one("#verdict", Static)
        verdict.update(printable(f"✗ {wrong[0]}{more}" if wrong else f"· {known}"))
        verdict.set_class(bool(wrong), "-wrong")
        self.editor.mark([mistake.place for mistake in wrong if mistake.place is not None])

    def on_text_area_changed(self) -> None:
        """Check as one types."""
        self._told = []
        self._check()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Variables are checked, too."""
        if event.input is self.variables:
            event.stop()
            self._check()

    def on_click(self, event: Click) -> None:
        """A click on what is wrong goes there."""
        if event.widget is self.query_one("#verdict") and self._shown:
            self._go_to(self._shown[0])

    def _go_to(self, mistake: Mistake) -> None:
        if mistake.place is None:
            self.variables.focus()
        else:
            self.editor.move_cursor(mistake.place)
            self.focus_body()

    def _complete_variables(self, typed: str) -> list[str]:
        return language.complete_variables(self._schema, self.editor.text, typed)

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
        (table if table.display else self.query_one(ResultTree)).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the variables runs it."""
        if event.input.id == "variables":
            event.stop()
            self.do_graphql_run("")

    # Running.

    def do_graphql_run(self, argument: str) -> None:
        """Check, ask before a change, send."""
        query = self.editor.text.strip()
        if not query:
            self.flash("there is no query", "warning")
            return
        self._told = []
        # What a schema says that is not the server's own is good to know, but may be wrong.
        own = self._known is not None and self._known.own
        if wrong := self._wrong(self._schema if own else None):
            self._go_to(wrong[0])
            self.flash(str(wrong[0]), "warning", "\n".join(map(str, wrong)))
            return
        variables, _ = language.variable_problems(None, query, self.variables.value)
        if not language.changes(query):
            self.attempt(self._run(query, variables, change=False), "run")
            return
        if reason := self.connection.refusal():
            self.flash(f"mutation: {reason}", "warning")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._run(query, variables, change=True), "run")

        lines = masked("", query).split("\n")
        title, text = "Send the mutation?", "It changes the cluster."
        self.app.push_screen(Confirm(title, text, names=lines, verb="Send"), answered)

    async def _run(self, query: str, variables: dict[str, Any] | None, *, change: bool) -> None:
        if not self.connection.ready:
            raise NotWritableError("there is no connection")
        self._keep(query)
        asked = asyncio.get_running_loop().time()
        try:
            if change:
                answer = await self.connection.write(lambda s: s.Admin.query(query, variables))
            else:
                answer = await self.connection.session.Admin.query(query, variables)
        except BackendAPIError as error:
            if self.editor.text.strip() == query:
                self._told = language.mistakes_told(error.data)
                self._check()
            raise
        self._answer = answer
        self._show()
        seconds = asyncio.get_running_loop().time() - asked
        self.flash(f"answered in {seconds:.1f} s", "success")

    def _keep(self, query: str) -> None:
        """Into the history, without the secrets that may stand in it."""
        kept = masked("", query)
        if len(kept) <= LONGEST:
            history = [q for q in self.host.remembered.get("graphql", "history", []) if q != kept]
            self.host.remembered.set("graphql", "history", [*history, kept][-KEPT:])

    def _show(self) -> None:
        self.query_one(ResultTree).show(self._answer)
        rows = [dict(row) for row in language.first_list(self._answer)]
        table = self.query_one(LiveTable)
        table.clear()
        table.set_columns(columns_for(rows))
        table.set_rows(rows)

    def do_graphql_show(self, argument: str) -> None:
        """The other way to look at it."""
        tree, table = self.query_one(ResultTree), self.query_one(LiveTable)
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

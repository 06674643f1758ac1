"""The ways from a row to what belongs to it."""

from __future__ import annotations

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.screens.admin import catalogue
from bai_tui.screens.admin.acts import ResourceActs
from bai_tui.screens.admin.resource import Relation, Scope
from bai_tui.widgets.picker import Choice, Picker


class ResourceWays(ResourceActs):
    """The going half of the view; the subclass shows the rows."""

    def lacks(self, offer: str) -> str:
        """Why the server cannot do something, by its key in the table of offers."""
        session = self.connection.session
        return session.generation.refusal(offer, session.release)

    def _misses(self, relation: Relation) -> str:
        """Why this server has nothing to show at the end of a way."""
        return self.lacks(relation.offer) if relation.offer and self.connection.ready else ""

    def no_way(self, action: Action) -> str:
        """Why the way that an action goes leads nowhere on this server."""
        ways = (r for r in self.RESOURCE.relations if action.id == _action_of(r))
        return next(map(self._misses, ways), "")

    def label_of(self, action: Action) -> str:
        """A way to a list is called as the list it leads to."""
        for relation in self.RESOURCE.relations:
            if relation.scope and action.id == _action_of(relation):
                return relation.target.removeprefix("related-").replace("-", " ")
        if action.id == "admin.remove":
            return self.RESOURCE.verb.lower()
        return super().label_of(action)

    def follow(self, relation: Relation) -> None:
        """Show what belongs to the row."""
        item = self.current()
        if item is None:
            return
        value = relation.value(item)
        if not value:
            self.flash(f"{self.RESOURCE.title(item)} has none: {relation.label}", "warning")
            return
        view = catalogue.view_class(relation.target)
        if relation.scope:
            scope = Scope(relation.scope, value, self.RESOURCE.title(item), item)
            self.app.push_screen(view(scope))
        else:
            self.app.push_screen(view(Scope(), at=value))

    def _follow(self, action: str) -> None:
        relation = next((r for r in self.RESOURCE.relations if r.action == action), None)
        if relation is not None:
            self.follow(relation)

    def do_admin_related(self, argument: str) -> None:
        """Choose one of the ways."""
        choices = [
            Choice(relation.label, relation.label, self._key_of(relation))
            for relation in self.RESOURCE.relations
            if not self._misses(relation)
        ]

        def chosen(labels: tuple[str, ...] | None) -> None:
            for relation in self.RESOURCE.relations:
                if labels and relation.label == labels[0]:
                    self.follow(relation)

        self.app.push_screen(Picker("Related", choices), chosen)

    def _key_of(self, relation: Relation) -> str:
        return self.key_of(actions.BY_ID[_action_of(relation)])

    def do_admin_to_sessions(self, argument: str) -> None:
        """Its sessions."""
        self._follow("sessions")

    def do_admin_to_keypairs(self, argument: str) -> None:
        """Its keypairs."""
        self._follow("keypairs")

    def do_admin_to_users(self, argument: str) -> None:
        """Its users."""
        self._follow("users")

    def do_admin_to_groups(self, argument: str) -> None:
        """Its groups."""
        self._follow("groups")

    def do_admin_to_agents(self, argument: str) -> None:
        """Its agents."""
        self._follow("agents")

    def do_admin_to_scaling(self, argument: str) -> None:
        """Its scaling groups."""
        self._follow("scaling")

    def do_admin_to_policy(self, argument: str) -> None:
        """Its policy."""
        self._follow("policy")

    def do_admin_to_domain(self, argument: str) -> None:
        """Its domain."""
        self._follow("domain")

    def do_admin_to_quotas(self, argument: str) -> None:
        """What it stores."""
        self._follow("quotas")

    def do_admin_to_images(self, argument: str) -> None:
        """Its images."""
        self._follow("images")


def _action_of(relation: Relation) -> str:
    """The id of the action that goes a way."""
    return f"admin.to.{relation.action}"

"""The main views: one line each makes its number key, its names at the prompt and its mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bai_tui.actions.model import Action


@dataclass(frozen=True, slots=True)
class MainView:
    """A view that a key, the palette or the prompt switches to.

    Attributes:
        name: name of the view and of its mode.
        key: default key.
        module, screen: where its class is; loaded when it is first shown.
        help: one sentence.
        aliases: names at the `:` prompt.
        argument: what may follow the name at the prompt.
    """

    name: str
    key: str
    module: str
    screen: str
    help: str
    aliases: tuple[str, ...]
    argument: str = ""


MAIN_VIEWS: Final[tuple[MainView, ...]] = (
    MainView("home", "1", "bai_tui.screens.home.view", "HomeView",
             "Show who I am, what I use, what failed.", ("home", "ho")),
    MainView("sessions", "2", "bai_tui.screens.sessions.view", "SessionsView",
             "Show the compute sessions.", ("sessions", "ss"),
             "[running|dead|default] [/filter]"),
    MainView("vfolders", "3", "bai_tui.screens.folders.view", "FoldersView",
             "Show the virtual folders.", ("vfolders", "vf"), "[invitations|hosts|/filter|@NAME]"),
    MainView("transfers", "4", "bai_tui.screens.transfers", "TransfersView",
             "Show the uploads and downloads.", ("transfers", "tm"), "[/filter]"),
    MainView("tasks", "", "bai_tui.screens.tasks", "TasksView",
             "Show the background tasks of the server that were begun here.", ("tasks", "bg"),
             "[/filter]"),
    MainView("events", "5", "bai_tui.screens.events", "EventsView",
             "Show the live event log.", ("events", "ev"), "[/filter]"),
    MainView("terminals", "grave_accent", "bai_tui.screens.terminal", "TerminalsView",
             "Show the open terminals.", ("terminals", "terms"), "[SESSION [ACCESS_KEY]]"),
    MainView("apps", "F", "bai_tui.screens.apps.view", "AppsView",
             "Show the local ports to services of sessions.", ("apps", "px"), "[/filter]"),
    MainView("sweeps", "0", "bai_tui.screens.sweeps.view", "SweepsView",
             "Show the parameter studies.", ("sweeps", "sw"), "[/filter]"),
    MainView("connections", "8", "bai_tui.screens.connections.view", "ConnectionsView",
             "Show the clusters known by name; test them, switch.", ("connections", "ctx"),
             "[NAME]"),
    MainView("settings", "9", "bai_tui.screens.settings.view", "SettingsView",
             "Show the settings and the key map; change them.", ("settings", "keys"), "[/filter]"),
    MainView("admin", "6", "bai_tui.screens.admin.hub", "AdminView",
             "Show what can be administered.", ("admin", "ad")),
    MainView("graphql", "7", "bai_tui.screens.graphql.view", "GraphQLView",
             "Show the GraphQL console.", ("graphql", "gql")),
    MainView("agents", "", "bai_tui.screens.admin.agents", "AgentsView",
             "Show the agents.", ("agents", "ag"), "[NAME|/filter]"),
    MainView("users", "", "bai_tui.screens.admin.users", "UsersView",
             "Show the users.", ("users", "us"), "[NAME|/filter]"),
    MainView("keypairs", "", "bai_tui.screens.admin.keypairs", "KeypairsView",
             "Show the keypairs.", ("keypairs", "kp"), "[NAME|/filter]"),
    MainView("groups", "", "bai_tui.screens.admin.groups", "GroupsView",
             "Show the groups.", ("groups", "gr"), "[NAME|/filter]"),
    MainView("domains", "", "bai_tui.screens.admin.domains", "DomainsView",
             "Show the domains.", ("domains", "do"), "[NAME|/filter]"),
    MainView("scaling-groups", "", "bai_tui.screens.admin.scaling", "ScalingGroupsView",
             "Show the scaling groups.", ("scaling-groups", "sg"), "[NAME|/filter]"),
    MainView("policies", "", "bai_tui.screens.admin.policies", "PoliciesView",
             "Show the keypair resource policies.", ("policies", "rp"), "[NAME|/filter]"),
    MainView("presets", "", "bai_tui.screens.admin.presets", "PresetsView",
             "Show the resource presets.", ("presets", "pr"), "[NAME|/filter]"),
    MainView("images", "", "bai_tui.screens.admin.images", "ImagesView",
             "Show the images.", ("images", "im"), "[NAME|/filter]"),
    MainView("user-policies", "", "bai_tui.screens.admin.storagepolicies", "UserPoliciesView",
             "Show the resource policies of users.", ("user-policies", "ur"), "[NAME|/filter]"),
    MainView("project-policies", "", "bai_tui.screens.admin.storagepolicies",
             "ProjectPoliciesView", "Show the resource policies of projects.",
             ("project-policies", "pj"), "[NAME|/filter]"),
    MainView("quotas", "", "bai_tui.screens.admin.quotas", "QuotasView",
             "Show what users and projects store, and their limits.", ("quotas", "qs"),
             "[NAME|/filter]"),
    MainView("storage-hosts", "", "bai_tui.screens.admin.storages", "StorageHostsView",
             "Show the volumes folders lie on.", ("storage-hosts", "st"), "[NAME|/filter]"),
    MainView("registries", "", "bai_tui.screens.admin.registries", "RegistriesView",
             "Show the container registries.", ("registries", "rg"), "[NAME|/filter]"),
    MainView("services", "", "bai_tui.screens.admin.services", "ServicesView",
             "Show the model services.", ("services", "sv"), "[NAME|/filter]"),
    MainView("etcd", "", "bai_tui.screens.admin.etcd", "EtcdView",
             "Show the configuration store.", ("etcd", "et"), "[KEY|/filter]"),
    MainView("manager", "", "bai_tui.screens.admin.manager", "ManagerView",
             "Show the manager's status and announcement.", ("manager", "mg"), ""),
    MainView("usage", "", "bai_tui.screens.admin.usage", "UsageView",
             "Show what was used, per month or period.", ("usage", "ug"),
             "[YYYYMM|YYYYMMDD-YYYYMMDD]"),
    MainView("audit", "", "bai_tui.screens.admin.audit", "AuditView",
             "Show who did what on the cluster.", ("audit", "au"), "[/filter]"),
    MainView("server-logs", "", "bai_tui.screens.admin.serverlogs", "ServerLogsView",
             "Show the errors reported to the server.", ("server-logs", "lg"), "[/filter]"),
)  # fmt: skip

ACTIONS: Final[tuple[Action, ...]] = tuple(
    Action(
        f"app.view.{view.name}",
        (view.key,) if view.key else (),
        view.name,
        view.help,
        "Views",
        "app",
        view.aliases,
        argument=view.argument,
        view=view.name,
    )
    for view in MAIN_VIEWS
)

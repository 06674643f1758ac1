"""Actions of the administration's resources: generic ones, ways between them, special ones."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _act(
    name: str,
    scope: str,
    key: str,
    label: str,
    text: str,
    *aliases: str,
    row: bool = False,
    mutating: bool = False,
    hint: int = 0,
    argument: str = "",
) -> Action:
    return Action(
        name,
        tuple(key.split()),
        label,
        text,
        "Administration",
        scope,
        aliases,
        needs_row=row,
        mutating=mutating,
        hint=hint,
        argument=argument,
    )


def _to(name: str, key: str, label: str, text: str) -> Action:
    scope = f"admin.to.{name}"
    return _act(scope, scope, key, label, text, f"to-{name}", row=True, hint=45)


ACTIONS: Final[tuple[Action, ...]] = (
    _act("admin.create", "admin.create", "n", "new", "Create one, in a form.", "create",
         mutating=True, hint=20),
    _act("admin.edit", "admin.edit", "e", "edit", "Change it in a form.", "edit",
         row=True, mutating=True, hint=25),
    _act("admin.text", "admin.edit", "E", "as text",
         "Change it as text in $EDITOR; the difference is shown before it is sent.", "edit-text",
         row=True, mutating=True, hint=65),
    _act("admin.toggle", "admin.toggle", "t", "on/off", "Activate it, or deactivate it.",
         "toggle", row=True, mutating=True, hint=35),
    _act("admin.remove", "admin.remove", "ctrl+d", "delete",
         "Delete or deactivate it, as the server has it; the name must be typed.", "delete",
         row=True, mutating=True, hint=50),
    _act("admin.purge", "admin.purge", "ctrl+x", "purge",
         "Remove it for ever with all that belongs to it; the name must be typed.", "purge",
         row=True, mutating=True),
    _act("admin.related", "admin.related", "J", "related",
         "Choose from the objects that belong to the row.", "related", row=True, hint=55),
    # From a row to what belongs to it.
    _to("sessions", "s", "sessions", "Show its compute sessions."),
    _to("keypairs", "p", "keypairs", "Show its keypairs."),
    _to("users", "u", "users", "Show the user, or the users that belong to it."),
    _to("groups", "m", "groups", "Show the groups it belongs to or has."),
    _to("agents", "h", "agents", "Show the agents that run it or belong to it."),
    _to("scaling", "r", "scaling groups", "Show its scaling groups, or who may use it."),
    _to("policy", "y", "policy", "Show its resource policy."),
    _to("domain", "i", "domain", "Show its domain."),
    _to("quotas", "Q", "quotas", "Show what it stores on which host, and its limits."),
    _to("images", "v", "images", "Show its images."),
    # Agents.
    _act("agent.watcher", "agent", "v", "watcher", "Ask the agent's watcher how the agent is.",
         "watcher", row=True, hint=40),
    _act("agent.start", "agent", "S", "start", "Let the watcher start the agent.",
         "agent-start", row=True, mutating=True),
    _act("agent.stop", "agent", "K", "stop",
         "Let the watcher stop the agent; its name must be typed.", "agent-stop",
         row=True, mutating=True),
    _act("agent.restart", "agent", "R", "restart",
         "Let the watcher restart the agent; asks first.", "agent-restart",
         row=True, mutating=True),
    # Members of a group, users of a scaling group.
    _act("members.add", "members", "n", "add", "Add users to the group.", "add-members",
         mutating=True, hint=20),
    _act("scaling.associate", "associations", "n", "associate",
         "Let a domain, a group or a keypair use the scaling group.", "associate",
         mutating=True, hint=20),
    # Images.
    _act("image.rescan", "images", "R", "rescan",
         "Read the images of the registries anew; shows how it goes on.", "rescan",
         mutating=True, hint=20, argument="[REGISTRY]"),
    _act("image.alias", "images", "n", "alias", "Give the image another name.", "alias",
         row=True, mutating=True, hint=30, argument="NAME"),
    _act("image.dealias", "images", "K", "dealias", "Remove one of the image's other names.",
         "dealias", row=True, mutating=True),
    # Sessions, as they belong to something.
    _act("related.session", "related-session", "S", "in sessions",
         "Go to it in the list of sessions, where everything can be done with it.",
         "to-session", row=True, hint=30),
    # Configuration store.
    _act("etcd.set", "etcd", "n", "new key", "Set a key that is not there yet.", "etcd-new",
         mutating=True, hint=20),
    _act("etcd.edit", "etcd", "e", "edit", "Change the value; the old one is shown.",
         "etcd-edit", row=True, mutating=True, hint=25),
    _act("etcd.text", "etcd", "E", "as text",
         "Change everything below the key as text in $EDITOR, with the difference shown.",
         "etcd-text", row=True, mutating=True, hint=65),
    _act("etcd.reveal", "etcd", "v", "show secret",
         "Show the value as it is, also a secret; it is not kept in the messages.", "reveal",
         row=True),
    _act("etcd.delete", "etcd", "ctrl+d", "delete",
         "Delete the key, or with the name typed everything below it.", "etcd-delete",
         row=True, mutating=True, hint=50),
    _act("etcd.fold", "etcd", "z", "fold all", "Unfold all keys, or fold them.", "fold",
         hint=55),
    # Manager.
    _act("manager.freeze", "manager", "f", "freeze",
         "Refuse changes from now on; sessions go on. The word must be typed.", "freeze",
         mutating=True, hint=20),
    _act("manager.force", "manager", "ctrl+x", "freeze, kill",
         "Refuse changes and end all sessions; the word must be typed.", "freeze-kill",
         mutating=True),
    _act("manager.unfreeze", "manager", "u", "unfreeze", "Allow changes again.", "unfreeze",
         mutating=True, hint=30),
    _act("manager.announce", "manager", "e", "announce",
         "Write the announcement that everybody is shown.", "announce", mutating=True, hint=40,
         argument="TEXT"),
    _act("manager.silence", "manager", "K", "no announcement", "Take the announcement back.",
         "silence", mutating=True),
    _act("manager.recalculate", "manager", "R", "recalculate",
         "Let the server count anew what sessions use.", "recalculate", mutating=True),
    # Usage.
    _act("usage.earlier", "usage", "left_square_bracket", "earlier", "Show the time before.",
         "earlier", hint=20),
    _act("usage.later", "usage", "right_square_bracket", "later", "Show the time after.",
         "later", hint=25),
    _act("usage.period", "usage", "p", "period",
         "Choose the days or the month shown.", "period", hint=30,
         argument="[YYYYMM|YYYYMMDD-YYYYMMDD]"),
    _act("usage.metric", "usage", "v", "metric", "Plot another measure.", "metric", hint=35),
    # Model services.
    _act("service.sync", "services", "y", "sync",
         "Tell the app proxy anew where the service's sessions are.", "service-sync",
         row=True, mutating=True),
    _act("service.clear", "services", "K", "clear errors",
         "Forget what failed; sessions that could not be made are tried again.",
         "service-clear", row=True, mutating=True),
    # Logs.
    _act("pages.older", "pages", "right_square_bracket", "older",
         "Show the page of older entries.", "older", hint=20),
    _act("pages.newer", "pages", "left_square_bracket", "newer",
         "Show the page of newer entries.", "newer", hint=25),
    _act("serverlog.clear", "serverlog", "ctrl+d", "clear",
         "Mark the entries as dealt with; asks first.", "clear-log",
         row=True, mutating=True, hint=50),
)  # fmt: skip

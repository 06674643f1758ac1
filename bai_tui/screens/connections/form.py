"""The form of a profile: everything checked before it is saved, tried before if one likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from bai_tui import actions, profiles
from bai_tui.screens.connections.probe import probe
from bai_tui.screens.connections.report import show_report
from bai_tui.screens.forms import Fields
from bai_tui.settings import COLORS, Profile, ProfileTarget, SettingsError
from bai_tui.widgets.fields import ChoiceField, FormRow, TextField
from bai_tui.widgets.picker import Choice

_API_MODE: Final = "api"
_SESSION_MODE: Final = "session"
_KEPT: Final = "kept as it is unless you type another one"


class ProfileView(Fields):
    """Saves the profile, then tells its name to `saved` and closes.

    Args:
        profile: the one to change; None for a new one.
        taken: names of the others.
    """

    CRUMB = "profile"
    SCOPES: ClassVar[tuple[str, ...]] = ("profile",)
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("profile")]
    DEFAULT_CSS = """
    ProfileView #fields { height: 1fr; padding: 1 1 0 1; scrollbar-size: 1 1; }
    ProfileView #buttons { height: 1; margin: 1 0 0 13; }
    ProfileView #buttons Button { margin-right: 2; min-width: 12; }
    ProfileView #remark { margin-top: 1; color: $text-muted; height: auto; }
    """

    def __init__(
        self, profile: Profile | None, taken: frozenset[str], saved: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._profile = profile
        self._taken = taken
        self._saved = saved

    def compose_body(self) -> ComposeResult:
        """The fields."""
        old = self._profile or Profile("", {})
        options = old.options
        known = bool(old.secret_key or old.in_keyring)
        with VerticalScroll(id="fields", can_focus=False):
            yield FormRow("Name", TextField(old.name, id="name"), id="row-name")
            yield FormRow("Mode", ChoiceField("Mode", id="mode"), id="row-mode")
            yield FormRow(
                "Endpoint",
                TextField(str(options.get("endpoint", "")), placeholder="https://…", id="endpoint"),
                id="row-endpoint",
            )
            yield FormRow(
                "Access key",
                TextField(str(options.get("access_key", "")), id="access_key"),
                id="row-access_key",
            )
            yield FormRow("User", TextField(old.username, id="username"), id="row-username")
            secret = TextField("", placeholder=_KEPT if known else "", id="secret")
            secret.password = True
            yield FormRow("Secret", secret, id="row-secret")
            yield FormRow("Domain", TextField(str(options.get("domain", "")), id="domain"))
            yield FormRow("Group", TextField(str(options.get("group", "")), id="group"))
            yield FormRow("Certificate", ChoiceField("Certificate", id="tls"), id="row-tls")
            yield FormRow("Changes", ChoiceField("Changes", id="read_only"))
            yield FormRow("Colour", ChoiceField("Colour", empty="none", id="color"))
            with Horizontal(id="buttons"):
                yield Button("Save", id="save", variant="primary", compact=True)
                yield Button("Test", id="test", compact=True)
                yield Button("Cancel", id="cancel", compact=True)
            yield Static(self._remark(), id="remark", markup=False)

    def _remark(self) -> str:
        from bai_tui import keychain

        ring = keychain.backend()
        place = f"the system keyring ({ring})" if ring else "secrets.toml, readable by you alone"
        return f"The secret goes to {place}. It is never shown."

    def setup(self) -> None:
        """Offer the choices; the focus is on the name."""
        old = self._profile or Profile("", {})
        mode = _SESSION_MODE if old.session_mode else _API_MODE
        self._choice("mode").offer(
            [
                Choice(_API_MODE, "api", "signs with a keypair, at the manager"),
                Choice(_SESSION_MODE, "session", "logs in with a password, at the web server"),
            ],
            [mode],
        )
        tls = "any" if old.options.get("skip_sslcert_validation") else "check"
        self._choice("tls").offer(
            [Choice("check", "check"), Choice("any", "accept any", "test servers only")], [tls]
        )
        self._choice("read_only").offer(
            [Choice("no", "allowed"), Choice("yes", "read-only")],
            ["yes" if old.read_only else "no"],
        )
        self._choice("color").offer(
            [Choice("", "none"), *(Choice(color, color) for color in COLORS)], [old.color]
        )
        self.query_one("#name").focus()
        self.check()

    def focus_body(self) -> None:
        """Back to the first field."""
        self.query_one("#name").focus()

    def _choice(self, name: str) -> ChoiceField:
        return self.query_one(f"#{name}", ChoiceField)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", TextField).value.strip()

    def on_input_changed(self) -> None:
        """Check while typing."""
        self.check()

    def on_choice_field_changed(self) -> None:
        """Another mode has other fields."""
        self.check()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """By mouse what the keys do."""
        event.stop()
        name = "app.back" if event.button.id == "cancel" else f"profile.{event.button.id}"
        self.perform(actions.BY_ID[name])

    def check(self) -> None:
        """Show what is wrong, and the fields of the mode chosen."""
        session = self._choice("mode").value == _SESSION_MODE
        self.query_one("#row-access_key").display = not session
        self.query_one("#row-username").display = session
        notes = {
            "name": "shown in every view",
            "endpoint": "of the web server" if session else "of the manager",
            "access_key": "",
            "username": "",
            "secret": "password" if session else "secret key",
        }
        wrong = self._problems()
        for field, note in notes.items():
            row = self.query_one(f"#row-{field}", FormRow)
            row.note(note, self.complaint(field, wrong.get(field, "")))

    def _problems(self) -> dict[str, str]:
        """What is wrong, by field."""
        session = self._choice("mode").value == _SESSION_MODE
        name, endpoint = self._text("name"), self._text("endpoint")
        wrong: dict[str, str] = {}
        if not name:
            wrong["name"] = "a name for the cluster"
        elif name in self._taken:
            wrong["name"] = "another cluster has this name"
        if not endpoint.startswith(("http://", "https://")):
            wrong["endpoint"] = "http://… or https://…"
        if not session and not self._text("access_key"):
            wrong["access_key"] = "needed to sign"
        if session and not self._text("username"):
            wrong["username"] = "e-mail or user name"
        if not self._text("secret") and not self._has_secret():
            wrong["secret"] = "the password" if session else "the secret key"
        return wrong

    def _has_secret(self) -> bool:
        return bool(self._profile and (self._profile.secret_key or self._profile.in_keyring))

    def _made(self) -> Profile:
        old = self._profile or Profile("", {})
        options: dict[str, Any] = dict(old.options)
        session = self._choice("mode").value == _SESSION_MODE
        for name in ("endpoint", "access_key", "domain", "group"):
            options[name] = self._text(name)
        options["endpoint_type"] = _SESSION_MODE if session else ""
        options["skip_sslcert_validation"] = self._choice("tls").value == "any"
        if session:
            options["access_key"] = ""
        return Profile(
            self._text("name"),
            {name: value for name, value in options.items() if value},
            self.query_one("#secret", TextField).value or old.secret_key,
            self._choice("read_only").value == "yes",
            self._text("username") if session else "",
            self._choice("color").value,
        )

    def _usable(self) -> bool:
        wrong = self._problems()
        if wrong:
            self.complain()
            field, why = next(iter(wrong.items()))
            self.query_one(f"#{field}").focus()
            self.flash(f"{field.replace('_', ' ')}: {why}", "warning")
        return not wrong

    async def _complete(self) -> Profile:
        """With the secret of the keyring when none was typed."""
        import asyncio
        from dataclasses import replace

        from bai_tui import keychain

        made = self._made()
        if made.secret_key or self._profile is None or not self._profile.in_keyring:
            return made
        secret = await asyncio.to_thread(keychain.fetch, self._profile.name)
        return replace(made, secret_key=secret)

    async def do_profile_test(self, argument: str) -> None:
        """Try it."""
        if self._usable():
            made = await self._complete()
            self.flash(f"testing {made.name}…")
            report = await probe(ProfileTarget(made))
            wrong = f"failed at {report.failed}" if report.problem else "ready"
            self.flash(f"tested {made.name}: {wrong}", "error" if report.problem else "success")
            show_report(self, made.name, report)

    async def do_profile_save(self, argument: str) -> None:
        """Save and close."""
        import asyncio

        if not self._usable():
            return
        made = await self._complete()
        was = self._profile.name if self._profile else ""
        try:
            place = await asyncio.to_thread(profiles.save, made, was=was)
        except SettingsError as error:
            self.flash(str(error), "error")
            return
        self.dismiss()
        self._saved(made.name)
        self.flash(f"saved {made.name}; its secret is in {place}", "success")

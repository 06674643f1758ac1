"""Errors explained to a person: what happened, why it may be, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from bai_tui.api.exceptions import (
    AuthenticationError,
    BackendAPIError,
    BackendClientError,
    BackendConnectionError,
    BackendError,
    BackendTimeoutError,
    ClockSkewError,
    ConnectionLostError,
    InvalidResponseError,
    NameResolutionError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ServerError,
    ServerFrozenError,
    StreamClosedError,
    TLSError,
    UnsupportedByServerError,
    UnsupportedVersionError,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in the words of the user.

    Attributes:
        what: one short line.
        why: what the server or the system said.
        steps: what to do, most likely first.
        refused: the server answered and said no: repeating it soon changes nothing.
    """

    what: str
    why: str
    steps: tuple[str, ...]
    refused: bool = False

    @property
    def line(self) -> str:
        """What and the next step, for one line."""
        return f"{self.what}: {self.why}" if self.why else self.what


_CLOCK = "Set this machine's clock (timedatectl set-ntp true), then retry."
_KEYS = (
    "Check BACKEND_ACCESS_KEY and BACKEND_SECRET_KEY, or the profile: no spaces, both of one pair."
)

_EXPLAINED: tuple[tuple[type[BaseException], str, tuple[str, ...], bool], ...] = (
    (ClockSkewError, "The clocks differ too much to sign requests", (_CLOCK,), True),
    (
        UnsupportedVersionError,
        "The server does not speak an API version we know",
        (
            "Look for a newer bai-tui: the server's release is not known to this one.",
            "Check BACKEND_ENDPOINT: is it the server you mean?",
        ),
        True,
    ),
    (
        AuthenticationError,
        "The server does not accept the keys",
        (_KEYS, "The keypair may be inactive: ask an administrator.", _CLOCK),
        True,
    ),
    (
        PermissionDeniedError,
        "Not allowed",
        ("Your role or the state of the object forbids it; see `!` for the full answer.",),
        True,
    ),
    (
        RateLimitedError,
        "Too many requests",
        ("Wait some minutes; the limit counts the last 15 minutes.",),
        False,
    ),
    (
        ServerFrozenError,
        "The manager is frozen for maintenance",
        ("Reading works; changing does again when an administrator unfreezes it.",),
        False,
    ),
    (
        NotFoundError,
        "There is no such thing on the server",
        ("It may be over already: refresh with ctrl+r.",),
        True,
    ),
    (ServerError, "The server failed", ("Retry; the administrator finds more in its log.",), False),
    (
        NameResolutionError,
        "The server's name is unknown",
        (
            "Check the spelling of the endpoint (BACKEND_ENDPOINT, or the profile).",
            "Check the network and the name server.",
        ),
        False,
    ),
    (
        TLSError,
        "No secure connection",
        (
            "Check the address and the certificate of the server.",
            "For a test server without TLS use http:// in the endpoint.",
            "A test server's own certificate: accept any in the profile, or "
            "BACKEND_SKIP_SSLCERT_VALIDATION=yes.",
        ),
        False,
    ),
    (
        BackendConnectionError,
        "The server cannot be reached",
        (
            "Check the endpoint (BACKEND_ENDPOINT, or the profile): host and port.",
            "Check that the server runs and no firewall is in between.",
        ),
        False,
    ),
    (
        BackendTimeoutError,
        "The server does not answer",
        ("The server or the network is slow; it is tried again.",),
        False,
    ),
    (
        ConnectionLostError,
        "The connection broke",
        ("The request may have been executed: look before you repeat it.",),
        False,
    ),
    (
        InvalidResponseError,
        "This is no Backend.AI server that we understand",
        (
            "Check the endpoint: the manager itself, or in session mode the web server.",
            "Something in between, such as a proxy or a login page, may answer for it.",
        ),
        False,
    ),
    (StreamClosedError, "The connection was closed", ("It is opened again by itself.",), False),
)
_OTHER_SERVER = next(row for row in _EXPLAINED if row[0] is InvalidResponseError)


def explain(error: BaseException) -> Problem:
    """What to tell a person about `error`."""
    why = str(error).strip() or type(error).__name__
    for kind, what, steps, refused in _EXPLAINED:
        if isinstance(error, kind):
            return Problem(what, why, steps, refused)
    if isinstance(error, UnsupportedByServerError):
        return Problem("This server does not offer it", why, _hint(error), True)
    if isinstance(error, BackendAPIError) and 300 <= error.status < 400:
        return Problem(_OTHER_SERVER[1], f"It sends us elsewhere: {why}", _OTHER_SERVER[2])
    if isinstance(error, BackendAPIError):
        return Problem("The server refused", why, _hint(error), True)
    if isinstance(error, BackendClientError):
        return Problem("It did not work", why, _hint(error))
    if type(error).__name__ == "LoginNeededError":
        steps = (
            "Give the profile a user name and a password: 8, then e edits it.",
            "Where there is no profile yet: 8, then n writes one, u uses it.",
        )
        return Problem("Nobody is logged in", why, steps, True)
    if type(error).__name__ == "KeychainError":
        steps = ("Unlock the keyring, or edit the profile (8, then e) and type the secret again.",)
        return Problem("The secret cannot be read", why, steps, True)
    if isinstance(error, ValueError):
        return Problem(
            "The configuration is not usable",
            why,
            ("Correct the BACKEND_* variables or the profile, then start again.",),
            True,
        )
    if isinstance(error, OSError):
        if error.strerror and error.filename is not None:
            why = f"{error.strerror}: {error.filename}"  # without its number and quotes
        return Problem("The system refused", why, ("Check the paths and permissions.",))
    return Problem(
        "Unexpected error", f"{type(error).__name__}: {why}", ("Please report it; `!` has it all.",)
    )


def _hint(error: BackendError) -> tuple[str, ...]:
    return (error.hint,) if error.hint else ("Correct it and try again.",)


def explain_clock(offset: float) -> str:
    """The server's clock minus ours, in words; empty while they agree."""
    if abs(offset) < 30:
        return ""
    amount = abs(offset)
    text = f"{amount / 3600:.1f} h" if amount >= 3600 else f"{amount / 60:.0f} min"
    return f"clock {text} {'behind' if offset > 0 else 'ahead'}"

"""Every error this package raises, as one tree; each says in one sentence what happened.

::

    BackendError                          .hint says what to do next
    ├── BackendAPIError                   the server answered with an error status
    │   ├── InvalidRequestError           400
    │   │   ├── ClockSkewError            400, the clocks are too far apart to sign
    │   │   └── UnsupportedVersionError   400, the server does not speak our API version
    │   ├── AuthenticationError           401
    │   ├── PermissionDeniedError         403
    │   ├── NotFoundError                 404
    │   ├── ConflictError                 409
    │   ├── QuotaExceededError            412
    │   ├── RateLimitedError              429
    │   └── ServerError                   5xx
    │       └── ServiceUnavailableError   503
    │           └── ServerFrozenError     503, the manager is frozen for maintenance
    └── BackendClientError                no usable answer, or a wrong argument
        ├── BackendConnectionError        also an OSError
        │   ├── NameResolutionError
        │   └── TLSError
        ├── BackendTimeoutError           also a TimeoutError
        ├── ConnectionLostError           also an OSError; the request may have been executed
        ├── InvalidResponseError          the answer is not what the protocol says
        │   └── TruncatedResponseError    the connection ended before the answer did
        ├── LocalFileError                a file on this machine; also an OSError
        │   └── FileChangedError          it changed while it was uploaded
        ├── StreamClosedError             a stream ended and cannot be used any more
        └── UnsupportedByServerError      this server generation has no such function
"""

from __future__ import annotations

import json
from typing import Any

PROBLEM_PREFIX = "https://api.backend.ai/probs/"


class BackendError(Exception):
    """Base of all errors of this package."""

    hint: str = ""
    """What the user can do next; empty when there is nothing to say."""


class BackendAPIError(BackendError):
    """The server answered with a status outside 2xx (rest-overview.md 6).

    Attributes:
        status: HTTP status.
        reason: HTTP reason phrase.
        data: the problem document, or a generic one around a text that was none.
    """

    def __init__(self, status: int, reason: str, data: Any = None) -> None:
        if isinstance(data, (str, bytes)):
            data = _document(data)
        super().__init__(status, reason, data)

    @classmethod
    def of(cls, status: int, reason: str, data: Any = None) -> BackendAPIError:
        """The error of the subclass that fits status and problem type."""
        error = BackendAPIError(status, reason, data)
        kind: type[BackendAPIError] = _BY_STATUS.get(
            status, ServerError if status >= 500 else BackendAPIError
        )
        if error.type == "server-frozen" or (
            error.type == "graphql-error" and "server is frozen" in error._details()
        ):
            kind = ServerFrozenError
        elif error.type == "generic-bad-request" and error.msg.startswith("Unsupported API"):
            kind = UnsupportedVersionError
        elif error.type == "invalid-auth-params" and "sync" in error.msg.lower():
            kind = ClockSkewError
        return kind(status, reason, error.data)

    @property
    def status(self) -> int:
        """HTTP status."""
        return int(self.args[0])

    @property
    def reason(self) -> str:
        """HTTP reason phrase."""
        return str(self.args[1])

    @property
    def data(self) -> Any:
        """The parsed problem document."""
        return self.args[2]

    def _field(self, name: str) -> str:
        value = self.data.get(name) if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def type(self) -> str:
        """Last part of the problem type, such as `kernel-not-found`; empty when there is none."""
        return self._field("type").removeprefix(PROBLEM_PREFIX)

    @property
    def title(self) -> str:
        """Fixed text of the problem type."""
        return self._field("title")

    @property
    def msg(self) -> str:
        """Detail of this occurrence."""
        return self._field("msg") or self._field("message") or self._field("error_msg")

    def _details(self) -> str:
        """The structured part in words: validation messages, GraphQL errors, agent trouble."""
        if not isinstance(self.data, dict):
            return ""
        details = self.data.get("data")
        if isinstance(details, list):
            messages = [d["message"] for d in details if isinstance(d, dict) and "message" in d]
            return "; ".join(dict.fromkeys(map(str, messages)))
        if isinstance(details, dict):
            return "; ".join(f"{key}: {value}" for key, value in details.items())
        agent = self.data.get("agent-details")
        if isinstance(agent, dict):
            return str(agent.get("exception") or agent.get("title") or agent.get("type") or "")
        return details if isinstance(details, str) else ""

    def __str__(self) -> str:
        if self.type == "generic-error":
            return f"{self.reason or 'Error'} ({self.status}), without an explanation"
        # The title of GraphQL errors says nothing that their messages do not.
        title = "" if self.type == "graphql-error" and self._details() else self.title.rstrip(".")
        parts = [part for part in (title, self.msg, self._details()) if part]
        text = ": ".join(dict.fromkeys(parts)) or self.reason or "error without a text"
        return f"{text} ({self.status}{f' {self.type}' if self.type else ''})"


class InvalidRequestError(BackendAPIError):
    """400: the server does not accept the parameters."""


class ClockSkewError(InvalidRequestError):
    """400: the date of the request is more than 15 minutes from the server's clock."""

    hint = "Set this machine's clock; requests are signed with the time of day."


class UnsupportedVersionError(InvalidRequestError):
    """400: the server does not speak the API version of the request."""

    hint = "The server's release is not known to this program; look for a newer bai-tui."


class AuthenticationError(BackendAPIError):
    """401: no or wrong credentials."""

    hint = (
        "Check the access key and the secret key (BACKEND_ACCESS_KEY, BACKEND_SECRET_KEY), or log "
        "in again when you use a web server."
    )


class PermissionDeniedError(BackendAPIError):
    """403: the role or the state of the object forbids it."""


class NotFoundError(BackendAPIError):
    """404: no such object, or no such path on this server."""


class ConflictError(BackendAPIError):
    """409: the object is in use or changed meanwhile."""


class QuotaExceededError(BackendAPIError):
    """412: a resource limit was reached."""

    hint = "Terminate something first, or ask an administrator for a larger resource policy."


class RateLimitedError(BackendAPIError):
    """429: too many requests of this keypair within 15 minutes."""

    hint = "Wait some minutes; the limit counts the requests of the last 15 minutes."


class ServerError(BackendAPIError):
    """5xx: the server failed."""


class ServiceUnavailableError(ServerError):
    """503: the server cannot do this now."""


class ServerFrozenError(ServiceUnavailableError):
    """503: the manager is frozen; reading works, changing does not."""

    hint = "An administrator froze the manager for maintenance; try again later."


_BY_STATUS: dict[int, type[BackendAPIError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: QuotaExceededError,
    429: RateLimitedError,
    503: ServiceUnavailableError,
}


def _document(text: str | bytes) -> Any:
    """The JSON in `text`, or the generic problem the manual's client makes of anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        content = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return {
            "type": PROBLEM_PREFIX + "generic-error",
            "title": "Generic Error (could not parse error string)",
            "content": content,
        }


class BackendClientError(BackendError):
    """No usable answer came, or an argument was wrong before anything was sent."""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class BackendConnectionError(BackendClientError, OSError):
    """No connection to any endpoint; nothing was sent."""

    hint = "Check the endpoint (BACKEND_ENDPOINT) and that the server runs."

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class NameResolutionError(BackendConnectionError):
    """The host name of the endpoint is unknown."""

    hint = "Check the spelling of the endpoint (BACKEND_ENDPOINT) and your network."


class TLSError(BackendConnectionError):
    """The server's certificate was refused, or it does not speak TLS."""

    hint = (
        "Check the address and its certificate; BACKEND_SKIP_SSLCERT_VALIDATION=yes accepts any "
        "certificate, for test servers only."
    )


class BackendTimeoutError(BackendClientError, TimeoutError):
    """No answer in time."""

    hint = "The server or the network is slow; try again."

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class ConnectionLostError(BackendClientError, OSError):
    """The connection broke after the request was sent: it may or may not have been executed."""

    hint = "Look whether it was done before you repeat it."

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class InvalidResponseError(BackendClientError):
    """The answer does not follow the protocol; the text names the request."""

    hint = "Is the endpoint really a Backend.AI server, and nothing in between answers for it?"


class TruncatedResponseError(InvalidResponseError):
    """The connection ended before the answer did."""

    hint = "The network or the server broke off; try again."


class LocalFileError(BackendClientError, OSError):
    """A file on this machine cannot be read or written."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class FileChangedError(LocalFileError):
    """A file changed its size while it was being uploaded."""

    hint = "Wait until nothing writes to the file, then upload it again."


class StreamClosedError(BackendClientError):
    """A stream was used after its end."""


class UnsupportedByServerError(BackendClientError):
    """This server's generation does not offer the function."""

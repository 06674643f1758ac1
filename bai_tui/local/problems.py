"""Problems: what the cluster refuses, with status, type and title (rest-overview.md 6.2)."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

PROBLEM_ROOT = "https://api.backend.ai/probs/"


class Problem(Exception):
    """A refusal that becomes an `application/problem+json` answer.

    Args:
        msg: detail text, sent as `msg` when given.
        data: structured detail, sent as `data` when given.
    """

    status = 500
    suffix = "internal-server-error"
    title = "Internal server error."

    def __init__(
        self,
        msg: str | None = None,
        data: Any = None,
        *,
        title: str | None = None,
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.msg = msg
        self.data = data
        self.headers = headers
        self.extra = extra or {}
        if title is not None:
            self.title = title
        super().__init__(msg)

    def __str__(self) -> str:
        """`title` or `title (msg)`, the text GraphQL errors carry (graphql.md 1.3)."""
        return f"{self.title} ({self.msg})" if self.msg else self.title

    @property
    def document(self) -> dict[str, Any]:
        """The JSON body."""
        body: dict[str, Any] = {"type": PROBLEM_ROOT + self.suffix, "title": self.title}
        if self.msg is not None:
            body["msg"] = self.msg
        if self.data is not None:
            body["data"] = self.data
        return body | self.extra

    def response(self) -> web.Response:
        """The HTTP answer."""
        return web.Response(
            status=self.status,
            text=json.dumps(self.document, default=str),
            content_type="application/problem+json",
            charset="utf-8",
            headers=self.headers,
        )


class GenericNotFound(Problem):
    """404 `generic-not-found`."""

    status = 404
    suffix = "generic-not-found"
    title = "Unknown URL path."


class GenericBadRequest(Problem):
    """400 `generic-bad-request`."""

    status = 400
    suffix = "generic-bad-request"
    title = "Bad request."


class GenericForbidden(Problem):
    """403 `generic-forbidden`."""

    status = 403
    suffix = "generic-forbidden"
    title = "Forbidden operation."


class InsufficientPrivilege(Problem):
    """403 `insufficient-privilege`."""

    status = 403
    suffix = "insufficient-privilege"
    title = "Insufficient privilege."


class MethodNotAllowed(Problem):
    """405 `method-not-allowed`."""

    status = 405
    suffix = "method-not-allowed"
    title = "HTTP Method Not Allowed."


class InternalServerError(Problem):
    """500 `internal-server-error`."""

    status = 500
    suffix = "internal-server-error"
    title = "Internal server error."


class ServerMisconfigured(Problem):
    """500 `server-misconfigured`."""

    status = 500
    suffix = "server-misconfigured"
    title = "Service misconfigured."


class ServiceUnavailable(Problem):
    """503 `service-unavailable`."""

    status = 503
    suffix = "service-unavailable"
    title = "Serivce unavailable."


class NotImplementedQuery(Problem):
    """503 `not-implemented`."""

    status = 503
    suffix = "not-implemented"
    title = "This API query is not implemented."


class InvalidAuthParams(Problem):
    """400 `invalid-auth-params`."""

    status = 400
    suffix = "invalid-auth-params"
    title = "Missing or invalid authorization parameters."


class AuthFailed(Problem):
    """401 `auth-failed`."""

    status = 401
    suffix = "auth-failed"
    title = "Credential/signature mismatch."


class InvalidAPIParams(Problem):
    """400 `invalid-api-params`."""

    status = 400
    suffix = "invalid-api-params"
    title = "Missing or invalid API parameters."


class GraphQLError(Problem):
    """400 `graphql-error`."""

    status = 400
    suffix = "graphql-error"
    title = "GraphQL-generated error."


class InstanceNotFound(Problem):
    """404 `instance-not-found`."""

    status = 404
    suffix = "instance-not-found"
    title = "No such instance."


class ImageNotFound(Problem):
    """404 `image-not-found`."""

    status = 404
    suffix = "image-not-found"
    title = "No such environment image."


class GroupNotFound(Problem):
    """404 `group-not-found`."""

    status = 404
    suffix = "group-not-found"
    title = "No such user group."


class ScalingGroupNotFound(Problem):
    """404 `scaling-group-not-found`."""

    status = 404
    suffix = "scaling-group-not-found"
    title = "No such scaling group."


class KernelNotFound(Problem):
    """404 `kernel-not-found`."""

    status = 404
    suffix = "kernel-not-found"
    title = "No such kernel."


class TooManyKernels(Problem):
    """404 `too-many-kernels`."""

    status = 404
    suffix = "too-many-kernels"
    title = "There are two or more matching kernels."


class AppNotFound(Problem):
    """404 `app-not-found`."""

    status = 404
    suffix = "app-not-found"
    title = "No such app service provided by the session."


class KernelAlreadyExists(Problem):
    """400 `kernel-already-exists`."""

    status = 400
    suffix = "kernel-already-exists"
    title = "The kernel already exists with a different runtime type (language)."


class VFolderCreationFailed(Problem):
    """400 `vfolder-creation-failed`."""

    status = 400
    suffix = "vfolder-creation-failed"
    title = "Virtual folder creation has failed."


class VFolderNotFound(Problem):
    """404 `vfolder-not-found`."""

    status = 404
    suffix = "vfolder-not-found"
    title = "No such virtual folder."


class VFolderAlreadyExists(Problem):
    """400 `vfolder-already-exists`."""

    status = 400
    suffix = "vfolder-already-exists"
    title = "The virtual folder already exists with the same name."


class QuotaExceeded(Problem):
    """412 `quota-exceeded`."""

    status = 412
    suffix = "quota-exceeded"
    title = "You have reached your resource limit."


class RateLimitExceeded(Problem):
    """429 `rate-limit-exceeded`."""

    status = 429
    suffix = "rate-limit-exceeded"
    title = "You have reached your API query rate limit."


class InstanceNotAvailable(Problem):
    """503 `instance-not-available`."""

    status = 503
    suffix = "instance-not-available"
    title = "There is no available instance."


class ServerFrozen(Problem):
    """503 `server-frozen`."""

    status = 503
    suffix = "server-frozen"
    title = "The server is frozen due to maintenance. Please try again later."


class AgentProblem(Problem):
    """500: an operation of the agent failed (`agent-details` says how).

    Args:
        operation: `creation`, `destruction`, `restart` or `execution`.
        details: `agent-timeout`, `agent-invalid-input` or `agent-failure`.
        exception: text form of the agent's exception, if it raised one.
    """

    def __init__(
        self,
        operation: str,
        details: str = "agent-failure",
        exception: str | None = None,
    ) -> None:
        self.suffix = f"kernel-{operation}-failed"
        self.title = f"Kernel {operation} has failed."
        info: dict[str, Any] = {"type": PROBLEM_ROOT + details, "title": None}
        if exception is not None:
            info["exception"] = exception
        super().__init__(extra={"agent-details": info})

"""The headless, asynchronous client package of Backend.AI: `from bai_tui.api import AsyncSession`.

The names are those of the Backend.AI client manual (release 19.09); the servers may be of any
generation since. Importing this package is cheap: a name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if __name__ != "bai_tui.api":
    raise ImportError("import bai_tui.api, not api")

if TYPE_CHECKING:
    from bai_tui.api.auth import AuthToken, AuthTokenTypes, generate_signature
    from bai_tui.api.bodies import AttachedFile
    from bai_tui.api.config import (
        APIConfig,
        bool_env,
        get_config,
        get_env,
        get_user_agent,
        set_config,
    )
    from bai_tui.api.delivery import RetryPolicy
    from bai_tui.api.events import EventStream, SSEContextManager, SSEResponse, StreamState
    from bai_tui.api.exceptions import (
        AuthenticationError,
        BackendAPIError,
        BackendClientError,
        BackendConnectionError,
        BackendError,
        BackendTimeoutError,
        ClockSkewError,
        ConflictError,
        ConnectionLostError,
        FileChangedError,
        InvalidRequestError,
        InvalidResponseError,
        LocalFileError,
        NameResolutionError,
        NotFoundError,
        PermissionDeniedError,
        QuotaExceededError,
        RateLimitedError,
        ServerError,
        ServerFrozenError,
        ServiceUnavailableError,
        StreamClosedError,
        TLSError,
        TruncatedResponseError,
        UnsupportedByServerError,
        UnsupportedVersionError,
    )
    from bai_tui.api.functions.archives import UnsafeArchiveError
    from bai_tui.api.functions.background_task import BackgroundTask, TaskProgress
    from bai_tui.api.functions.base import BaseFunction
    from bai_tui.api.functions.kernel import ComputeSession, Kernel, StreamExecute, StreamPty
    from bai_tui.api.functions.keypair import KeyPair
    from bai_tui.api.functions.keypair_resource_policy import KeypairResourcePolicy
    from bai_tui.api.functions.scaling_group import ScalingGroup
    from bai_tui.api.functions.vfolder import VFolder
    from bai_tui.api.helper import is_admin, is_legacy_server
    from bai_tui.api.models import FileEntry, Metric, Mount, ServicePort, SessionInfo
    from bai_tui.api.paths import UnsafePathError
    from bai_tui.api.ranges import RangeExpression, RangeExpressionError
    from bai_tui.api.request import FetchContextManager, Request, Response
    from bai_tui.api.session import AsyncSession, BaseSession
    from bai_tui.api.sse import Event, SSEDecoder
    from bai_tui.api.sync import Session
    from bai_tui.api.transfers import Download, Progress, Upload
    from bai_tui.api.tunnel import AppTunnel, TunnelError
    from bai_tui.api.versioning import ALIVE_STATUSES, DEAD_STATUSES, Generation, ServerInfo
    from bai_tui.api.websocket import WebSocketContextManager, WebSocketResponse

_HOMES: dict[str, tuple[str, ...]] = {
    "auth": ("AuthToken", "AuthTokenTypes", "generate_signature"),
    "bodies": ("AttachedFile",),
    "config": ("APIConfig", "bool_env", "get_config", "get_env", "get_user_agent", "set_config"),
    "delivery": ("RetryPolicy",),
    "events": ("EventStream", "SSEContextManager", "SSEResponse", "StreamState"),
    "exceptions": (
        "AuthenticationError",
        "BackendAPIError",
        "BackendClientError",
        "BackendConnectionError",
        "BackendError",
        "BackendTimeoutError",
        "ClockSkewError",
        "ConflictError",
        "ConnectionLostError",
        "FileChangedError",
        "InvalidRequestError",
        "InvalidResponseError",
        "LocalFileError",
        "NameResolutionError",
        "NotFoundError",
        "PermissionDeniedError",
        "QuotaExceededError",
        "RateLimitedError",
        "ServerError",
        "ServerFrozenError",
        "ServiceUnavailableError",
        "StreamClosedError",
        "TLSError",
        "TruncatedResponseError",
        "UnsupportedByServerError",
        "UnsupportedVersionError",
    ),
    "functions.archives": ("UnsafeArchiveError",),
    "functions.background_task": ("BackgroundTask", "TaskProgress"),
    "functions.base": ("BaseFunction",),
    "functions.kernel": ("ComputeSession", "Kernel", "StreamExecute", "StreamPty"),
    "functions.keypair": ("KeyPair",),
    "functions.keypair_resource_policy": ("KeypairResourcePolicy",),
    "functions.scaling_group": ("ScalingGroup",),
    "functions.vfolder": ("VFolder",),
    "helper": ("is_admin", "is_legacy_server"),
    "models": ("FileEntry", "Metric", "Mount", "ServicePort", "SessionInfo"),
    "paths": ("UnsafePathError",),
    "ranges": ("RangeExpression", "RangeExpressionError"),
    "request": ("FetchContextManager", "Request", "Response"),
    "websocket": ("WebSocketContextManager", "WebSocketResponse"),
    "session": ("AsyncSession", "BaseSession"),
    "sync": ("Session",),
    "sse": ("Event", "SSEDecoder"),
    "transfers": ("Download", "Progress", "Upload"),
    "tunnel": ("AppTunnel", "TunnelError"),
    "versioning": ("ALIVE_STATUSES", "DEAD_STATUSES", "Generation", "ServerInfo"),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ALIVE_STATUSES",
    "DEAD_STATUSES",
    "APIConfig",
    "AppTunnel",
    "AsyncSession",
    "AttachedFile",
    "AuthToken",
    "AuthTokenTypes",
    "AuthenticationError",
    "BackendAPIError",
    "BackendClientError",
    "BackendConnectionError",
    "BackendError",
    "BackendTimeoutError",
    "BackgroundTask",
    "BaseFunction",
    "BaseSession",
    "ClockSkewError",
    "ComputeSession",
    "ConflictError",
    "ConnectionLostError",
    "Download",
    "Event",
    "EventStream",
    "FetchContextManager",
    "FileChangedError",
    "FileEntry",
    "Generation",
    "InvalidRequestError",
    "InvalidResponseError",
    "Kernel",
    "KeyPair",
    "KeypairResourcePolicy",
    "LocalFileError",
    "Metric",
    "Mount",
    "NameResolutionError",
    "NotFoundError",
    "PermissionDeniedError",
    "Progress",
    "QuotaExceededError",
    "RangeExpression",
    "RangeExpressionError",
    "RateLimitedError",
    "Request",
    "Response",
    "RetryPolicy",
    "SSEContextManager",
    "SSEDecoder",
    "SSEResponse",
    "ScalingGroup",
    "ServerError",
    "ServerFrozenError",
    "ServerInfo",
    "ServicePort",
    "ServiceUnavailableError",
    "Session",
    "SessionInfo",
    "StreamClosedError",
    "StreamExecute",
    "StreamPty",
    "StreamState",
    "TLSError",
    "TaskProgress",
    "TruncatedResponseError",
    "TunnelError",
    "UnsafeArchiveError",
    "UnsafePathError",
    "UnsupportedByServerError",
    "UnsupportedVersionError",
    "Upload",
    "VFolder",
    "WebSocketContextManager",
    "WebSocketResponse",
    "bool_env",
    "generate_signature",
    "get_config",
    "get_env",
    "get_user_agent",
    "is_admin",
    "is_legacy_server",
    "set_config",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"bai_tui.api.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

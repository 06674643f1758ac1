"""The package as a whole: its names, its weight, its errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bai_tui.api as api
from bai_tui.api import (
    AuthenticationError,
    BackendAPIError,
    BackendClientError,
    BackendConnectionError,
    BackendError,
    BackendTimeoutError,
    ClockSkewError,
    NotFoundError,
    ServerError,
    ServerFrozenError,
)


def test_every_public_name_resolves() -> None:
    for name in api.__all__:
        assert getattr(api, name) is not None
    assert set(api.__all__) <= set(dir(api))
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = api.nothing_here


@pytest.mark.parametrize("statement", ["import bai_tui.api", "from bai_tui.api import APIConfig"])
def test_import_is_light(statement: str) -> None:
    code = f"import sys; {statement}; print({{'aiohttp', 'textual', 'rich'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_short_name_is_refused() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import api"
    root = str(__import__("pathlib").Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code, root], capture_output=True, text=True, check=False
    )
    assert "import bai_tui.api, not api" in done.stderr


@pytest.mark.parametrize(
    ("status", "suffix", "kind"),
    [
        (400, "invalid-api-params", BackendAPIError),
        (401, "auth-failed", AuthenticationError),
        (404, "kernel-not-found", NotFoundError),
        (418, "teapot", BackendAPIError),
        (500, "internal-server-error", ServerError),
        (502, "bad-gateway", ServerError),
        (503, "server-frozen", ServerFrozenError),
        (599, "whatever", ServerError),
    ],
)
def test_statuses_have_their_class(status: int, suffix: str, kind: type[BackendAPIError]) -> None:
    document = {"type": f"https://api.backend.ai/probs/{suffix}", "title": "T.", "msg": "why"}
    error = BackendAPIError.of(status, "R", document)
    assert isinstance(error, kind)
    assert (error.status, error.reason, error.type, error.msg) == (status, "R", suffix, "why")
    assert str(error) == f"T: why ({status} {suffix})"


def test_clock_errors_are_told_apart() -> None:
    document = {
        "type": "https://api.backend.ai/probs/invalid-auth-params",
        "title": "Missing or invalid authorization parameters.",
        "msg": "Date/time sync error",
    }
    assert isinstance(BackendAPIError.of(400, "Bad Request", document), ClockSkewError)


@pytest.mark.parametrize("body", ["<html>502</html>", b"\xff\xfe", "", "[" * 100_000])
def test_bodies_that_are_no_json(body: str | bytes) -> None:
    error = BackendAPIError(502, "Bad Gateway", body)
    assert error.type == "generic-error"
    assert "502" in str(error)


@pytest.mark.parametrize("data", [None, 7, [], "text", {"data": {"field": "bad"}}, {"type": 1}])
def test_any_data_has_a_sentence(data: object) -> None:
    assert "400" in str(BackendAPIError(400, "Bad Request", data))


def test_graphql_errors_are_told() -> None:
    document = {
        "type": "https://api.backend.ai/probs/graphql-error",
        "title": "GraphQL-generated error.",
        "data": [{"message": "Forbidden operation."}, {"message": "Other."}],
    }
    text = str(BackendAPIError.of(400, "Bad Request", document))
    assert text == "Forbidden operation.; Other. (400 graphql-error)"


def test_client_errors_are_what_they_are() -> None:
    assert isinstance(BackendConnectionError("x"), (BackendClientError, OSError))
    assert isinstance(BackendConnectionError("x"), OSError)
    assert isinstance(BackendTimeoutError("x"), TimeoutError)
    assert issubclass(BackendClientError, BackendError)
    assert str(BackendConnectionError("No connection.")) == "No connection."
    assert BackendConnectionError("x").hint
    assert BackendClientError("x", hint="do y").hint == "do y"

"""The shell around all endpoints: problems, versions, overrides, CORS, rates, roles, faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.local import params as p
from bai_tui.local.problems import RateLimitExceeded
from bai_tui.local.ratelimit import RateLimiter
from tests.local.conftest import Connect


async def test_root(cluster: Any, connect: Connect) -> None:
    answer = await connect(cluster, None).get("/")
    assert answer.expect(200) == {"version": "v4.20190615", "manager": "19.09.27"}
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Server"] == "BackendAI"
    async with aiohttp.ClientSession() as http, http.get(cluster.endpoint) as bare:
        assert bare.status == 200


async def test_unknown_paths_and_methods(cluster: Any, connect: Connect) -> None:
    nobody = connect(cluster, None)
    answer = await nobody.get("/no/such/path")
    assert answer.expect(404, "generic-not-found") == {
        "type": "https://api.backend.ai/probs/generic-not-found",
        "title": "Unknown URL path.",
    }
    assert answer.headers["Server"] == "BackendAI"
    answer = await nobody.delete("/auth/test")
    answer.expect(405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET,POST"
    for path in ("/v9/auth/test?echo=a", "/v5/auth/test", "/v1/folders", "/auth/", "//"):
        (await connect(cluster).get(path)).expect(404, "generic-not-found")


async def test_versions_in_the_path(cluster: Any, connect: Connect) -> None:
    user = connect(cluster, "user")
    for path in ("/v2/folders", "/v4/folders", "/v3/config/resource-slots", "/v4/resource/presets"):
        (await user.get(path)).expect(200)
    assert await user.post("/v2/admin/graphql", {"query": "{ domain { name } }"})
    url = f"{cluster.endpoint}/v3/authorize"
    async with aiohttp.ClientSession() as http, http.get(url, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/v3/auth/test")


async def test_public_routes_look_at_nothing(cluster: Any, connect: Connect) -> None:
    odd = {"X-BackendAI-Version": "v99", "Date": "nonsense", "Authorization": "nonsense"}
    answer = await connect(cluster, None).get("/manager/announcement", headers=odd)
    answer.expect(200)
    assert answer.headers["X-RateLimit-Limit"] == answer.headers["X-RateLimit-Remaining"] == "1000"
    assert answer.headers["X-RateLimit-Window"] == "900"


async def test_method_override(fresh_cluster: Any, connect: Connect) -> None:
    user = connect(fresh_cluster, "user")
    (await user.post("/folders", {"name": "gone"})).expect(201)
    override = {"X-Method-Override": "DELETE"}
    answer = await user.post("/folders/gone", headers=override)
    answer.expect(204)
    assert answer.headers["X-RateLimit-Limit"] == "30000"
    (await user.get("/folders/gone")).expect(404, "vfolder-not-found")
    put = {"X-Method-Override": "PUT"}
    (await user.post("/folders", headers=put)).expect(405, "method-not-allowed")
    (await connect(fresh_cluster, None).post("/folders/x", headers=override)).expect(401)


async def test_cors(cluster: Any, connect: Connect) -> None:
    origin = {"Origin": "https://console.example.com"}
    answer = await connect(cluster).get("/auth/test?echo=a", headers=origin)
    answer.expect(200)
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert "X-RateLimit-Limit" in answer.headers["Access-Control-Expose-Headers"].split(",")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-backendai-version",
    }
    answer = await connect(cluster, None).call("OPTIONS", "/kernel/create", headers=asked)
    answer.expect(200)
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "AUTHORIZATION,X-BACKENDAI-VERSION"
    answer = await connect(cluster, None).call("OPTIONS", "/no/such", headers=asked)
    answer.expect(404, "generic-not-found")
    assert "Access-Control-Allow-Origin" in answer.headers


async def test_rate_limits(fresh_cluster: Any, connect: Connect) -> None:
    user = connect(fresh_cluster, "user")
    store = fresh_cluster.cluster.context.store
    key = fresh_cluster.credentials["user"].access_key
    fresh_cluster.run(lambda: store.update("keypairs", {"access_key": key}, rate_limit=3))
    for left in (2, 1, 0):
        answer = await user.get("/auth/test?echo=a")
        answer.expect(200)
        assert answer.headers["X-RateLimit-Limit"] == "3"
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
    answer = await user.get("/auth/test?echo=a")
    answer.expect(429, "rate-limit-exceeded")
    assert "X-RateLimit-Limit" not in answer.headers
    (await connect(fresh_cluster, "user2").get("/auth/test?echo=a")).expect(200)


def test_rate_window_rolls(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    limiter = RateLimiter()
    assert [limiter.hit("k", 2), limiter.hit("k", 2)] == [1, 0]
    now[0] = 899.0
    with pytest.raises(RateLimitExceeded):
        limiter.hit("k", 2)
    now[0] = 901.0
    # Two of three have left the window; the rejected one still counts.
    assert limiter.hit("k", 2) == 0
    assert limiter.hit("k", 5) == 2


async def test_roles_of_rest_routes(cluster: Any, connect: Connect) -> None:
    for role, admin, boss in (
        (None, 401, 401),
        ("user", 401, 401),
        ("monitor", 401, 401),
        ("admin", 200, 401),
        ("superadmin", 200, 200),
    ):
        client = connect(cluster, role)
        assert (await client.get("/image/import")).status == admin, role
        assert (await client.get("/config/docker-registries")).status == boss, role


async def test_image_import_is_refused_honestly(cluster: Any, connect: Connect) -> None:
    admin = connect(cluster, "admin")
    fields = (await admin.get("/image/import")).expect(200)["fieldGroups"][0]["fields"]
    assert {"src", "target"} < {field["name"] for field in fields}
    (await admin.post("/image/import", {"src": "a"})).expect(400, "invalid-api-params")
    whole = {
        "src": "a",
        "target": "b",
        "brand": "c",
        "baseDistro": "ubuntu",
        "supportedAccelerators": [],
        "runtimeType": "python",
        "runtimePath": "/usr/bin/python",
        "CPUCountEnvs": [],
    }
    (await admin.post("/image/import", whole)).expect(503, "not-implemented")


async def test_bodies(cluster: Any, connect: Connect) -> None:
    user = connect(cluster, "user")
    for content in (b"{", b"[1]", b'"text"', b"\xff\xfe"):
        answer = await user.post("/auth/test", content=content)
        assert answer.expect(400, "invalid-api-params")["msg"] == "Malformed body"
    answer = await user.get("/auth?echo=query", {"echo": "body"})
    assert answer.expect(200)["echo"] == "body"
    answer = await user.post("/auth", {"echo": "a", "typo": 1, "owner_access_key": "x"})
    problem = answer.expect(400, "invalid-api-params")
    assert problem["msg"] == "Input validation error"
    assert problem["data"] == {"typo": "typo is not allowed key"}


def test_boolish() -> None:
    assert all(map(p.boolish, (True, "t", "YES", "on", 1, "1")))
    assert not any(map(p.boolish, (False, "F", "no", "off", 0, "none", None)))
    with pytest.raises(p.Invalid):
        p.boolish("maybe")
    with pytest.raises(p.Invalid):
        p.boolean("true")


@given(
    st.sampled_from(
        [
            *(p.text, p.boolean, p.boolish, p.integer(0, 9), p.uuid_text, p.mapping),
            *(p.one_of("a"), p.matching("x*"), p.list_of(p.text), p.map_of(p.text)),
            p.nullable(p.text),
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ),
)
def test_checks_convert_or_refuse(check: Callable[[Any], Any], value: Any) -> None:
    try:
        converted = check(value)
    except p.Invalid as error:
        problem = error.args[0]
        assert problem
        return
    assert check(converted) == converted


FAULTS = "/_local/faults"


async def test_fault_switch(fresh_cluster: Any, connect: Connect) -> None:
    boss, user = connect(fresh_cluster), connect(fresh_cluster, "user")
    (await user.call("PUT", FAULTS, {"status": 500})).expect(401, "auth-failed")
    assert (await boss.get(FAULTS)).expect(200) == fresh_cluster.faults.as_dict()
    changed = await boss.call("PUT", FAULTS, {"status": 502, "times": 1, "paths": "^/folders"})
    assert changed.expect(200)["times"] == 1
    assert (await user.get("/auth/test?echo=a")).status == 200
    assert (await user.get("/folders")).status == 502
    assert (await user.get("/folders")).status == 200
    for bad in ({"nope": 1}, {"drop": 1}, {"stall": "x"}, {"paths": "("}, {"times": -1}):
        (await boss.call("PUT", FAULTS, bad)).expect(400, "invalid-api-params")
    assert (await boss.delete(FAULTS)).expect(200)["status"] == 0


@pytest.mark.parametrize("fault", ["drop", "drop_after"])
async def test_dropped_connections(fresh_cluster: Any, connect: Connect, fault: str) -> None:
    user = connect(fresh_cluster, "user")
    fresh_cluster.faults.change(**{fault: True, "times": 1})
    with pytest.raises(aiohttp.ClientError):
        await user.post("/folders", {"name": "made"})
    made = [row["name"] for row in (await user.get("/folders")).expect(200)]
    assert made == (["made"] if fault == "drop_after" else [])


async def test_stalling(fresh_cluster: Any, connect: Connect) -> None:
    user = connect(fresh_cluster, "user")
    fresh_cluster.faults.change(stall=30.0, paths="/auth")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(user.get("/auth/test?echo=a"), 0.2)
    (await user.get("/folders")).expect(200)
    fresh_cluster.faults.clear()
    (await user.get("/auth/test?echo=a")).expect(200)


async def test_skewed_clock(fresh_cluster: Any, connect: Connect) -> None:
    user = connect(fresh_cluster, "user")
    fresh_cluster.faults.skew = 3600.0
    answer = await user.get("/auth/test?echo=a")
    assert answer.expect(400, "invalid-auth-params")["msg"] == "Date/time sync error"
    ahead = parsedate_to_datetime(answer.headers["Date"]) - datetime.now(UTC)
    assert 3590 < ahead.total_seconds() < 3610


async def test_unexpected_errors_are_problems_too(
    fresh_cluster: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("bai_tui.local.handlers.config.folder_types", broken)
    answer = await connect(fresh_cluster, None).get("/config/vfolder-types")
    answer.expect(500, "internal-server-error")
    assert b"secret detail" not in answer.body

"""The signature check: recorded vectors in both directions, and its order."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from dateutil import parser
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.local.auth import parse_authorization
from bai_tui.local.clock import FixedClock
from bai_tui.local.cluster import LocalCluster
from bai_tui.local.problems import Problem

VECTORS = json.loads((Path(__file__).parent / "vectors" / "hmac-signing.json").read_text())
SECRETS = VECTORS["credentials"]
ACCEPTED = VECTORS["accepted"]
Vector = dict[str, Any]


def date_of(vector: Vector) -> Any:
    date = parser.parse(vector["date"])
    return date if date.tzinfo else date.replace(tzinfo=UTC)


async def send(cluster: LocalCluster, vector: Vector) -> tuple[int, str]:
    """Put the vector's request on the wire byte for byte; status and problem type."""
    body = bytes.fromhex(vector["body_hex"])
    lines = [f"{vector['method']} {vector['target']} HTTP/1.1"]
    headers = {k: v for k, v in vector["headers"].items() if k not in ("Upgrade", "Connection")}
    if body:
        headers["Content-Length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in headers.items()]
    reader, writer = await asyncio.open_connection("127.0.0.1", cluster.port)
    try:
        text = "\r\n".join([*lines, "Connection: close", "", ""])
        writer.write(text.encode() + body)
        answer = await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, rest = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    kind = json.loads(rest)["type"].rpartition("/")[2] if b"problem+json" in head else ""
    return status, kind


class Peer:
    """A cluster that knows the vectors' keys and whose guarded routes all echo the caller."""

    def __init__(self, cluster: LocalCluster, clock: FixedClock) -> None:
        self.cluster = cluster
        self.clock = clock

    async def judge(self, vector: Vector, seconds: float = 0.0) -> tuple[int, str]:
        self.clock.at = date_of(vector) + timedelta(seconds=seconds)
        return await send(self.cluster, vector)


@pytest.fixture
async def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Peer]:
    from aiohttp import web

    from bai_tui.local import server
    from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply

    async def who(call: Call) -> web.StreamResponse:
        return reply({"access_key": call.caller.access_key})

    def only_echo(app: web.Application) -> None:
        # The identity decides; the vectors' paths need not exist.
        add(app, [Route("*", "/{any:.*}", who, Guard.AUTH, Needs.NOTHING)])

    monkeypatch.setattr(server, "HANDLERS", ())
    real = server.create_app

    def with_echo(ctx: Any) -> web.Application:
        app = real(ctx)
        only_echo(app)
        return app

    monkeypatch.setattr("bai_tui.local.cluster.create_app", with_echo)
    clock = FixedClock(parser.parse("2020-08-04T00:00:00Z"))
    async with LocalCluster(tmp_path / "state", clock=clock) as cluster:
        names = ("superadmin", "user")
        for (access_key, secret), name in zip(SECRETS.items(), names, strict=True):
            cluster.context.store.update(
                "keypairs",
                {"access_key": cluster.credentials[name].access_key},
                access_key=access_key,
                secret_key=secret,
            )
        yield Peer(cluster, clock)


def changed(vector: Vector, **headers: str | None) -> Vector:
    merged = vector["headers"] | {k.replace("_", "-"): v for k, v in headers.items()}
    return vector | {"headers": {k: v for k, v in merged.items() if v is not None}}


def with_authorization(vector: Vector, old: str, new: str) -> Vector:
    text = vector["headers"]["Authorization"]
    assert old in text
    return changed(vector, Authorization=text.replace(old, new))


async def test_accepts_every_accepted_vector(peer: Peer) -> None:
    for vector in ACCEPTED:
        assert await peer.judge(vector) == (200, ""), vector["id"]


async def test_rejects_every_rejected_vector(peer: Peer) -> None:
    for vector in VECTORS["rejected"]:
        expected = (vector["expect"]["server_status"], vector["problem_type"])
        assert await peer.judge(vector) == expected, vector["id"]


async def test_clock_window(peer: Peer) -> None:
    for vector in ACCEPTED:
        for seconds in (-900, -899, 899, 900):
            assert await peer.judge(vector, seconds) == (200, ""), vector["id"]
        for seconds in (-901, 901):
            assert await peer.judge(vector, seconds) == (400, "invalid-auth-params"), vector["id"]


async def test_mutations(peer: Peer) -> None:
    for vector in ACCEPTED:
        signature = vector["expect"]["signature"]
        other = ("1" if signature[0] == "0" else "0") + signature[1:]
        denied = (401, "auth-failed")
        bad = (400, "invalid-auth-params")
        mutants = [
            (with_authorization(vector, signature, other), denied),
            (changed(vector, Authorization=None), denied),
            (
                changed(vector, Date=None, X_BackendAI_Date=None, X_Sorna_Date=None),
                bad,
            ),
            (with_authorization(vector, vector["access_key"], "AKIANOSUCHKEYEXAMPLE"), denied),
            (
                with_authorization(vector, f"HMAC-{vector['hash_type'].upper()}", "HMAC-NOPE"),
                bad,
            ),
        ]
        for mutant, expected in mutants:
            assert await peer.judge(mutant) == expected, vector["id"]


async def test_changed_bodies(peer: Peer) -> None:
    with_body = [vector for vector in ACCEPTED if vector["body_hex"]]
    assert any(vector["id"] == "legacy-version-hashes-body" for vector in with_body)
    for vector in with_body:
        body = vector["body_hex"]
        mutant = vector | {"body_hex": f"{(int(body[:2], 16) + 1) % 256:02x}{body[2:]}"}
        refused = vector["id"] == "legacy-version-hashes-body"
        assert await peer.judge(mutant) == ((401, "auth-failed") if refused else (200, ""))


FIRST = ACCEPTED[0]
CREDENTIAL = FIRST["headers"]["Authorization"].split("credential=")[1]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"X_BackendAI_Version": "v4.20190616"}, (400, "generic-bad-request")),
        # The version comes before the date, the date before everything else.
        ({"X_BackendAI_Version": "v9", "Date": "nonsense"}, (400, "generic-bad-request")),
        ({"Date": "nonsense", "Authorization": None}, (400, "invalid-auth-params")),
        ({"Authorization": "BackendAI"}, (400, "invalid-auth-params")),
        ({"Authorization": f"backendai credential={CREDENTIAL}"}, (400, "invalid-auth-params")),
        (
            {"Authorization": f"BackendAI nonsense,credential={CREDENTIAL}"},
            (500, "internal-server-error"),
        ),
        ({"Authorization": "BackendAI signMethod=HMAC-SHA256"}, (400, "invalid-auth-params")),
        (
            {"Authorization": "BackendAI signMethod=HMAC-SHA256, credential=nocolon"},
            (400, "invalid-auth-params"),
        ),
        (
            {"Authorization": f"BackendAI signMethod=CMAC-SHA256, credential={CREDENTIAL}"},
            (400, "invalid-auth-params"),
        ),
        (
            {"Authorization": f"BackendAI signMethod=HMAC-SHAKE_128, credential={CREDENTIAL}"},
            (500, "internal-server-error"),
        ),
        # Known key and method, but no version: that is only found out now.
        ({"X_BackendAI_Version": None}, (400, "invalid-auth-params")),
        (
            {
                "X_BackendAI_Version": None,
                "Authorization": "BackendAI signMethod=HMAC-SHA256, credential=AKIANOPE:00",
            },
            (401, "auth-failed"),
        ),
    ],
)
async def test_order_of_checks(
    peer: Peer, change: dict[str, str | None], expected: tuple[int, str]
) -> None:
    assert await peer.judge(changed(FIRST, **change)) == expected


async def test_order_of_parameters_is_free(peer: Peer) -> None:
    swapped = f"BackendAI credential={CREDENTIAL} ,  signMethod=HMAC-SHA256"
    assert await peer.judge(changed(FIRST, Authorization=swapped)) == (200, "")


async def test_inactive_keys_are_unknown_and_use_is_recorded(peer: Peer) -> None:
    store = peer.cluster.context.store
    key = FIRST["access_key"]
    assert await peer.judge(FIRST) == (200, "")
    row = store.one("SELECT num_queries, last_used FROM keypairs WHERE access_key = ?", key)
    assert row == {"num_queries": 1, "last_used": date_of(FIRST)}
    store.update("keypairs", {"access_key": key}, is_active=False)
    assert await peer.judge(FIRST) == (401, "auth-failed")


@given(st.text())
def test_any_authorization_header_is_parsed_or_refused(header: str) -> None:
    try:
        method, key, signature = parse_authorization(header)
    except Problem:
        return
    assert header.startswith(("BackendAI ", "Sorna "))
    assert f"{key}:{signature}" in header
    assert method in header


def test_hashes_that_are_always_there() -> None:
    names = {n for n in hashlib.algorithms_guaranteed if not n.startswith("shake")}
    assert {"md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256"} <= names

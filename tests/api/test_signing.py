"""Signing: the recorded vectors, and what must hold for any input."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dateutil import parser
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bai_tui.api import auth

VECTORS = json.loads((Path(__file__).parent / "vectors" / "hmac-signing.json").read_text())
SECRETS = VECTORS["credentials"]


def by_id(vector: dict[str, Any]) -> str:
    return str(vector["id"])


@pytest.mark.parametrize("vector", [*VECTORS["accepted"], *VECTORS["rejected"]], ids=by_id)
def test_every_step_of_the_vectors(vector: dict[str, Any]) -> None:
    expect = vector["expect"]
    digest = auth.body_hash(
        vector["api_version"],
        vector["signed_content_type"],
        bytes.fromhex(vector["body_hex"]),
        vector["hash_type"],
    )
    assert digest == expect["body_hash"]
    old_header = "X-Sorna-Version" in vector["headers"]
    text = auth.string_to_sign(
        vector["method"],
        vector["target"],
        vector["date"],
        vector["host"],
        vector["signed_content_type"],
        vector["api_version"],
        digest,
        "x-sorna-version" if old_header else "x-backendai-version",
    )
    assert text == expect["string_to_sign"]
    key = auth.signing_key(
        SECRETS[vector["access_key"]], expect["day"], vector["host"], vector["hash_type"]
    )
    assert key.hex() == expect["signing_key_hex"]
    assert auth.sign(text, key, vector["hash_type"]) == expect["signature"]
    assert f"{parser.parse(vector['date']):%Y%m%d}" == expect["day"]


@pytest.mark.parametrize(
    "vector",
    [v for v in VECTORS["accepted"] if v["origin"] == "client"],
    ids=by_id,
)
def test_whole_header_of_what_the_client_sends(vector: dict[str, Any]) -> None:
    scheme = "http" if ":" in vector["host"] else "https"
    url = URL(f"{scheme}://{vector['host']}{vector['target']}", encoded=True)
    header = auth.authorization(
        vector["method"],
        url,
        datetime.fromisoformat(vector["date"]),
        vector["signed_content_type"],
        vector["api_version"],
        vector["access_key"],
        SECRETS[vector["access_key"]],
        vector["hash_type"],
        bytes.fromhex(vector["body_hex"]),
    )
    assert header == vector["expect"]["authorization"]


@pytest.mark.parametrize("vector", VECTORS["rejected"], ids=by_id)
def test_default_ports_are_not_signed(vector: dict[str, Any]) -> None:
    """The two vectors servers reject come from signing a port that is never sent."""
    scheme = "http" if vector["host"].endswith(":80") else "https"
    url = URL(f"{scheme}://{vector['host']}{vector['target']}")
    assert auth.host_of(url) == vector["headers"]["Host"] != vector["host"]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://GW.Example.NET:8080/x", "gw.example.net:8080"),
        ("https://h:443/", "h"),
        ("http://h:443/", "h:443"),
        ("http://[::1]:8081/", "[::1]:8081"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_host(url: str, host: str) -> None:
    assert auth.host_of(URL(url)) == host


def test_unknown_hashes_are_refused() -> None:
    for name in ("nope", "shake_128"):
        with pytest.raises(ValueError, match=name):
            auth.authorization(
                "GET", URL("http://h/"), auth.now(), "text/plain", "v4.20190615", "a", "s", name
            )


@pytest.mark.parametrize("offset", [0.0, -7200.5, 3600.25])
def test_the_date_is_now_at_the_server(offset: float) -> None:
    moment = datetime.fromisoformat(auth.date_text(offset))
    assert moment.utcoffset() == timedelta(0)
    assert abs((moment - datetime.now(UTC)).total_seconds() - offset) < 5


visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@given(visible, visible, st.sampled_from(["get", "POST", "delete"]))
def test_signed_text_has_seven_lines_whatever_comes(target: str, host: str, method: str) -> None:
    text = auth.string_to_sign(
        method, target, "d", host, "Text/Plain; charset=x", "v4.20190615", "00"
    )
    lines = text.split("\n")
    assert len(lines) == 7
    assert lines[0] == method.upper()
    assert lines[1] == target
    assert lines[3] == f"host:{host.lower()}"
    assert lines[4] == "content-type:text/plain"


@given(st.binary(), st.binary())
def test_the_body_counts_for_old_versions_only(one: bytes, two: bytes) -> None:
    new = auth.body_hash("v4.20190615", "application/json", one)
    assert new == auth.body_hash("v4.20181215", "application/json", two)
    old = auth.body_hash("v4.20181214", "application/json", one)
    assert (old == auth.body_hash("v3.20170615", "application/json", two)) == (one == two)
    assert auth.body_hash("v3.20170615", "multipart/form-data", one) == new

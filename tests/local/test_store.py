"""Rows: conversion, transactions, layout; slots and accounting on them; what is forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.local import seed, slots
from bai_tui.local.clock import Clock
from bai_tui.local.passwords import (
    check_password,
    hash_password,
    new_access_key,
    new_secret_key,
)
from bai_tui.local.store import Store, StoreError


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store(":memory:")
    yield opened
    opened.close()


def test_values_come_back_as_they_were(store: Store) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    row = {
        "name": "d",
        "description": None,
        "is_active": True,
        "created_at": now,
        "modified_at": now + timedelta(microseconds=1),
        "total_resource_slots": {"cpu": "1"},
        "allowed_vfolder_hosts": ["a", "b"],
        "allowed_docker_registries": [],
        "integration_id": None,
    }
    store.insert("domains", **row)
    assert store.one("SELECT * FROM domains") == row
    # Times sort as texts, with and without a fraction.
    assert store.value("SELECT created_at < modified_at FROM domains") == 1


def test_transactions_are_all_or_nothing(store: Store) -> None:
    def twice() -> None:
        with store.transaction():
            store.insert("config", key="a", value="1")
            with store.transaction():
                store.insert("config", key="a", value="2")

    with pytest.raises(sqlite3.IntegrityError):
        twice()
    assert store.all("SELECT * FROM config") == []
    with store.transaction():
        store.insert("config", key="a", value="1")
    assert store.update("config", {"key": "a"}, value="2") == 1
    assert store.update("config", {"key": "none"}, value="2") == 0
    assert store.update("config", {"key": "a"}) == 0
    assert store.delete("config", key="a") == 1


def test_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "db"
    Store(path).close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StoreError, match="layout 99"):
        Store(path)


def test_seed_twice_changes_nothing_but_what_it_must(store: Store) -> None:
    clock = Clock()
    seed.fill(store, clock)
    seed.refresh(store, clock, {"cpu": "4", "mem": "1024"})
    before = store.all("SELECT * FROM images"), store.all("SELECT * FROM image_aliases")
    store.insert("image_aliases", alias="mine", image=before[0][0]["canonical"])
    seed.refresh(store, clock, {"cpu": "8", "mem": "1024"})
    assert store.all("SELECT * FROM images") == before[0]
    assert len(store.all("SELECT * FROM image_aliases")) == len(before[1]) + 1
    (agent,) = store.all("SELECT * FROM agents")
    assert agent["available_slots"] == {"cpu": "8", "mem": "1024"}


def test_old_sessions_are_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    accounts = seed.fill(store, clock)
    now = clock.now()

    def session(name: str, status: str, days: int) -> None:
        store.insert(
            "kernels",
            id=name,
            sess_id=name,
            sess_type="BATCH",
            image="i",
            registry="r",
            domain_name="default",
            group_id=store.value("SELECT id FROM groups"),
            user_uuid=store.value("SELECT uuid FROM users WHERE username = 'user'"),
            access_key=accounts["user"].access_key,
            status=status,
            created_at=now - timedelta(days=days),
            terminated_at=now - timedelta(days=days) if status == "TERMINATED" else None,
        )

    session("old", "TERMINATED", 131)
    session("old-cancelled", "CANCELLED", 131)
    session("old-live", "RUNNING", 131)
    session("recent", "TERMINATED", 120)
    session("new", "TERMINATED", 1)
    seed.forget_old_sessions(store, now)
    names = {row["id"] for row in store.all("SELECT id FROM kernels")}
    assert names == {"old-live", "recent", "new"}
    monkeypatch.setattr(seed, "MAX_SESSIONS", 1)
    seed.forget_old_sessions(store, now)
    assert {row["id"] for row in store.all("SELECT id FROM kernels")} == {"old-live", "new"}


def test_passwords_and_keys() -> None:
    stored = hash_password("pässword")
    assert "pässword" not in stored
    assert hash_password("pässword") != stored
    assert check_password("pässword", stored)
    assert not check_password("password", stored)
    assert len(new_access_key()) == 20
    assert len(new_secret_key()) == 40


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("256", 256),
        (256, 256),
        ("256m", 256 * 2**20),
        ("1.5G", 3 * 2**29),
        ("1_000k", 1024000),
        ("2 GiB", 2**31),
        ("4kbytes", 4096),
        ("7 ibytes", 7),
        ("Infinity", slots.INFINITY),
    ],
)
def test_sizes(text: str | int, size: int | Decimal) -> None:
    assert slots.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "m", "-1", "1x", "1..2", None, True, "nan", []])
def test_wrong_sizes(text: object) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        slots.parse_size(text)


@given(st.decimals(min_value=0, max_value=10**15, places=3))
def test_amounts_survive_their_text(number: Decimal) -> None:
    text = slots.number_text(number)
    assert "e" not in text.lower()
    assert slots.parse_amount("cuda.shares", text) == number


def test_slot_arithmetic() -> None:
    have = slots.parse_slots({"cpu": "4", "mem": "1g", "gone": None})
    assert have == {"cpu": 4, "mem": 2**30}
    need = slots.parse_slots({"cpu": 1.0005, "mem": "512m"})
    assert slots.slot_texts(slots.subtract(have, need)) == {"cpu": "3", "mem": "536870912"}
    assert slots.fits(need, have)
    assert not slots.fits({"cuda.device": Decimal(1)}, have)
    assert slots.minimum({"cpu": Decimal(2)}, {"mem": Decimal(1)}) == {"cpu": 2, "mem": 1}
    assert slots.add([have, need])["mem"] == 3 * 2**29
    with pytest.raises(ValueError, match="amount of cpu"):
        slots.parse_slots({"cpu": "many"})

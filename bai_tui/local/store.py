"""Rows of the local cluster in SQLite: connection, conversion, small helpers. Tables: `tables`.

Statements are short and run in the caller's thread (the event loop); nothing here awaits, so a
`with store.transaction():` block without an await inside is atomic for the whole cluster.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from bai_tui.local.tables import SCHEMA, VERSION

Row = dict[str, Any]
"""One row: column name to Python value (JSON, BOOL and TIME columns are decoded)."""


class StoreError(Exception):
    """The state directory holds no database that this version can use."""


def _time(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode())


sqlite3.register_converter("JSON", json.loads)
sqlite3.register_converter("BOOL", lambda text: text not in (b"0", b""))
sqlite3.register_converter("TIME", _time)


def encode(value: Any) -> Any:
    """Turn a Python value into what SQLite keeps: JSON text, 0/1, ISO time, plain text."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Mapping):
        return json.dumps(dict(value), default=str)
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value), default=str)
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    return value


def _quoted(names: Sequence[str]) -> list[str]:
    """Quote column names ("user" and "group" are words of SQL)."""
    return [f'"{name}"' for name in names]


class Store:
    """The database file of one state directory (0600), opened once per cluster.

    `one` and `all` return decoded rows; `insert`, `update` and `delete` take plain Python values.

    Example:
        >>> store = Store(":memory:")
        >>> store.insert("config", key="a/b", value="1")
        >>> store.one("SELECT value FROM config WHERE key = ?", "a/b")
        {'value': '1'}
        >>> store.close()
    """

    def __init__(self, path: Path | str) -> None:
        if path != ":memory:":
            # Create it ourselves: SQLite would use the process's umask.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(
            path, isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES, timeout=5.0
        )
        try:
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self.is_new = self._create()
        except BaseException as error:
            self._db.close()
            if isinstance(error, sqlite3.DatabaseError):
                raise StoreError(f"{path} is not a usable database: {error}") from error
            raise

    def _create(self) -> bool:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
            return True
        if version != VERSION:
            raise StoreError(
                f"the database has layout {version}, this version of bai-tui uses {VERSION}"
            )
        return False

    def close(self) -> None:
        """Close the connection; the WAL is folded into the database file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit the block's statements together, or none of them if it raises. May be nested."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def execute(self, sql: str, *values: Any) -> int:
        """Run one statement; returns the number of changed rows."""
        return self._db.execute(sql, [encode(value) for value in values]).rowcount

    def all(self, sql: str, *values: Any) -> list[Row]:
        """All rows of a query."""
        cursor = self._db.execute(sql, [encode(value) for value in values])
        return [dict(row) for row in cursor]

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query, or None."""
        row = self._db.execute(sql, [encode(value) for value in values]).fetchone()
        return None if row is None else dict(row)

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._db.execute(sql, [encode(value) for value in values]).fetchone()
        return None if row is None else row[0]

    def insert(self, table: str, **columns: Any) -> None:
        """Insert one row; raises `sqlite3.IntegrityError` on clashes."""
        names = ", ".join(_quoted(list(columns)))
        marks = ", ".join("?" * len(columns))
        self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())

    def update(self, table: str, where: Mapping[str, Any], **columns: Any) -> int:
        """Change the rows whose columns equal `where`; returns how many."""
        if not columns:
            return 0
        changes = ", ".join(f"{name} = ?" for name in _quoted(list(columns)))
        tests = " AND ".join(f"{name} = ?" for name in _quoted(list(where)))
        sql = f"UPDATE {table} SET {changes} WHERE {tests}"
        return self.execute(sql, *columns.values(), *where.values())

    def delete(self, table: str, **where: Any) -> int:
        """Delete the rows whose columns equal `where`; returns how many."""
        tests = " AND ".join(f"{name} = ?" for name in _quoted(list(where)))
        return self.execute(f"DELETE FROM {table} WHERE {tests}", *where.values())

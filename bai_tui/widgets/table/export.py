"""Rows as text for the clipboard and for files: TSV, CSV, JSON; pure."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any

from bai_tui.widgets.table.columns import Column, cell_of

__all__ = ["cell_value", "to_csv", "to_json", "to_tsv"]

_BREAKS = str.maketrans({"\t": " ", "\n": " ", "\r": " ", "\v": " ", "\f": " "})


def cell_value(column: Column[Any], row: Any) -> Any:
    """The value behind a cell: what the column's `value` returns, else the text on the screen."""
    if column.value is None:
        cell = cell_of(column, row)
        return cell.text or cell.glyph
    try:
        return column.value(row)
    except Exception:
        return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(value)


def to_tsv(rows: Iterable[Any], columns: Sequence[Column[Any]], *, header: bool = False) -> str:
    """Lines of cells with tabs between them, as spreadsheets paste it; no newline at the end.

    Tabs and line breaks inside a cell become spaces.
    """
    lines = ["\t".join(column.label for column in columns)] if header else []
    lines += [
        "\t".join(_text(cell_value(column, row)).translate(_BREAKS) for column in columns)
        for row in rows
    ]
    return "\n".join(lines)


def to_csv(
    rows: Iterable[Any], columns: Sequence[Column[Any]], *, guard_formulas: bool = True
) -> str:
    """RFC 4180 text with a header of column keys.

    Args:
        rows: The rows.
        columns: The columns, in order.
        guard_formulas: Put an apostrophe before texts a spreadsheet would run as a formula
            (first character `=`, `+`, `-`, `@`, tab or carriage return).  Numbers stay.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.key for column in columns])
    for row in rows:
        fields: list[str] = []
        for column in columns:
            value = cell_value(column, row)
            text = _text(value)
            if guard_formulas and isinstance(value, str) and _is_formula(text):
                text = "'" + text
            fields.append(text)
        writer.writerow(fields)
    # A lone surrogate can't be written to a file; what it stood for is unknown anyway.
    return out.getvalue().encode("utf-8", "replace").decode()


def _is_formula(text: str) -> bool:
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return False
    try:
        float(text)
    except ValueError:
        return text != "-"  # the sign for "unknown"
    return False


def to_json(rows: Iterable[Any], columns: Sequence[Column[Any]], *, indent: int | None = 2) -> str:
    """A list of objects by column key.  Decimals become numbers, times ISO 8601 text."""
    data = [{column.key: _plain(cell_value(column, row)) for column in columns} for row in rows]
    text = json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False, default=str)
    return text.encode("utf-8", "replace").decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        if not (value.is_finite() if isinstance(value, Decimal) else isfinite(value)):
            return None  # JSON has no such numbers
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return str(value)

"""What differs between releases is told by the tables: no other module compares versions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bai_tui

ROOT = Path(bai_tui.__file__).parent
TABLES = ROOT / "api" / "versioning"

VERSION = re.compile(r"v\d{1,2}\.\d{8}|v?(19|2\d)\.\d{1,2}")
NAMED = re.compile(
    r"R\d\d_\d\d|(_|^)(SINCE|RELEASE|RELEASES|GENERATION|GENERATIONS)(_|$)"
    r"|(.*_)?(release|releases|since|api_version|manager_version|server_version)$"
)
ASKED = {"number", "release", "newest", "manager", "version"}
OF = {"generation", "server", "info"}


def tells_a_version(node: ast.expr) -> bool:
    """Whether an expression is a release or an API version, or asks a server for its own."""
    match node:
        case ast.Constant(value=str(text)):
            return VERSION.fullmatch(text) is not None
        case ast.Tuple() if is_release(node):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name) if NAMED.search(name):
            return True
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return owner in OF and name in ASKED
        case ast.Subscript(value=inside):
            return tells_a_version(inside)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args):
            return name in {"parse_version", "release_of"} or any(map(tells_a_version, args))
        case ast.Call(func=ast.Attribute(value=inside)):
            return tells_a_version(inside)
    return False


def is_release(node: ast.AST) -> bool:
    """Whether it is written as a release, (20, 9)."""
    match node:
        case ast.Tuple(elts=[ast.Constant(value=int(year)), ast.Constant(value=int(month))]):
            return 19 <= year < 40 and 1 <= month <= 12
    return False


def questions(tree: ast.AST) -> Iterator[int]:
    """Lines that decide by a version, or keep one to decide by."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others):
                if any(map(tells_a_version, (left, *others))):
                    yield node.lineno
            case ast.Match(subject=subject):
                if tells_a_version(subject):
                    yield node.lineno
            case ast.Call(func=ast.Attribute(value=asked, attr="startswith")):
                if tells_a_version(asked):
                    yield node.lineno
            case ast.ImportFrom(names=names):
                if any(re.match(r"R\d\d_\d\d", name.name) for name in names):
                    yield node.lineno
            case ast.Tuple() if is_release(node):
                yield node.lineno


def test_the_search_finds_what_it_is_for() -> None:
    for text in (
        "generation.number >= 6",
        "session.generation.release < (23, 9)",
        "if self.session.server.version <= LEGACY: pass",
        'version < "v4.20181215"',
        "release >= STEPWISE_SINCE",
        "release == R23_09",
        "parse_version(version)[0] > 5",
        'server.manager.startswith("23.")',
        "match generation.number:\n case 4: pass",
        "from bai_tui.api.versioning.releases import R20_03",
        "max(e for e in ROWS if e[0] <= release)",
        "next(row for row in ROWS if row.since <= self.their_release)",
        "NEWER = ((20, 9), 'name')",
    ):
        assert set(questions(ast.parse(text))) == {1}, text
    for text in ("self.generation != generation", "proxy.number == 3", "generation.trash is True"):
        assert list(questions(ast.parse(text))) == [], text


def test_versions_are_compared_in_the_tables_alone() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in ROOT.rglob("*.py")
        if TABLES not in path.parents
        for line in questions(ast.parse(path.read_text("utf-8")))
    ]
    assert not found, "make it a row of a table in api/versioning"

"""Releases and API versions: how they are written, and which belongs to which."""

from __future__ import annotations

import re
from typing import Final

Release = tuple[int, int]
"""A release line: year and month, (20, 9) for 20.09."""

R19_09: Final[Release] = (19, 9)
R20_03: Final[Release] = (20, 3)
R20_09: Final[Release] = (20, 9)
R21_03: Final[Release] = (21, 3)
R21_09: Final[Release] = (21, 9)
R22_03: Final[Release] = (22, 3)
R22_09: Final[Release] = (22, 9)
R23_03: Final[Release] = (23, 3)
R23_09: Final[Release] = (23, 9)
R24_03: Final[Release] = (24, 3)
R24_09: Final[Release] = (24, 9)
R24_12: Final[Release] = (24, 12)
R25_01: Final[Release] = (25, 1)
R25_04: Final[Release] = (25, 4)
R25_08: Final[Release] = (25, 8)
R25_09: Final[Release] = (25, 9)
R25_10: Final[Release] = (25, 10)
R25_12: Final[Release] = (25, 12)
R26_01: Final[Release] = (26, 1)
R26_04: Final[Release] = (26, 4)
R26_08: Final[Release] = (26, 8)
R26_09: Final[Release] = (26, 9)

DEFAULT_API_VERSION: Final = "v9.20250722"
"""The newest API version this package speaks."""

_VERSION: Final = re.compile(r"v([0-9]{1,3})\.([0-9]{8})", re.ASCII)
_RELEASE: Final = re.compile(r"v?([0-9]{2})\.([0-9]{1,2})(?![0-9])", re.ASCII)

SPOKEN: Final = (
    # API version, the first release that speaks it (rest-overview.md 2.1)
    ("v4.20181215", R19_09),
    ("v5.20191215", R20_03),
    ("v6.20200815", R20_09),
    ("v6.20210815", R21_09),
    ("v6.20220315", R22_03),
    ("v6.20221201", R22_09),
    ("v6.20230315", R23_03),
    ("v7.20230615", R23_09),
    ("v8.20240315", R24_03),
    ("v8.20240915", R24_09),
    ("v9.20250722", R25_12),
)

UNSPOKEN: Final = frozenset({"v6.20210815"})
"""Versions later servers refuse, although they speak older and newer ones."""

UNSIGNED_BODIES: Final = "v4.20181215"
"""From this version on the signature covers no body (rest-auth.md 1.2)."""

LEGACY: Final = "v4.20181215"
"""The newest version that the manual calls legacy."""


def parse_version(text: str) -> tuple[int, str]:
    """`v4.20190615` as (4, "20190615"), which compares as versions do.

    Raises:
        ValueError: not of that form.
    """
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an API version like v4.20190615")
    return int(match[1]), match[2]


def signs_body(version: str) -> bool:
    """Whether the signature of requests in `version` covers the body; servers compare the texts."""
    return version < UNSIGNED_BODIES


def is_legacy(version: str) -> bool:
    """Whether `version` is that of a server older than 19.03."""
    return version <= LEGACY


def release_of(version: str, manager: str = "") -> Release:
    """The release line of a server by its own word; without one, by its API version.

    Servers older than 19.09 count as 19.09.

    Raises:
        ValueError: `version` is no API version.
    """
    spoken = parse_version(version)
    match = _RELEASE.match(manager.strip())
    if match is not None:
        return max((int(match[1]), int(match[2])), R19_09)
    known = [release for text, release in SPOKEN if parse_version(text) <= spoken]
    return known[-1] if known else R19_09


def release_text(release: Release) -> str:
    """`20.09` for (20, 9)."""
    return f"{release[0]}.{release[1]:02}"

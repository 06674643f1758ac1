"""Values of the configuration store that are secrets: found by their names, masked by default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MASK: Final = "•" * 8
"""What is shown, copied, kept and exported in place of a secret."""
_WORDS: Final = "password|passwd|secret|token|credential|private_key"
_NAMED: Final = re.compile(_WORDS, re.IGNORECASE)
# Inside of values: members of JSON and TOML, and what stands before the host of an address.
_MEMBER: Final = re.compile(
    rf"""((?:{_WORDS})[\w.-]*\\?["']?\s*[:=]\s*)(\\?["'])((?:(?!\2)(?:\\.|.))+)\2""",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS: Final = re.compile(r"(\w://[^\s/:@]*:)([^\s/@]+)(@)")
_LINE: Final = re.compile(r"""\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([\w./-]+))\s*=\s*""")


def hides(path: str) -> bool:
    """Whether a value is not for everybody who looks over a shoulder."""
    return bool(_NAMED.search(path.rpartition("/")[2]))


def masked(path: str, value: str) -> str:
    """A value as it may stand on a screen: a secret, or the secrets in it, are masked."""
    if not value:
        return value
    if hides(path):
        return MASK
    value = _MEMBER.sub(lambda m: f"{m[1]}{m[2]}{MASK}{m[2]}", value)
    return _ADDRESS.sub(rf"\g<1>{MASK}\g<3>", value)


def masked_text(text: str) -> str:
    """A text of keys and values, right or wrong, without what may be a secret in it.

    Lines that cannot be understood are left out: nobody knows what stands in them.
    """
    return "\n".join(map(_masked_line, text.split("\n")))


def _masked_line(line: str) -> str:
    if not line.strip():
        return line
    sign, rest = (line[0], line[1:]) if line[0] in "+-" else ("", line)
    found = _LINE.match(rest)
    if found is None:
        return line if rest.lstrip().startswith("#") and not _NAMED.search(rest) else f"{sign}# …"
    key = next(group for group in found.groups() if group is not None)
    value = rest[found.end() :]
    # A text that goes on in the next lines would be told there.
    if hides(key) or value.startswith(('"""', "'''")):
        return f'{sign}{found[0]}"{MASK}"'
    return f"{sign}{found[0]}{masked(key, value)}"


def unmasked(changes: Mapping[str, str]) -> list[str]:
    """Keys whose new value still has a mask in it: what it stands for would be lost."""
    return [path for path, value in changes.items() if MASK in value]

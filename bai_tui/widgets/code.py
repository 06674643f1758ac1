"""Source code as spans of a few kinds, for whatever draws it; Pygments is loaded at first use."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pygments.lexer import Lexer

Span = tuple[int, int, str]
"""Begin, end (characters of a line) and component class."""

KINDS: Final = (
    # the first token type that contains a token decides
    ("Comment", "code--comment"),
    ("Keyword", "code--keyword"),
    ("Operator.Word", "code--keyword"),
    ("Literal.String", "code--string"),
    ("Literal.Number", "code--number"),
    ("Name.Function", "code--name"),
    ("Name.Class", "code--name"),
    ("Name.Decorator", "code--name"),
    ("Name.Builtin", "code--builtin"),
)
CLASSES: Final = frozenset(kind for _, kind in KINDS)

CSS: Final = """
    .code--comment { color: $text-muted; text-style: italic; }
    .code--keyword { color: $text-accent; text-style: bold; }
    .code--string { color: $text-success; }
    .code--number { color: $text-warning; }
    .code--name { color: $text-primary; text-style: bold; }
    .code--builtin { color: $text-secondary; }
"""
"""Rules of the component classes, to be put into the CSS of a widget that draws code."""

LONGEST: Final = 100_000
"""Characters beyond which code is shown plainly."""


def language_of(image: str) -> str:
    """Language of an image, by its name: `python`, `r`, `bash`…; empty when it is unknown."""
    name = image.rpartition("/")[2].partition(":")[0].lower()
    for language, words in _LANGUAGES:
        if any(word in name for word in words):
            return language
    return ""


_LANGUAGES: Final = (
    ("bash", ("bash", "shell")),
    ("julia", ("julia",)),
    ("r", ("r-base", "rstudio")),
    ("javascript", ("nodejs", "node")),
    ("java", ("java",)),
    ("rust", ("rust",)),
    ("go", ("golang",)),
    ("cpp", ("cpp", "gcc")),
    ("php", ("php",)),
    ("lua", ("lua",)),
    ("haskell", ("haskell",)),
    ("scala", ("scala",)),
    ("python", ("python", "pytorch", "tensorflow", "jupyter", "ngc-", "caffe", "keras")),
)


@lru_cache(maxsize=8)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _kind(token: str) -> str:
    return next((kind for part, kind in KINDS if token.startswith(f"Token.{part}")), "")


def spans(source: str, language: str) -> list[tuple[Span, ...]]:
    """The spans of each line of `source`; plain text has none."""
    lines: list[list[Span]] = [[]]
    lexer = _lexer(language) if len(source) <= LONGEST else None
    if lexer is None:
        return [()] * (source.count("\n") + 1)
    column = 0
    for token, text in lexer.get_tokens(source):
        kind = _kind(str(token))
        for index, part in enumerate(text.split("\n")):
            if index:
                lines.append([])
                column = 0
            if part and kind:
                lines[-1].append((column, column + len(part), kind))
            column += len(part)
    return [tuple(line) for line in lines]


def is_complete(source: str) -> bool:
    """Whether Python code can be run as it stands; wrong code can: the session says what is wrong.

    One line is complete when nothing is open; several are when the last one is empty.
    """
    import codeop
    import warnings

    lines = source.split("\n")
    if len(lines) > 1 and lines[-1].strip():
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return codeop.compile_command(source, symbol="exec") is not None
    except (SyntaxError, ValueError, OverflowError, MemoryError):
        return True

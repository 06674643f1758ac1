"""The filter language, and the cached lower case text of rows it is tried on; pure.

text            rows with the text in any shown column, letters of either case
a b             both
"a b"           with a space
!text           rows without it
/regex/         a regular expression; `^` and `$` are the ends of a cell
column:text     in one column; `column=text` the whole cell
!column:/re/    and all together
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bai_tui.widgets.table.columns import Column, cell_of

__all__ = ["Filter", "FilterError", "Haystacks", "parse_filter"]

Key = Hashable

# Cells never contain it (`printable` shows it), and `^` and `$` of regular expressions stop at it.
_BORDER = "\n"

_TERM = re.compile(
    r"""(?P<not>!?)
        (?:(?P<column>[^\s:=!/"]+)(?P<how>[:=]))?
        (?:/(?P<regex>(?:[^/\\]|\\.)+)/(?=\s|$) | "(?P<quoted>[^"]*)"? | (?P<plain>\S*))""",
    re.VERBOSE,
)


class FilterError(ValueError):
    """The filter can't be understood; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; all conditions of a filter must hold."""

    inverse: bool
    column: str | None
    whole: bool
    text: str
    regex: re.Pattern[str] | None

    def plain(self) -> bool:
        """A longer text of the same kind finds fewer rows."""
        return not self.inverse and self.column is None and self.regex is None

    def found_in(self, text: str) -> bool:
        """Try the condition on lower case text."""
        if self.regex is not None:
            return self.regex.search(text) is not None
        return text == self.text if self.whole else self.text in text


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter."""

    text: str
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def narrows(self, other: Filter) -> bool:
        """Whether every row this one lets through is let through by `other`, which is shorter.

        May be wrongly false, never wrongly true.
        """
        return (
            self.text.startswith(other.text)
            and all(term.plain() for term in self.terms)
            and all(term.plain() for term in other.terms)
            and all(any(old.text in new.text for new in self.terms) for old in other.terms)
        )


def parse_filter(text: str, columns: Iterable[Column[Any]] = ()) -> Filter:
    """Parse what a user typed; an empty text is the empty filter.

    `name:` counts as a column only if there is one of that key or label (either case);
    `python:3.11` is a plain text.

    Raises:
        FilterError: a regular expression is not valid.
    """
    names: dict[str, str] = {}
    for column in columns:
        names.setdefault(column.label.lower(), column.key)
        names[column.key.lower()] = column.key
    terms: list[Term] = []
    for match in _TERM.finditer(text.strip()):
        if not match[0]:
            continue
        inverse = bool(match["not"])
        name, how = match["column"], match["how"]
        wanted = match["quoted"] if match["quoted"] is not None else match["plain"] or ""
        regex: re.Pattern[str] | None = None
        if name is not None and name.lower() not in names:
            # No such column: the colon is part of the text, and so are slashes after it.
            wanted, name = match[0][1:] if inverse else match[0], None
            wanted = wanted.replace('"', "") if match["quoted"] is not None else wanted
        elif match["regex"] is not None:
            try:
                regex = re.compile(match["regex"], re.IGNORECASE | re.MULTILINE)
            except re.error as error:
                raise FilterError(f"/{match['regex']}/: {error.msg}") from None
        if not wanted and regex is None:
            continue  # "image:" while its value is not typed yet
        terms.append(
            Term(
                inverse,
                None if name is None else names[name.lower()],
                how == "=" and name is not None,
                wanted.lower(),
                regex,
            )
        )
    return Filter(text, tuple(terms))


class Haystacks:
    """Lower case text of rows, cached by key, in which filters look.

    The text of a row is that of its searchable columns, one per line.
    """

    def __init__(self, columns: Sequence[Column[Any]] = (), shown: Sequence[str] = ()) -> None:
        self._texts: dict[Key, str] = {}
        self.set_columns(columns, shown)

    def set_columns(self, columns: Sequence[Column[Any]], shown: Sequence[str]) -> None:
        """Take all columns (for `column:text`) and the keys of those a plain text looks in."""
        self._columns = {column.key: column for column in columns}
        self._searched = [
            column
            for column in columns
            if column.key in set(shown) and column.searchable and not column.live
        ]
        self._line = {column.key: index for index, column in enumerate(self._searched)}
        self._texts.clear()

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, key: Key, row: Any) -> str:
        """The row's text."""
        text = self._texts.get(key)
        if text is None:
            parts = [cell_of(column, row).text for column in self._searched]
            text = self._texts[key] = _BORDER.join(parts).lower()
        return text

    def forget(self, keys: Iterable[Key]) -> None:
        """Drop the text of rows that changed or left."""
        for key in keys:
            self._texts.pop(key, None)

    def warm(self, rows: Mapping[Key, Any], keys: Iterable[Key], seconds: float) -> bool:
        """Cache texts for at most `seconds`; returns whether all of `keys` are done."""
        end = perf_counter() + seconds
        for count, key in enumerate(keys):
            if key not in self._texts and key in rows:
                self.text(key, rows[key])
                if count % 16 == 15 and perf_counter() > end:
                    return False
        return True

    def predicate(self, wanted: Filter) -> Callable[[Key, Any], bool]:
        """A function of key and row that tries the filter."""
        tests = [self._test(term) for term in wanted.terms]
        if len(tests) == 1:
            return tests[0]
        return lambda key, row: all(test(key, row) for test in tests)

    def _test(self, term: Term) -> Callable[[Key, Any], bool]:
        text_of, inverse, texts = self.text, term.inverse, self._texts
        if term.column is None:
            if term.regex is None:
                needle = term.text

                def contains(key: Key, row: Any) -> bool:
                    text = texts.get(key)
                    return (needle in (text_of(key, row) if text is None else text)) != inverse

                return contains
            search = term.regex.search
            return lambda key, row: (search(text_of(key, row)) is not None) != inverse
        line = self._line.get(term.column)
        if line is not None:
            return lambda key, row: (
                term.found_in(text_of(key, row).split(_BORDER, line + 1)[line]) != inverse
            )
        column = self._columns[term.column]
        return lambda key, row: term.found_in(cell_of(column, row).text.lower()) != inverse

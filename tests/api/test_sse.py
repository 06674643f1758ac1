"""The decoder of server-sent events against the rules of the WHATWG standard."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import aiosseclient
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.api.sse import MAX_LINE, Event, EventTooLargeError, SSEDecoder

Expected = list[tuple[str, str]]

CASES: dict[str, tuple[str, Expected]] = {
    "one line": ("data: a\n\n", [("message", "a")]),
    "two lines join": ("data: a\ndata: b\n\n", [("message", "a\nb")]),
    "named": ("event: x\ndata: a\n\n", [("x", "a")]),
    "empty name is message": ("event:\ndata: a\n\n", [("message", "a")]),
    "name does not leak": ("event: x\n\ndata: a\n\n", [("message", "a")]),
    "one leading blank goes": ("data:  a\n\ndata:b\n\n", [("message", " a"), ("message", "b")]),
    "tab stays": ("data:\ta\n\n", [("message", "\ta")]),
    "colons in the value": ("data: a:b:c\n\n", [("message", "a:b:c")]),
    "empty data": ("data:\n\ndata\n\n", [("message", ""), ("message", "")]),
    "two empty data lines": ("data\ndata\n\n", [("message", "\n")]),
    "leading empty line kept": ("data:\ndata: a\n\n", [("message", "\na")]),
    "trailing empty lines kept": ("data: a\ndata:\ndata:\n\n", [("message", "a\n\n")]),
    "no data, no event": ("event: x\nid: 1\n\n", []),
    "nothing before the blank line": ("data: a\n", []),
    "comments": (": hi\n:\ndata: a\n: more\n\n", [("message", "a")]),
    "long comment": (f":{'x' * 5000}\ndata: a\n\n", [("message", "a")]),
    "CRLF": ("data: a\r\n\r\n", [("message", "a")]),
    "CR": ("data: a\r\rdata: b\r\r", [("message", "a"), ("message", "b")]),
    "mixed ends": ("data: a\r\ndata: b\rdata: c\n\r\n", [("message", "a\nb\nc")]),
    "LF then CR": ("data: a\n\r", [("message", "a")]),
    "one BOM goes": ("\ufeffdata: a\n\n", [("message", "a")]),
    "only one BOM goes": ("\ufeff\ufeffdata: a\n\ndata: b\n\n", [("message", "b")]),
    "BOM later is text": ("data: a\n\n\ufeffdata: b\n\n", [("message", "a")]),
    "unknown fields": ("what: x\nnothing\ndata: a\n\n", [("message", "a")]),
    "names are exact": ("Data: a\n data: b\ndata : c\ndata\0: d\n\n", []),
    "line separators are text": (
        "data: a\u2028b\u2029c\x85d\n\n",
        [("message", "a\u2028b\u2029c\x85d")],
    ),
    "controls are text": ("data: a\x0bb\x0cc\x1cd\n\n", [("message", "a\x0bb\x0cc\x1cd")]),
    "NUL in data": ("data: a\0b\n\n", [("message", "a\0b")]),
    "manager's own": (
        'event: kernel_started\r\ndata: {"sessionId": "x"}\r\n\r\n: ping\r\n\r\n',
        [("kernel_started", '{"sessionId": "x"}')],
    ),
    "emoji": ("data: 🙂 안녕\n\n", [("message", "🙂 안녕")]),
    "long line": (f"data: {'x' * 300_000}\n\n", [("message", "x" * 300_000)]),
}


def decode(data: bytes, size: int | None = None) -> tuple[Expected, SSEDecoder]:
    decoder = SSEDecoder()
    events = []
    step = size or max(1, len(data))
    for start in range(0, len(data), step):
        events += decoder.feed(data[start : start + step])
    return [(event.event, event.data) for event in events], decoder


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    text, expected = CASES[name]
    data = text.encode()
    assert decode(data)[0] == expected
    if len(data) < 4096:
        assert decode(data, 1)[0] == expected
        for cut in range(len(data)):
            decoder = SSEDecoder()
            events = decoder.feed(data[:cut]) + decoder.feed(data[cut:])
            assert [(e.event, e.data) for e in events] == expected


def test_invalid_utf8_is_replaced() -> None:
    assert decode(b"data: a\xff\xc3(b\n\n")[0] == [("message", "a\ufffd\ufffd(b")]


@pytest.mark.parametrize(
    ("text", "ids", "last"),
    [
        ("id: 1\ndata: a\n\ndata: b\n\n", ["1", "1"], "1"),
        ("id: 1\ndata: a\n\nid:\ndata: b\n\n", ["1", None], ""),
        ("id: 1\ndata: a\n\nid\ndata: b\n\n", ["1", None], ""),
        ("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", ["1", "1"], "1"),
        ("id: 7\n\ndata: b\n\n", ["7"], "7"),
        ("data: a\n\nid: 9\n", [None], ""),
    ],
)
def test_ids(text: str, ids: list[str | None], last: str) -> None:
    decoder = SSEDecoder()
    assert [event.id for event in decoder.feed(text.encode())] == ids
    assert decoder.last_event_id == last


@pytest.mark.parametrize(
    ("value", "retry"),
    [
        ("3000", 3000),
        ("0", 0),
        ("1000x", None),
        ("", None),
        ("-5", None),
        ("+7", None),
        ("1_0", None),
        ("٣", None),
        (" 5", None),
        ("9" * 40, None),
    ],
)
def test_retry(value: str, retry: int | None) -> None:
    decoder = SSEDecoder()
    (event,) = decoder.feed(f"retry: {value}\ndata: a\n\n".encode())
    assert decoder.retry == event.retry == retry
    (later,) = decoder.feed(b"data: b\n\n")
    assert later.retry is None
    assert decoder.retry == retry


def test_event_is_one_of_aiosseclient() -> None:
    (event,) = SSEDecoder().feed(b"event: x\ndata: a\n\n")
    assert isinstance(event, aiosseclient.Event)
    assert str(event) == "a"
    assert "x" in repr(event)


@pytest.mark.parametrize("chunk", [b"x" * 65536, b"data: " + b"x" * 65536 + b"\n"])
def test_endless_lines_and_events_end_in_an_error(chunk: bytes) -> None:
    decoder = SSEDecoder()

    def endless() -> None:
        for _ in range(MAX_LINE // 65536 + 2):
            decoder.feed(chunk)

    with pytest.raises(EventTooLargeError):
        endless()


pieces = st.sampled_from(
    ["data", "event", "id", "retry", ":", " ", "\n", "\r", "\r\n", "a", "7", "\0", "\ufeff", "é🙂"]
)


@given(st.lists(pieces, max_size=40), st.lists(st.integers(0, 200), max_size=8))
def test_chunking_never_matters(parts: list[str], cuts: list[int]) -> None:
    data = "".join(parts).encode()
    whole, first = decode(data)
    decoder = SSEDecoder()
    events: list[Any] = []
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for left, right in pairwise(edges):
        events += decoder.feed(data[left:right])
    assert [(event.event, event.data) for event in events] == whole
    assert (decoder.retry, decoder.last_event_id) == (first.retry, first.last_event_id)


names = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1)


@given(names, names, names)
def test_what_a_server_encodes_comes_back(name: str, data: str, event_id: str) -> None:
    record = f"event: {name}\ndata: {data}\nid: {event_id}\n\n".encode()
    (event,) = SSEDecoder().feed(record)
    assert (event.event, event.data, event.id) == (name, data, event_id)
    assert isinstance(event, Event)


def test_events_are_mappings_as_in_the_manual() -> None:
    (event,) = SSEDecoder().feed(b"event: e\nid: 1\ndata: x\n\n")
    assert (event["event"], event["data"], event["id"]) == ("e", "x", "1")
    for missing in ("retry", "other"):
        with pytest.raises(KeyError):
            event[missing]

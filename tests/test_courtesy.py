"""Keys come before events, and events come all the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bai_tui.courtesy import LONGEST, TYPING, Courtesy, Events
from bai_tui.feed import ClusterEvent
from tests.waiting import until


def event(number: int) -> ClusterEvent:
    return ClusterEvent(datetime.now(UTC), "kernel_started", number=number)


class Heard(list[int]):
    """Numbers of the events given on, and when the last came."""

    at = 0.0

    def take(self, events: Events) -> None:
        self += [e.number for e in events]
        self.at = asyncio.get_running_loop().time()


async def test_events_come_at_once_when_nobody_types() -> None:
    heard = Heard()
    courtesy = Courtesy(heard.take)
    courtesy.came((event(1), event(2)))
    assert heard == [1, 2]


async def test_a_key_holds_events_back_for_a_moment_and_keeps_their_order() -> None:
    heard, now = Heard(), asyncio.get_running_loop().time
    courtesy = Courtesy(heard.take)
    courtesy.typed()
    began = now()
    courtesy.came((event(1),))
    courtesy.came((event(2), event(3)))
    assert heard == []
    await until(lambda: heard, "the events")
    assert heard == [1, 2, 3]
    assert heard.at - began >= TYPING * 0.9


async def test_events_come_through_however_much_is_typed() -> None:
    heard, now = Heard(), asyncio.get_running_loop().time
    courtesy = Courtesy(heard.take)
    courtesy.typed()
    began = now()
    courtesy.came((event(1),))

    def still_typing() -> bool:
        courtesy.typed()
        return bool(heard)

    await until(still_typing, "the event")
    assert heard == [1]
    assert heard.at - began >= LONGEST * 0.9


async def test_what_is_held_may_be_forgotten() -> None:
    heard = Heard()
    courtesy = Courtesy(heard.take)
    courtesy.typed()
    courtesy.came((event(1),))
    courtesy.forget()
    courtesy.came((event(2),))
    await until(lambda: heard, "the later event")
    assert heard == [2]

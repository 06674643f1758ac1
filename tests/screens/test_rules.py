"""The pure rules below the screens: rows of sessions, orders of new ones, events, settings."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from bai_tui import profiles, settings
from bai_tui.api.models import SessionInfo
from bai_tui.feed import ClusterEvent, Feed
from bai_tui.screens.admin.images import limits
from bai_tui.screens.admin.resource import Item
from bai_tui.screens.create.draft import (
    Draft,
    Image,
    Limit,
    Offer,
    check_name,
    parse_amount,
    wire_amount,
)
from bai_tui.screens.folders.model import Folder
from bai_tui.screens.sessions.model import LINGER, PATIENCE, SessionModel, expected_info
from bai_tui.widgets.logview import clean_lines


def info(name: str, status: str = "RUNNING", uuid: str = "") -> SessionInfo:
    wire = {"id": uuid or f"id-{name}", "sess_id": name, "status": status, "access_key": "K"}
    return SessionInfo.from_wire(wire)


def event(name: str, session: str) -> ClusterEvent:
    return ClusterEvent.parse(name, f'{{"sessionId": "{session}", "ownerAccessKey": "K"}}')


def test_a_session_that_ends_is_seen_leaving_and_then_goes() -> None:
    model = SessionModel()
    model.reconcile([info("a"), info("b")], 0)
    change = model.apply(event("kernel_terminated", "a"), 1)
    assert [row.info.status for row in change.changed] == ["TERMINATED"]
    assert not model.reconcile([info("b")], 2).removed
    assert model.expire(1 + LINGER).removed == ("id-a",)


def test_what_a_list_lacks_without_reason_goes_at_once() -> None:
    model = SessionModel()
    model.reconcile([info("a"), info("b")], 0)
    assert model.reconcile([info("b")], 1).removed == ("id-a",)


def test_an_expected_session_becomes_the_real_one() -> None:
    model = SessionModel()
    model.expect(expected_info("new1", "python", "interactive", "K", {"cpu": "1"}), 0)
    assert not model.apply(event("kernel_enqueued", "new1"), 0)
    change = model.merge([info("new1", "PENDING", "real")], 1)
    assert change.renamed == {"expected:new1": "real"}
    assert list(model.rows) == ["real"]


def test_an_expected_session_nobody_confirms_goes() -> None:
    model = SessionModel()
    model.expect(expected_info("new1", "python", "interactive", "K", {}), 0)
    assert not model.reconcile([], 1).removed
    assert model.expire(PATIENCE).removed == ("expected:new1",)


@pytest.mark.parametrize("name", ["abcd", "a" * 64, "_a.b-c_", "a1-2"])
def test_good_names(name: str) -> None:
    assert check_name(name) == ""


@pytest.mark.parametrize("name", ["abc", "a" * 65, "-abc", "abc-", "ab cd", "안녕하세요", ""])
def test_bad_names(name: str) -> None:
    assert check_name(name)


@pytest.mark.parametrize("text", ["512m", "2g", "64k", "1t"])
def test_amounts_come_back_as_they_were_typed(text: str) -> None:
    assert wire_amount("mem", parse_amount("mem", text)) == text


def test_an_order_is_checked_against_image_and_limits() -> None:
    image = Image("r/python:3", limits={"cpu": Limit(Decimal(2), Decimal(4))})
    room = {"mem": Decimal(2**30)}

    def wrong(**options: object) -> set[str]:
        fields = {"image": image.reference, "name": "good-name", **options}
        draft = Draft(**fields)  # type: ignore[arg-type]
        return set(draft.check(Offer(image, room)))

    assert wrong(slots={"cpu": "2", "mem": "1g"}) == set()
    assert wrong(slots={"cpu": "1"}) == {"slot-cpu"}
    assert wrong(slots={"cpu": "5"}) == {"slot-cpu"}
    assert wrong(slots={"mem": "2g"}) == {"slot-mem"}
    assert wrong(slots={"mem": "much"}) == {"slot-mem"}
    assert wrong(slots={"mem": "64m"}, shmem="64m") == {"shmem"}
    assert wrong(kind="batch") == {"command"}
    assert wrong(environ="A=1 novalue") == {"environ"}
    assert wrong(image="") == {"image"}


def test_the_code_shown_can_be_compiled() -> None:
    draft = Draft(image="r/p:3", name="it's", slots={"cpu": "0.5", "mem": "1g"}, environ="A='x y'")
    body = "\n".join("    " + line for line in draft.code().splitlines()[2:])
    compile(f"async def run():\n{body}", "code", "exec")


@pytest.mark.parametrize("text", ["4F", "x", "-", "nan", "inf", "1e9999", "٤"])
def test_a_draft_that_is_wrong_has_a_call_all_the_same(text: str) -> None:
    """It is shown while one types."""
    draft = Draft(image="r/p:3", name="name", slots={"cpu": text, "mem": text})
    assert "get_or_create" in draft.code()
    assert {"slot-cpu", "slot-mem"} & draft.check(Offer()).keys() or text == "٤"


def test_events_of_any_shape_are_kept() -> None:
    assert ClusterEvent.parse(None, "not json").reason == "not json"
    later = '{"sessionName": "n", "sessionId": "uuid", "reason": null}'
    assert ClusterEvent.parse("session_started", later).session == "n"
    feed = Feed(limit=2)
    feed.add(tuple(event("kernel_started", f"s{i}") for i in range(5)))
    assert [e.number for e in feed] == [4, 5]


def test_the_end_of_a_session_is_told_apart_from_that_of_a_container() -> None:
    """As 23.09.10 sends them: both tell the id of a container."""
    data = (
        '{"reason": "user-requested", "sessionName": "n", "ownerAccessKey": "K",'
        ' "sessionId": "22b16162-6833-487c-9dfe-5dcd14118623", "exitCode": null,'
        ' "kernelId": "3e14702d-765a-4a52-861c-6b3eb08faff4"'
    )
    of_one = data + ', "clusterRole": "main", "clusterIdx": 1}'
    assert ClusterEvent.parse("kernel_terminated", of_one).status == ""
    assert ClusterEvent.parse("session_terminating", data + "}").status == "TERMINATING"
    assert ClusterEvent.parse("session_terminated", data + "}").status == "TERMINATED"


def test_logs_are_shown_and_not_obeyed() -> None:
    assert clean_lines("\x1b[31mred\x1b[0m\r\n10%\r100%\nbell\x07") == ["red", "100%", "bell␇"]


def test_secrets_others_can_read_are_refused(tmp_path: Path) -> None:
    profile = settings.Profile("lab", {"endpoint": "https://x.example"}, "secret")
    profiles.save(profile, directory=tmp_path)
    assert settings.load(tmp_path).profiles["lab"].secret_key == "secret"
    assert "secret" not in (tmp_path / "settings.toml").read_text()
    os.chmod(tmp_path / "secrets.toml", 0o644)
    with pytest.raises(settings.SettingsError, match="chmod 600"):
        settings.load(tmp_path)


@pytest.mark.parametrize("text", ["x = [", "nonsense = 1", "[profiles.a]\nsecret_key = 'x'"])
def test_unusable_settings_are_explained(text: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(settings.SettingsError, match=r"settings\.toml"):
        settings.load(tmp_path)


@pytest.mark.parametrize("most", [None, "Infinity"])
def test_a_resource_without_a_maximum_is_open_above(most: str | None) -> None:
    item = Item("python", {"resource_limits": [{"key": "cpu", "min": "1", "max": most}]})
    assert limits(item) == "cpu 1+"


def test_a_purged_folder_is_known_by_its_status() -> None:
    states = {"ready": (False, False), "delete-pending": (True, False)}
    states["delete-complete"] = (True, True)
    for status, expected in states.items():
        folder = Folder.from_wire({"name": "f", "status": status})
        assert (folder.in_trash, folder.is_gone) == expected

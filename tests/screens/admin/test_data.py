"""The pure half of the administration: kinds of values, texts and their differences, calls."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bai_tui.api.exceptions import BackendAPIError
from bai_tui.screens.admin import (
    agents,
    domains,
    groups,
    images,
    keypairs,
    policies,
    presets,
    scaling,
    storagepolicies,
    users,
)
from bai_tui.screens.admin.audit import took
from bai_tui.screens.admin.catalogue import NAMES, view_class
from bai_tui.screens.admin.detail import describe
from bai_tui.screens.admin.etcd import calls_for, differing, nodes, setting, shown
from bai_tui.screens.admin.kinds import (
    Flag,
    Integer,
    Kind,
    Names,
    Options,
    Size,
    Slots,
    Text,
    wire_slots,
)
from bai_tui.screens.admin.loading import FieldMemory
from bai_tui.screens.admin.masks import MASK, masked, masked_text
from bai_tui.screens.admin.resource import Item, Resource, refusal
from bai_tui.screens.admin.text import TextError, difference, read_text, with_problems, write_text
from bai_tui.screens.admin.usage import parse_period
from bai_tui.widgets.plot import Point, axis, block_rows, columns_of

RESOURCES = tuple(
    {view_class(name).RESOURCE.name: view_class(name).RESOURCE for name in NAMES}.values()
)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Text(0, 5), " a b ", "a b"),
        (Integer(0, 10), "1_0", 10),
        (Size(), "64m", 64 * 2**20),
        (Flag(), "Yes", True),
        (Names(), "a, b,,a", ["a", "b"]),
        (Slots(), "cpu=4, mem=8g", {"cpu": "4", "mem": "8g"}),
        (Slots(), "mem=inf", {"mem": "inf"}),
        (Options(), '{"a": 1}', {"a": 1}),
        (Options(), "", {}),
    ],
)
def test_what_is_typed_becomes_a_value_and_can_be_typed_again(
    kind: Kind, typed: str, value: Any
) -> None:
    assert kind.parse(typed) == value
    assert kind.parse(kind.show(value)) == value


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        (Text(3, 5), "ab", "at least 3"),
        (Text(0, 2), "abc", "at most 2"),
        (Text(0, 9, r"[a-z]+", "letters"), "a1", "letters"),
        (Integer(1, 10), "0", "1 to 10"),
        (Integer(), "x", "whole number"),
        (Size(), "much", "size"),
        (Flag(), "perhaps", "yes or no"),
        (Slots(), "cpu", "name=amount"),
        (Slots(), "mem=lots", "mem"),
        (Slots(1), "", "needed"),
        (Options(), "[1]", "JSON object"),
    ],
)
def test_what_is_wrong_is_said(kind: Kind, typed: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        kind.parse(typed)


def test_values_of_servers_are_read() -> None:
    assert Integer().of_wire(12345678901.0) == 12345678901
    assert Names().of_wire('{"local": ["a"]}') == ["local"]
    assert Slots().of_wire('{"cpu": "2", "mem": "536870912", "x": "Infinity"}') == {
        "cpu": "2",
        "mem": "512m",
        "x": "inf",
    }
    assert wire_slots({"mem": "512m", "cpu": "0.5", "x": "inf"}) == {
        "mem": "536870912",
        "cpu": "0.5",
        "x": "Infinity",
    }


NAME = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=60)
@given(name=NAME, description=NAME, active=st.booleans(), hosts=st.lists(NAME, max_size=3))
def test_any_values_survive_being_written_and_read(
    name: str, description: str, active: bool, hosts: list[str]
) -> None:
    """Whatever a server calls things: quotes, backslashes, controls, emoji."""
    fields = [field for field in groups.RESOURCE.fields if field.key not in ("name", "domain_name")]
    values = {
        "description": description,
        "is_active": active,
        "total_resource_slots": {"cpu": "4", "cuda.shares": "0.5"},
        "allowed_vfolder_hosts": list(dict.fromkeys(hosts)),
        "integration_id": name,
        "resource_policy": description,
    }
    text = write_text(f"group {name}", fields, values)
    assert read_text(text, fields) == values
    assert difference(text, text) == []


def test_a_text_that_cannot_be_used_says_all_that_is_wrong_at_once() -> None:
    fields = [f for f in policies.RESOURCE.fields if f.within(True)]
    text = 'max_concurrent_sessions = -1\nidle_timeout = "long"\nnonsense = 1\n'
    with pytest.raises(TextError) as caught:
        read_text(text, fields)
    assert len(caught.value.problems) == 3
    again = with_problems(text, caught.value.problems)
    assert again.count("# ✗ ") == 3
    assert with_problems(again, ["one"]).count("# ✗ ") == 1
    with pytest.raises(TextError, match="no TOML"):
        read_text("a = [", fields)


def test_the_difference_shows_what_changes_and_no_comments() -> None:
    old, new = '# x\na = 1\nb = "b"\n', '# y\na = 2\nb = "b"\n'
    assert difference(old, new) == ["-a = 1", "+a = 2", ' b = "b"']


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_resources_are_complete(resource: Resource) -> None:
    keys = [field.key for field in resource.fields]
    assert len(keys) == len(set(keys))
    assert bool(resource.create) <= bool(keys)
    for field in resource.fields:
        assert len(field.label) <= 13
        assert len(field.remark()) <= 26, "the note beside it is cut at 80 columns"
        if not field.required and field.default not in ("", None):
            assert field.problem(list(field.default) if field.several else field.default) == ""
    for relation in resource.relations:
        assert relation.target in NAMES
    item = Item("key", {})
    for column in resource.columns:
        column.render(item)  # a row without any field must not fail
    for call in (resource.remove, resource.purge, resource.toggle):
        if call is not None:
            compile_code(call(item).code())


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_a_form_nobody_typed_in_yet_has_its_code(resource: Resource) -> None:
    if resource.create is not None:
        fields = [field for field in resource.fields if field.within(False)]
        compile_code(resource.create({f.key: f.kind.of_wire(f.default) for f in fields}).code())


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_what_was_made_is_told_by_its_title(resource: Resource) -> None:
    if resource.create is not None and resource.name != "keypairs":  # the server names them
        fields = [field for field in resource.fields if field.within(False)]
        values = {f.key: f.kind.of_wire(f.default) for f in fields}
        values |= {f.key: f"the-{f.key}" for f in fields if f.key in values and values[f.key] == ""}
        assert resource.create(values).made == resource.title(Item(resource.key(values), values))


@pytest.mark.parametrize("name", NAMES)
def test_every_resource_has_a_view(name: str) -> None:
    assert view_class(name).RESOURCE.name in (name, "related-sessions")


def compile_code(code: str) -> None:
    body = "\n".join(f"    {line}" for line in code.splitlines())
    compile(f"async def run():\n{body}", "code", "exec")


def test_calls_are_shown_as_code_without_their_secrets() -> None:
    call = users.create({"domain_name": "d", "email": "it's@x", "password": "hunter2",
                         "role": "user", "full_name": ""})  # fmt: skip
    compile_code(call.code())
    assert "hunter2" not in call.code()
    assert call.kwargs == {"password": "hunter2", "role": "user"}
    compile_code(calls_for({"a/b": "1", "a/c": None}).code())


def test_a_refused_mutation_is_an_error_of_the_right_kind() -> None:
    assert "no matching record" in str(refusal("no matching record"))
    assert isinstance(refusal("no permission to execute x"), BackendAPIError)


async def test_fields_a_server_lacks_are_left_out_and_not_asked_again() -> None:
    asked: list[tuple[str, ...]] = []

    async def ask(fields: tuple[str, ...]) -> str:
        asked.append(fields)
        if "new" in fields:
            message = "Cannot query field 'new' on type 'User'. Did you mean 'name'?"
            raise BackendAPIError.of(400, "", {"title": "error", "data": [{"message": message}]})
        return "rows"

    memory = FieldMemory()
    assert await memory.fetch(ask, ("name", "new", "groups { id }")) == "rows"
    assert await memory.fetch(ask, ("name", "new")) == "rows"
    assert asked[1:] == [("name", "groups { id }"), ("name",)]

    async def refuse(fields: tuple[str, ...]) -> str:
        raise BackendAPIError.of(403, "Forbidden", {"title": "no"})

    with pytest.raises(BackendAPIError):
        await memory.fetch(refuse, ("name",))


def test_the_store_becomes_a_tree() -> None:
    tree = nodes({"a/b": "1", "a": "0", "c/d/e": "2"})
    assert [(node.path, node.value, node.below) for node in tree] == [
        ("a", "0", 1), ("a/b", "1", 0), ("c", None, 1), ("c/d", None, 1), ("c/d/e", "2", 0),
    ]  # fmt: skip


def test_only_what_changed_in_the_store_is_sent() -> None:
    old = {"a/b": "1", "a/c": "2", "a/d": "3"}
    assert differing("a", old, {"a/b": "1", "a/c": "x", "a/e": ""}) == {
        "a/c": "x", "a/e": "", "a/d": None,
    }  # fmt: skip
    with pytest.raises(TextError, match="not below a"):
        differing("a", old, {"ab": "1"})
    with pytest.raises(TextError, match="in quotes"):
        differing("a", old, {"a/b": 1})


def test_periods() -> None:
    assert parse_period("2024-02").last == date(2024, 2, 29)
    assert parse_period("202402").moved(1).label == "2024-03"
    period = parse_period("20240101-20240110")
    assert period.moved(-1).first == date(2023, 12, 22)
    for wrong in ("", "2024", "202413", "20240110-20240101", "20240101-20241231"):
        with pytest.raises(ValueError):
            parse_period(wrong)


def test_a_plot_keeps_its_peaks() -> None:
    points = [Point(float(at), 9.0 if at == 57 else 1.0) for at in range(100)]
    tops = columns_of(points, 10)
    assert max(tops) == 9.0
    rows = block_rows(tops, 3, 9.0)
    assert len(rows) == 3
    assert rows[0].count("█") == 1
    assert all(len(row) == 10 for row in rows)


def test_an_axis_names_what_can_be() -> None:
    assert axis(4.0, 8, str, whole=True) == {0: "4.0", 4: "2.0", 7: "0"}
    assert axis(1.0, 8, str, whole=True) == {0: "1.0", 7: "0"}
    assert axis(1.0, 8, str) == {0: "1.0", 4: "0.5", 7: "0"}
    assert axis(0.0, 8, str) == {7: "0"}


def test_a_row_in_full_is_told_in_words() -> None:
    data = {
        "name": "default",
        "domain_name": "default",
        "size_bytes": 136314880,
        "plugins": '{"cpu": {"version": "1.0", "model": null}, "mem": {}}',
        "resource_limits": [{"key": "cpu", "min": "1", "max": "Infinity"}],
    }
    facts = [fact[:2] for fact in describe(images.RESOURCE, Item("default", data))]
    assert facts == [
        ("image", "default"),
        ("domain name", "default"),
        ("size bytes", "130Mi"),
        ("plugins", "cpu\n  version  1.0\n  model  -\nmem  -"),
        ("resource limits", "cpu  1+"),
    ]


def test_rows_of_the_manual_schema_are_asked_for() -> None:
    """Every field that is asked for exists in some generation's schema, and none is misspelt."""
    schema = Path("bai_tui/local/schema/19.09.graphql").read_text()
    for module in (users, keypairs, groups, domains, policies, presets, images, scaling, agents):
        known = [f for f in module.FIELDS if f"  {f.split(' ')[0]}:" in schema]
        assert len(known) >= len(module.FIELDS) - 3, json.dumps(list(module.FIELDS))


def test_secrets_of_the_store_are_not_shown() -> None:
    path = "config/docker/registry/index.docker.io/password"
    assert shown(path, "hunter2") == MASK
    assert shown("config/network/subnet", "10.0.0.0/8") == "10.0.0.0/8"
    assert "hunter2" not in setting(path, "hunter2").code()
    # A mask that was left in the edited text changes nothing.
    assert differing("config", {path: MASK}, {path: MASK}) == {}
    assert "hunter2" not in calls_for({path: "hunter2"}).code()


def test_secrets_within_values_are_masked_and_not_lost() -> None:
    config = '{"user": "me", "api-token": "hunter2", "n": 1}'
    assert masked("config/x", config) == f'{{"user": "me", "api-token": "{MASK}", "n": 1}}'
    address = masked("config/redis", "redis://me:hunter2@host:1/0")
    assert address == f"redis://me:{MASK}@host:1/0"
    assert "hunter2" not in setting("config/x", config).code()
    old = {"config/x": masked("config/x", config)}
    assert differing("config", old, dict(old)) == {}
    with pytest.raises(TextError, match="write the secret"):
        differing("config", old, {"config/x": old["config/x"].replace("me", "you")})


SECRET = st.text(st.characters(codec="ascii", categories=("Lu", "Nd")), min_size=8, max_size=12)


@settings(max_examples=60)
@given(
    secret=SECRET,
    form=st.sampled_from(
        (
            '"config/x/password" = "{}"', "config.secret_key = '{}'", '+"a/token" = "{}"',
            '"a/b" = \'{{"password": "{}"}}\'', '"a/b" = "{{\\"secret\\": \\"{}\\"}}"',
            '"a/password" = """\n{}\n"""', '"a/b" = \'\'\'\n{}', "{}", "# password {}",
            '"a/password" = {}', '{{"password": "{}"}}', '"a" = "pg://u:{}@h/d"',
        )
    ),
)  # fmt: skip
def test_no_form_of_a_text_tells_its_secret(secret: str, form: str) -> None:
    kept = masked_text('"config/network" = "10.0.0.0/8"\n' + form.format(secret))
    assert secret not in kept
    assert "10.0.0.0/8" in kept


def test_only_what_means_something_can_be_emptied() -> None:
    fields = {field.key: field for field in storagepolicies.USERS.fields}
    assert fields["max_quota_scope_size"].stays(2**31, None) == ""
    assert fields["max_vfolder_count"].stays(7, None) == "cannot be emptied"


def test_policies_of_servers_that_limit_no_folders_are_made_all_the_same() -> None:
    """23.09 forgets the number of folders: its form has no such line."""
    for resource in (storagepolicies.USERS, storagepolicies.PROJECTS):
        (count,) = (field for field in resource.fields if field.key == "max_vfolder_count")
        assert count.needs == "policy max_vfolder_count"
        assert resource.create is not None
        call = resource.create({"name": "p", "max_quota_scope_size": None})
        assert call.args == ("p",)
        assert call.kwargs == {"max_vfolder_count": 0, "max_quota_scope_size": -1}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0:00:00.071772", "72ms"),
        ("0:00:00.999900", "1.0s"),
        ("0:00:02.350000", "2.4s"),
        ("0:01:05", "1m5s"),
        ("1 day, 2:03:04", "1d2h"),
        ("2 days, 0:00:00.5", "2d0h"),
        ("", ""),
        ("soon", "soon"),
    ],
)
def test_how_long_something_took(text: str, shown: str) -> None:
    assert took(text) == shown

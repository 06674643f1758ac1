"""Virtual folders: life, files, transfers, sharing, with every refusal that is documented."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import MultipartReader
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bai_tui.local.folders import NAME, inside
from bai_tui.local.problems import InvalidAPIParams
from tests.local.conftest import Answer, Client, Connect

OUTSIDE = "../../../../etc/passwd"


def form(*files: tuple[str, bytes]) -> aiohttp.FormData:
    data = aiohttp.FormData()
    for name, content in files:
        data.add_field("src", content, filename=name, content_type="application/octet-stream")
    return data


async def make(client: Client, name: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.post("/folders", {"name": name} | options)).expect(201)
    return found


async def names(client: Client, **options: Any) -> list[str]:
    return [row["name"] for row in (await client.get("/folders", options or None)).expect(200)]


async def listing(client: Client, folder: str, path: str = "") -> dict[str, dict[str, Any]]:
    found = (await client.get(f"/folders/{folder}/files", {"path": path})).expect(200)
    assert set(found) == {"files"}
    return {entry["filename"]: entry for entry in json.loads(found["files"])}


async def test_life_of_a_folder(fresh_cluster: Any, connect: Connect) -> None:
    user = connect(fresh_cluster, "user")
    made = await make(user, "data")
    assert re.fullmatch("[0-9a-f]{32}", made["id"])
    assert (made["host"], made["creator"], made["group"]) == ("local", "user@localhost", None)
    (row,) = (await user.get("/folders")).expect(200)
    assert row["user"] == made["user"]
    assert row["group"] == "None"
    assert (row["type"], row["permission"], row["is_owner"]) == ("user", "wd", True)
    assert (row["user_email"], row["group_name"]) == ("user@localhost", None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00", row["created_at"])
    again = await user.post("/folders", {"name": "data"})
    again.expect(400, "vfolder-already-exists")

    (await user.post("/folders/data/mkdir", {"path": "sub"})).expect(201)
    shown = (await user.get("/folders/data")).expect(200)
    assert shown["numFiles"] == shown["num_files"] == 1
    assert shown["created"] == shown["created_at"] == shown["last_used"]

    assert (await user.post("/folders/data/rename", {"new_name": "data2"})).expect(201) is None
    (await user.get("/folders/data")).expect(404, "vfolder-not-found")
    await make(user, "taken")
    (await user.post("/folders/data2/rename", {"new_name": "taken"})).expect(400)
    (await user.post("/folders/data2/rename", {"new_name": "a/b"})).expect(400)
    path = fresh_cluster.cluster.state.path / "vfolders" / "local" / made["id"]
    assert path.is_dir()
    (await user.delete("/folders/data2")).expect(204)
    assert not path.exists()
    missing = (await user.delete("/folders/data2")).expect(400, "invalid-api-params")
    assert missing["msg"] == "No such vfolder."
    assert await names(user) == ["taken"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"name": ".bashrc"}, "invalid-api-params"),
        ({"name": ".ssh"}, "invalid-api-params"),
        ({"name": "_"}, "invalid-api-params"),
        ({"name": "invitations"}, "invalid-api-params"),
        ({"name": "a/b"}, "invalid-api-params"),
        ({"name": "ok", "host": "nowhere"}, "invalid-api-params"),
        ({"name": "ok", "group": "nowhere"}, "invalid-api-params"),
        ({"name": ".ok", "group": "default"}, "invalid-api-params"),
        ({}, "invalid-api-params"),
    ],
)
async def test_folders_that_cannot_be_made(
    cluster: Any, connect: Connect, body: dict[str, str], problem: str
) -> None:
    (await connect(cluster, "admin").post("/folders", body)).expect(400, problem)


async def test_number_of_folders_and_hosts(fresh_cluster: Any, connect: Connect) -> None:
    boss, user = connect(fresh_cluster), connect(fresh_cluster, "user")
    shape = {"default": "local", "allowed": ["local"]}
    assert (await user.get("/folders/_/hosts")).expect(200) == shape
    (await user.get("/folders/_/all_hosts")).expect(401, "auth-failed")
    assert (await boss.get("/folders/_/all_hosts")).expect(200) == shape
    assert (await user.get("/folders/_/allowed_types")).expect(200) == ["user", "group"]
    await boss.gql(
        """mutation { modify_keypair_resource_policy(name: "default", props: {max_vfolder_count: 2,
        allowed_vfolder_hosts: []}) { ok } }"""
    )
    await make(user, "one")
    await make(user, "two")
    (await user.post("/folders", {"name": "three"})).expect(400, "invalid-api-params")
    for kind, name in (("domain", "name"), ("group", "gid")):
        key = "default"
        if kind == "group":
            key = (await boss.gql("{ groups { id } }"))["groups"][0]["id"]
        await boss.gql(
            f'mutation {{ modify_{kind}({name}: "{key}", props: {{allowed_vfolder_hosts: []}}) '
            "{ ok } }"
        )
    empty: dict[str, Any] = {"default": None, "allowed": []}
    assert (await connect(fresh_cluster, "user2").get("/folders/_/hosts")).expect(200) == empty
    (await connect(fresh_cluster, "user2").post("/folders", {"name": "x"})).expect(400)


async def test_group_folders(fresh_cluster: Any, connect: Connect) -> None:
    admin, user = connect(fresh_cluster, "admin"), connect(fresh_cluster, "user")
    boss = connect(fresh_cluster)
    (await user.post("/folders", {"name": "team", "group": "default"})).expect(
        403, "generic-forbidden"
    )
    (await boss.post("/folders", {"name": "team", "group": "default"})).expect(403)
    made = await make(admin, "team", groupId="default")
    assert made["user"] is None
    (row,) = (await user.get("/folders")).expect(200)
    assert (row["type"], row["permission"], row["is_owner"]) == ("group", "rw", False)
    assert (row["user"], row["group"], row["group_name"]) == ("None", made["group"], "default")
    assert await names(user, group_id="someone-else") == []
    (await user.delete("/folders/team")).expect(400, "invalid-api-params")
    (await user.post("/folders/team/mkdir", {"path": "x"})).expect(201)
    (await user.post("/folders/team/rename_file", {"target_path": "x", "new_name": "y"})).expect(
        404, "vfolder-not-found"
    )
    (await admin.delete("/folders/team")).expect(204)


async def test_superadmin_sees_and_removes_all(fresh_cluster: Any, connect: Connect) -> None:
    boss, user = connect(fresh_cluster), connect(fresh_cluster, "user")
    made = await make(user, "private")
    assert await names(boss) == []
    assert await names(boss, all="yes") == ["private"]
    assert await names(connect(fresh_cluster, "user2"), all=True) == []
    (await user.delete("/folders", {"id": made["id"]})).expect(401, "auth-failed")
    (await boss.delete("/folders", {"id": made["id"]})).expect(204)
    (await boss.delete("/folders", {"id": made["id"]})).expect(500, "internal-server-error")
    assert await names(user) == []


async def test_files(fresh_cluster: Any, connect: Connect) -> None:
    user = connect(fresh_cluster, "user")
    await make(user, "work")
    content = b"\x00binary\xff" * 1000
    sent = await user.post(
        "/folders/work/upload",
        form=form(("a.txt", b"hi"), ("deep/er/b 100%.bin", content), ("é ü.txt", b"")),
    )
    assert (sent.expect(201), sent.body) == (None, b"")
    top = await listing(user, "work")
    assert set(top) == {"a.txt", "deep", "é ü.txt"}
    assert top["a.txt"]["mode"] == "-rw-r--r--"
    assert top["a.txt"]["size"] == 2
    assert top["deep"]["mode"].startswith("d")
    assert {"ctime", "mtime", "atime"} < set(top["a.txt"])
    assert set(await listing(user, "work", "deep/er")) == {"b 100%.bin"}

    (await user.post("/folders/work/upload", form=form(("a.txt", b"again")))).expect(201)
    assert (await listing(user, "work"))["a.txt"]["size"] == 5
    for name in ("deep", OUTSIDE):
        (await user.post("/folders/work/upload", form=form((name, b"")))).expect(400)
    too_many = form(*((f"f{number}", b"") for number in range(11)))
    refused = (await user.post("/folders/work/upload", form=too_many)).expect(400)
    assert refused["msg"] == "Too many files!"
    (await user.post("/folders/work/upload", {"no": "form"})).expect(400, "invalid-api-params")

    (await user.post("/folders/work/mkdir", {"path": "x/y/z"})).expect(201)
    (await user.post("/folders/work/mkdir", {"path": "x/y/z"})).expect(201)
    (await user.post("/folders/work/mkdir", {"path": "a.txt"})).expect(400, "invalid-api-params")
    (await user.post("/folders/work/mkdir", {"path": OUTSIDE})).expect(400)
    (await user.post("/folders/work/mkdir", {"path": "/abs"})).expect(500, "internal-server-error")

    missing = (await user.get("/folders/work/files", {"path": "none"})).expect(
        404, "vfolder-not-found"
    )
    assert missing["msg"] == "No such file or directory."
    (await user.get("/folders/work/files", {"path": OUTSIDE})).expect(404)
    (await user.get("/folders/work/files?path=a.txt")).expect(400)

    async def rename(target: str, new: str) -> Answer:
        body = {"target_path": target, "new_name": new}
        return await user.post("/folders/work/rename_file", body)

    assert (await rename("x/y", "why")).expect(200) == {}
    assert set(await listing(user, "work", "x")) == {"why"}
    for target, new in (("none", "n"), ("a.txt", "deep"), ("a.txt", "b/c"), (OUTSIDE, "n")):
        (await rename(target, new)).expect(400, "invalid-api-params")

    async def remove(*files: str, **options: Any) -> Answer:
        return await user.delete("/folders/work/delete_files", {"files": list(files)} | options)

    (await remove("a.txt", "x")).expect(400)
    assert {"a.txt", "x"} < set(await listing(user, "work"))
    assert (await remove("a.txt", "x", "none", OUTSIDE, ".", recursive="yes")).expect(200) == {}
    assert not {"a.txt", "x"} & set(await listing(user, "work"))


async def parts_of(
    client: Client, path: str, body: dict[str, Any]
) -> list[tuple[str | None, bytes]]:
    """Download as a client does: reading the parts from the running answer."""
    url = URL(client.endpoint + path)
    headers = client.sign("GET", url, "application/json")
    found = []
    async with client.http.get(url, json=body, headers=headers) as response:
        assert response.status == 200
        async for part in MultipartReader.from_response(response):
            assert isinstance(part, aiohttp.BodyPartReader)
            assert part.headers["Content-Encoding"] == "identity"
            content = bytes(await part.read())
            assert int(part.headers["Content-Length"]) == len(content)
            found.append((part.filename, content))
    return found


async def test_downloads(fresh_cluster: Any, connect: Connect) -> None:
    user = connect(fresh_cluster, "user")
    await make(user, "work")
    big = bytes(range(256)) * 4096
    files = (("a.txt", b"hello"), ("a.txt.gz", b"not gzip"), ("d/big ü.bin", big))
    (await user.post("/folders/work/upload", form=form(*files))).expect(201)

    answer = await user.get("/folders/work/download", {"files": ["d/big ü.bin", "a.txt"]})
    answer.expect(200)
    assert answer.headers["X-TOTAL-PAYLOADS-LENGTH"] == str(len(big) + 5)
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=")
    several = {"files": ["d/big ü.bin", "a.txt"]}
    found = await parts_of(user, "/folders/work/download", several)
    assert found == [("big ü.bin", big), ("a.txt", b"hello")]
    for bad in ("d", "none", OUTSIDE):
        (await user.get("/folders/work/download", {"files": [bad]})).expect(400)

    single = "/folders/work/download_single?file=a.txt"
    # The compressed neighbour is another file, not an encoding of this one.
    answer = await user.get(single, headers={"Accept-Encoding": "gzip"})
    assert (answer.expect(200), answer.body) == (None, b"hello")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert 'filename="a.txt"' in answer.headers["Content-Disposition"]
    assert answer.headers["Server"] == "BackendAI"
    answer = await user.get(single, headers={"Range": "bytes=1-3"})
    assert (answer.status, answer.body) == (206, b"ell")
    assert answer.headers["Content-Range"] == "bytes 1-3/5"
    fresh = {"If-Range": answer.headers["Last-Modified"], "Range": "bytes=-2"}
    assert (await user.get(single, headers=fresh)).body == b"lo"
    stale = {"If-Range": "Thu, 01 Jan 1970 00:00:00 GMT", "Range": "bytes=-2"}
    assert (await user.get(single, headers=stale)).body == b"hello"
    for wrong in ("bytes=5-", "bytes=x"):
        (await user.get(single, headers={"Range": wrong})).expect(416)
    body = {"file": "a.txt", "archive": False}
    assert (await user.get("/folders/work/download_single", body)).body == b"hello"
    answer = await user.call("HEAD", single)
    assert (answer.status, answer.headers["Content-Length"]) == (200, "5")
    (await user.get("/folders/work/download_single?file=none")).expect(404, "generic-not-found")
    (await user.get("/folders/work/download_single?file=d")).expect(400)
    (await user.get("/folders/work/download_single?file=d&archive=true")).expect(400)
    answer = await user.get("/folders/work/download_single", {"file": "d", "archive": True})
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.read("big ü.bin") == big

    async def token(file: str, archive: bool = False) -> str:
        body = {"file": file, "archive": archive}
        answer = await user.post("/folders/work/request_download", body)
        return str(answer.expect(200)["token"])

    nobody = connect(fresh_cluster, None)
    path = "/folders/_/download_with_token?token="
    assert (await nobody.get(path + await token("a.txt"))).body == b"hello"
    assert (await nobody.get(path + await token("d", True))).body[:2] == b"PK"
    for bad in ("none", "d"):
        (await nobody.get(path + await token(bad))).expect(400)
    good = await token("a.txt")
    for forged in ("", "x", "a.b.c", good[:-2], good.replace(".", ".e30", 1)):
        (await nobody.get(path + forged)).expect(400, "invalid-api-params")
    fresh_cluster.faults.skew = 121.0
    (await nobody.get(path + good)).expect(400, "invalid-api-params")


async def test_resumable_upload(fresh_cluster: Any, connect: Connect) -> None:
    user, nobody = connect(fresh_cluster, "user"), connect(fresh_cluster, None)
    await make(user, "work")
    content = bytes(range(256)) * 2000
    session = {"path": "big.bin", "size": len(content)}
    begun = await user.post("/folders/work/create_upload_session", session)
    path = f"/folders/_/tus/upload/{begun.expect(200)['token']}"

    async def state() -> tuple[str, str]:
        answer = await nobody.call("HEAD", path)
        answer.expect(200)
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.headers["Upload-Offset"], answer.headers["Upload-Length"]

    assert await state() == ("0", str(len(content)))
    half = len(content) // 2
    answer = await nobody.call("PATCH", path, content=content[:half])
    answer.expect(204)
    assert answer.headers["Upload-Offset"] == str(half)
    assert await state() == (str(half), str(len(content)))
    assert "big.bin" not in await listing(user, "work")
    (await nobody.call("PATCH", path, content=content[half:])).expect(204)
    answer = await user.get("/folders/work/download_single?file=big.bin")
    assert answer.body == content
    assert set(await listing(user, "work")) == {"big.bin"}
    assert (await nobody.call("HEAD", path)).status == 404
    (await nobody.call("PATCH", path, content=b"x")).expect(404, "generic-not-found")
    answer = await nobody.call("OPTIONS", path)
    answer.expect(200)
    assert answer.headers["Tus-Max-Size"] == "107374182400"
    outside = {"path": OUTSIDE, "size": 1}
    (await user.post("/folders/work/create_upload_session", outside)).expect(400)


async def test_sharing(fresh_cluster: Any, connect: Connect) -> None:
    user, guest = connect(fresh_cluster, "user"), connect(fresh_cluster, "user2")
    made = await make(user, "shared")
    await make(user, ".dot")
    emails = {"user_ids": ["user2@localhost", "nobody@localhost", "user@localhost"]}
    answer = await user.post("/folders/shared/invite", emails | {"perm": "ro"})
    assert answer.expect(201) == {"invited_ids": ["user2@localhost"]}
    again = await user.post("/folders/shared/invite", emails)
    assert again.expect(201) == {"invited_ids": []}
    (await user.post("/folders/shared/invite", {"user_ids": []})).expect(500)
    (await user.post("/folders/.dot/invite", emails)).expect(403, "generic-forbidden")
    (await guest.post("/folders/shared/invite", emails)).expect(404, "vfolder-not-found")

    (received,) = (await guest.get("/folders/invitations/list")).expect(200)["invitations"]
    (sent,) = (await user.get("/folders/invitations/list_sent")).expect(200)["invitations"]
    assert received == sent
    assert received | {"id": "", "created_at": ""} == {
        "id": "",
        "inviter": "user@localhost",
        "invitee": "user2@localhost",
        "perm": "ro",
        "state": "pending",
        "created_at": "",
        "vfolder_id": made["id"],
        "vfolder_name": "shared",
    }
    update = f"/folders/invitations/update/{received['id']}"
    (await guest.post(update, {"perm": "wd"})).expect(200)
    (await user.post(update, {"permission": "rw"})).expect(200)
    (await user.post("/folders/invitations/accept", {"inv_id": received["id"]})).expect(404)
    await make(guest, "shared")
    taken = await guest.post("/folders/invitations/accept", {"inv_id": received["id"]})
    taken.expect(400, "vfolder-already-exists")
    (await guest.delete("/folders/shared")).expect(204)
    (await guest.post("/folders/invitations/accept", {"inv_id": received["id"]})).expect(200)
    (await guest.post("/folders/invitations/accept", {"inv_id": received["id"]})).expect(404)
    (row,) = (await guest.get("/folders")).expect(200)
    assert (row["permission"], row["is_owner"], row["user_email"]) == (
        "rw",
        False,
        "user@localhost",
    )
    (await guest.post("/folders/shared/mkdir", {"path": "mine"})).expect(201)
    assert set(await listing(user, "shared")) == {"mine"}
    (await user.post("/folders/shared/invite", emails)).expect(400, "vfolder-already-exists")

    (entry,) = (await user.get("/folders/_/shared")).expect(200)["shared"]
    assert entry["shared_by"] == "user@localhost"
    assert entry["shared_to"]["email"] == "user2@localhost"
    other = {"vfolder_id": "0" * 32}
    assert (await user.get("/folders/_/shared", other)).expect(200) == {"shared": []}
    change = {"vfolder": made["id"], "user": entry["shared_to"]["uuid"]}
    (await guest.post("/folders/_/shared", change | {"perm": "wd"})).expect(200)
    (await user.post("/folders/_/shared", change | {"perm": "ro"})).expect(200)
    (await guest.post("/folders/shared/mkdir", {"path": "more"})).expect(404, "vfolder-not-found")
    (await user.post("/folders/_/shared", change | {"perm": None})).expect(200)
    assert await names(guest) == []

    for client, state in ((user, "canceled"), (guest, "rejected")):
        (await user.post("/folders/shared/invite", emails)).expect(201)
        (pending,) = (await guest.get("/folders/invitations/list")).expect(200)["invitations"]
        body = {"inv_id": pending["id"]}
        stranger = connect(fresh_cluster, "admin")
        (await stranger.delete("/folders/invitations/delete", body)).expect(500)
        assert (await client.delete("/folders/invitations/delete", body)).expect(200) == {}
        (await client.delete("/folders/invitations/delete", body)).expect(500)
        store = fresh_cluster.cluster.context.store
        sql = "SELECT state FROM vfolder_invitations WHERE id = ?"
        assert fresh_cluster.run(store.value, sql, pending["id"]) == state


async def test_frozen_managers_keep_folders_as_they_are(
    fresh_cluster: Any, connect: Connect
) -> None:
    user = connect(fresh_cluster, "user")
    await make(user, "work")
    fresh_cluster.faults.frozen = True
    for method, path, body in (
        ("POST", "/folders", {"name": "new"}),
        ("DELETE", "/folders/work", None),
        ("POST", "/folders/work/rename", {"new_name": "x"}),
        ("POST", "/folders/work/invite", {"user_ids": ["a@b"]}),
        ("POST", "/folders/invitations/accept", {"inv_id": "x"}),
    ):
        (await user.call(method, path, body)).expect(503, "server-frozen")
    (await user.post("/folders/work/mkdir", {"path": "x"})).expect(201)
    assert await names(user) == ["work"]


@given(st.text(max_size=30))
def test_paths_never_leave_the_folder(path: str) -> None:
    root = Path("/usr")
    try:
        found = inside(root, path)
    except InvalidAPIParams:
        return
    assert found == root.resolve() or root.resolve() in found.parents


@given(st.from_regex(NAME, fullmatch=True))
def test_names_need_no_quoting(name: str) -> None:
    assert URL("http://h/folders").joinpath(name).raw_path == f"/folders/{name}"

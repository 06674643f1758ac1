"""The notebook and batch mode, by keyboard, on real sessions of the local cluster."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste

from bai_tui.api import APIConfig, AsyncSession
from bai_tui.screens.code import history, media
from bai_tui.screens.code.view import CodeView
from bai_tui.widgets.editor import CodeEditor
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.waiting import until


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """History and media of the test, not of whoever runs it."""
    for module in (history, media):
        monkeypatch.setattr(module, "state_dir", lambda: tmp_path / "state-of-user")


@asynccontextmanager
async def notebook(
    config: APIConfig, tmp_path: Path, key: str = "r", size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[Driver, str]]:
    """The program with the notebook (or batch mode) of a new session on top."""
    # The newest session is the first row: the cursor stands on it.
    name = f"c-{secrets.token_hex(4)}"
    async with AsyncSession(config=config) as session:
        kernel = await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "256m"}
        )
        async with program(config, tmp_path, size) as d:
            await d.shows(name, "RUNNING")
            await d.press(key)
            await d.shows(f"{name} ▸ {'code' if key == 'r' else 'batch'}")
            yield d, name
        await kernel.destroy()


async def test_a_conversation_with_the_interpreter(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    """Cells in order, several lines, output, an error with its code, history, completion."""
    async with notebook(config_for("user"), tmp_path) as (d, _):
        await d.shows("python in", "runs anything")
        await d.type("value = 6\n")
        await d.shows("[1] value = 6", "✓ exit 0", "stream")
        # A block is not run before an empty line ends it; the indentation comes by itself.
        await d.type("for i in range(2):\n")
        await d.type("print(value * 7 + i)\n\n")
        await d.shows("[2] for i in range(2):", "42", "43")
        await d.type("1/0\n")
        await d.shows("ZeroDivisionError", "✗ exit 1")
        await d.press("up")
        assert d.app.screen.query_one(CodeEditor).text == "1/0"
        await d.press("up")
        assert d.app.screen.query_one(CodeEditor).text.startswith("for i")
        await d.press("down", "down")
        await paste(d, "long_name = 1\n")
        await d.shows("[4] long_name")
        await d.type("long_n")
        await d.press("tab")
        await until(
            lambda: d.app.screen.query_one(CodeEditor).text == "long_name", "the completion"
        )


async def test_questions_and_passwords(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with notebook(config_for("user"), tmp_path) as (d, _):
        await paste(d, "name = input('who? ')\n")
        await d.shows("who?", "input ›", "waits for your input")
        await d.type("ann\n")
        await d.shows("who? ann", "✓ exit 0")
        await paste(d, "import getpass; p = getpass.getpass('pw: ')\n")
        await d.shows("password ›")
        await d.type("s3cret")
        await d.shows("password ›")
        assert "s3cret" not in d.picture
        await d.press("enter")
        await d.shows("pw: ••••", "[2]", "✓ exit 0")
        assert "s3cret" not in d.picture
        await d.type("len(p)\n")
        await d.shows("\n 6")


@pytest.mark.parametrize("carrier", ["stream", "rest"])
async def test_interrupt(
    carrier: str, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with notebook(config_for("user"), tmp_path) as (d, _):
        view = d.app.screen
        assert isinstance(view, CodeView)
        view.do_code_carrier(carrier)
        await paste(d, "import time\n")
        await paste(d, "print('on', flush=True); time.sleep(60)\n")
        await d.shows("\n on", "running [2]", carrier)
        await paste(d, "print('queued')\n")
        await d.shows("1 queued")
        await d.press("ctrl+c")
        await d.shows("■ interrupted", "queued cells were not run")


async def test_leaving_asks_and_interrupts_what_runs(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    config = config_for("user")
    async with notebook(config, tmp_path) as (d, name):
        code = "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    seen = 1"
        d.app.screen.query_one(CodeEditor).load_text(code)
        await d.press("ctrl+g")
        await d.shows("running [1]")
        await d.press("escape", "escape")
        await d.shows("Code runs. Leave?", "Cancel")
        await d.press("enter")
        await d.shows("running [1]")
        await d.press("escape")
        await d.shows("Code runs. Leave?")
        await d.press("tab", "enter")
        await d.shows("was interrupted", "sessions")
        async with AsyncSession(config=config) as session:
            result = await session.Kernel(name).execute(code="print('seen', seen)")
            console = result["console"]
            while result["status"] == "continued":
                result = await session.Kernel(name).execute(result["runId"], "", "continue")
                console += result["console"]
        assert ["stdout", "seen 1\n"] in console


async def paste(d: Driver, text: str) -> None:
    """Paste, as a terminal does; a newline at the end is typed."""
    d.app.post_message(Paste(text.removesuffix("\n")))
    await d.pilot.pause()
    if text.endswith("\n"):
        await d.press("enter")


PNG = """
import zlib, struct
def chunk(kind, data):
    body = kind + data
    return struct.pack('>I', len(data)) + body + struct.pack('>I', zlib.crc32(body))
class Picture:
    def _repr_png_(self):
        rows = b''.join(b'\\0' + b'\\xff\\0\\0' * 20 for _ in range(10))
        head = struct.pack('>IIBBBBB', 20, 10, 8, 2, 0, 0, 0)
        return (b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', head)
                + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
class Page:
    def _repr_html_(self):
        return '<b>bold</b>'
display(Page())
Picture()
""".strip()


async def test_pictures_are_drawn_and_kept(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with notebook(config_for("user"), tmp_path, size=(200, 60)) as (d, name):
        d.app.screen.query_one(CodeEditor).load_text(PNG)
        await d.press("ctrl+g")
        await d.shows("▀" * 20, "text/html", "image/png", "cell1-1.png", "✓ exit 0")
        folder = tmp_path / "state-of-user" / "media" / name
        assert (folder / "cell1-1.html").read_text() == "<b>bold</b>"
        assert (folder / "cell1-1.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / "cell1-1.png").stat().st_mode & 0o077 == 0
        notebook_file = tmp_path / "n.ipynb"
        d.app.screen.do_log_save(str(notebook_file))  # type: ignore[attr-defined]
        await d.shows("saved 1 cell to")
        assert '"image/png"' in notebook_file.read_text()


async def test_a_session_that_ends_while_code_runs(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    """A clear sentence, the code stays, and nothing is sent to a session that is over."""
    config = config_for("user")
    async with notebook(config, tmp_path) as (d, name):
        await paste(d, "import time; time.sleep(60)\n")
        await d.shows("running [1]")
        async with AsyncSession(config=config) as session:
            await session.Kernel(name).destroy()
            await d.shows("✗", "the session is over")
            await paste(d, "print(1)\n")
            await d.shows("the session is over (user-requested)")
            assert d.app.screen.query_one(CodeEditor).text == "print(1)"
            await session.Kernel.get_or_create(
                "python", client_token=name, resources={"cpu": 1, "mem": "256m"}
            )
            await d.hides("the session is over:")
            await d.press("enter")
            await d.shows("\n 1", "✓ exit 0")


async def test_a_fallback_is_seen(
    cluster: ThreadedCluster, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with notebook(config_for("user"), tmp_path, size=(140, 30)) as (d, _):
        cluster.faults.change(paths="/stream/kernel/.*/execute$", status=502)
        await paste(d, "print(6 * 7)\n")
        await d.shows("42", "rest (fallback)", "code travels by REST requests")


async def test_batch_from_files_to_results(
    config_for: Callable[..., APIConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files go up, three commands run, one of them asks nothing and fails, a result comes down."""
    work = tmp_path / "프로젝트"
    (work / "src").mkdir(parents=True)
    (work / "main.py").write_text("from src.part import x\nopen('out.txt', 'w').write(x)\n")
    (work / "src" / "part.py").write_text("x = 'result'\n")
    (work / "big.bin").write_bytes(bytes(1024 * 1024))
    monkeypatch.chdir(work)
    async with notebook(config_for("user"), tmp_path, "B", (110, 40)) as (d, name):
        await d.shows("Files", "3 there; none is fine", "nothing has run yet")
        await d.press("enter")
        await d.shows("Files to upload", "main.py", "1 MiB or more")
        await d.type("py")
        await d.hides("big.bin")
        await d.press("tab", "tab", "enter")
        await d.shows("2 chosen")
        await d.press("tab", "tab", "ctrl+g")
        await d.shows("give at least one command")
        await paste(d, "python3 main.py && ls && exit 7")
        await d.press("shift+tab")
        await paste(d, "echo building >&2")
        await d.press("enter")
        await d.shows("uploaded 2 files", "[build] echo", "✓ build", "[exec] python3", "out.txt",
                      "✗ exit 7")  # fmt: skip
        await d.press("ctrl+l")
        picture = await d.shows("Results to download", "✓ out.txt", "new")
        assert "main.py" in picture
        await d.press("enter")
        await d.shows("downloaded 3 files")
        assert (work / f"results-{name}" / "out.txt").read_text() == "result"
        assert (work / f"results-{name}" / "src" / "part.py").exists()

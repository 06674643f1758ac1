"""The command line as a person meets it: real processes, real terminals, exit codes."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "bai_tui"]


def environment(home: Path, **extra: str) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("BACKEND_", "XDG_"))}
    return {
        **keep,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "xterm-256color",
        **extra,
    }


def run(
    home: Path, *arguments: str, terminal: bool = False, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run the command; with `terminal`, standard input and error are a pseudo-terminal."""
    if not terminal:
        return subprocess.run(
            [*COMMAND, *arguments],
            env=environment(home, **extra),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    master, slave = pty.openpty()
    try:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=environment(home, **extra),
            stdin=slave,
            stderr=slave,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.close(slave)
        stdout, _ = process.communicate(timeout=60)
        shown = bytearray()
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # Linux reports the end of a pseudo-terminal as an error
                break
            if not chunk:
                break
            shown += chunk
        text = shown.decode().replace("\r\n", "\n")
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, text)
    finally:
        os.close(master)


def test_help_names_every_way_to_choose_a_cluster(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    for word in ("--local", "--profile", "BACKEND_ENDPOINT", "attach", "local", "--read-only"):
        assert word in done.stdout


def test_version(tmp_path: Path) -> None:
    from bai_tui import __version__

    assert run(tmp_path, "--version").stdout.strip() == f"bai-tui, version {__version__}"


def test_unknown_option_is_wrong_usage(tmp_path: Path) -> None:
    done = run(tmp_path, "--no-such-thing")
    assert done.returncode == 2
    assert "no-such-thing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [(), ("attach", "demo")])
def test_without_a_terminal_it_says_what_to_do(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "bai_tui.api" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_terminals_that_cannot_draw_are_refused(tmp_path: Path, term: str) -> None:
    done = run(tmp_path, terminal=True, TERM=term)
    assert done.returncode == 2
    assert "TERM=xterm-256color" in done.stderr
    assert "\x1b" not in done.stderr


def test_unknown_profile_is_named_with_the_known_ones(tmp_path: Path) -> None:
    done = run(tmp_path, "--profile", "nowhere", terminal=True)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, bai_tui.cli; "
        "print([m for m in ('textual', 'rich', 'aiohttp', 'graphql', 'pyte') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_broken_settings_are_named(tmp_path: Path) -> None:
    home = tmp_path / "config" / "bai-tui"
    home.mkdir(parents=True)
    (home / "settings.toml").write_text("profiles = 7")
    done = run(tmp_path, "--profile", "lab", terminal=True)
    assert done.returncode == 2
    assert "settings.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_default_profile_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bai_tui.targets import EnvironmentTarget, LocalTarget, choose

    for name in list(os.environ):
        if name.startswith("BACKEND_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert isinstance(choose(profile=None, local=False, state_dir=None), LocalTarget)
    (tmp_path / "bai-tui").mkdir()
    (tmp_path / "bai-tui" / "settings.toml").write_text(
        'default_profile = "lab"\n[profiles.lab]\nendpoint = "http://lab.example.com"\n'
    )
    assert choose(profile=None, local=False, state_dir=None).label == "lab"
    assert isinstance(choose(profile=None, local=True, state_dir=None), LocalTarget)
    monkeypatch.setenv("BACKEND_ENDPOINT", "http://env.example.com")
    assert isinstance(choose(profile=None, local=False, state_dir=None), EnvironmentTarget)

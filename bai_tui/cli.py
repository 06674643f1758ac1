"""The `bai-tui` command: chooses a cluster, then starts the dashboard, a terminal or the cluster.

Only click is imported at start; everything heavier waits until a command needs it, so that
`bai-tui --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bai_tui import __version__

if TYPE_CHECKING:
    from bai_tui.connection import Target

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

ESCAPE_DELAY = "25"
"""Milliseconds after which an escape is a key of its own."""

PICTURES = "120"
"""Pictures a second at most. Textual paints at the ticks of a clock, and a key whose work takes two
pictures waits for two ticks; nothing is painted when nothing has changed."""

CONNECTION_HELP = """\b
Which cluster:
  --local           the cluster inside bai-tui, real sessions on this machine
  --profile NAME    a profile of the settings file
  BACKEND_ENDPOINT, BACKEND_ACCESS_KEY, BACKEND_SECRET_KEY in the environment
Without any of these, the default profile if there is one, else the local cluster.
"""


def fail(message: str, code: int = EXIT_FAILURE) -> NoReturn:
    """Print one message for a person on standard error and leave with `code`."""
    click.echo(f"bai-tui: {message}", err=True)
    raise SystemExit(code)


def require_full_screen() -> None:
    """Refuse terminals in which a full-screen program cannot be drawn.

    Textual draws on standard error and reads keys from standard input, so these two matter;
    standard output may be redirected.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        fail(
            "this is a full-screen program and needs a terminal for input and output.\n"
            "Run it in a terminal window; for scripts use the Python package bai_tui.api.",
            EXIT_USAGE,
        )
    if os.environ.get("TERM", "") in {"", "dumb", "unknown"}:
        fail(
            f"the terminal type is {os.environ.get('TERM', '') or 'not set'!r}, "
            "which cannot show a full screen.\n"
            "Set TERM to what your terminal really is, for example: TERM=xterm-256color bai-tui",
            EXIT_USAGE,
        )
    # Textual reads it when it is imported, and waits four times as long by itself.
    os.environ.setdefault("ESCDELAY", ESCAPE_DELAY)
    os.environ.setdefault("TEXTUAL_FPS", PICTURES)


def choose_target(profile: str | None, local: bool, state_dir: Path | None) -> Target:
    """The cluster that the options, the environment and the settings name, in this order."""
    from bai_tui import targets
    from bai_tui.settings import SettingsError

    try:
        return targets.choose(profile=profile, local=local, state_dir=state_dir)
    except (targets.UnknownProfileError, SettingsError) as error:
        fail(str(error), EXIT_USAGE)


class Command(click.Group):
    """The root command; prints no traceback, whatever happens below it."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
        try:
            return super().main(*args, **kwargs)
        except KeyboardInterrupt:
            raise SystemExit(EXIT_INTERRUPTED) from None
        except Exception as error:
            from bai_tui.crash import write_report

            report = write_report(error)
            fail(
                f"unexpected error: {type(error).__name__}: {error}\n"
                f"The details are in {report}. Please report it with that file."
            )


def cluster_options(command: Any) -> Any:
    """The options that say which cluster a command works on."""
    for option in (
        click.option(
            "--state-dir",
            type=click.Path(path_type=Path, file_okay=False),
            help="Directory of the local cluster (default: the user's state directory).",
        ),
        click.option("--local", is_flag=True, help="Use the local cluster inside bai-tui."),
        click.option("--profile", "-p", metavar="NAME", help="Use this profile of the settings."),
    ):
        command = option(command)
    return command


@click.group(
    cls=Command,
    invoke_without_command=True,
    epilog=CONNECTION_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="bai-tui")
@cluster_options
@click.option("--read-only", is_flag=True, help="Switch every changing action off.")
@click.option(
    "--view", "-v", metavar="VIEW", default="", help="Begin with this view, such as home."
)
@click.pass_context
def main(
    context: click.Context,
    profile: str | None,
    local: bool,
    state_dir: Path | None,
    read_only: bool,
    view: str,
) -> None:
    """A full-screen terminal program for Backend.AI clusters.

    Without a command it opens the dashboard.
    """
    context.obj = {"profile": profile, "local": local, "state_dir": state_dir}
    if context.invoked_subcommand is not None:
        return
    require_full_screen()
    target = choose_target(profile, local, state_dir)
    from bai_tui.app import BaiApp

    app = BaiApp(target, read_only=read_only, view=view)
    app.collector.begin()
    app.run()
    raise SystemExit(app.return_code or 0)


@main.command()
@click.argument("session")
@click.option("--owner", metavar="ACCESS_KEY", help="Access key of the session's owner (admins).")
@click.option(
    "--carrier",
    type=click.Choice(["auto", "pty", "ttyd"]),
    default="auto",
    help="What carries the terminal; auto takes the one that speaks.",
)
@click.pass_obj
def attach(options: dict[str, Any], session: str, owner: str | None, carrier: str) -> None:
    """Open the terminal of SESSION in the whole window, like ssh.

    It ends with the shell; `ctrl+]` `d` detaches and leaves the session running.
    """
    require_full_screen()
    target = choose_target(**options)
    from bai_tui.attach import run_attach

    raise SystemExit(run_attach(target, session, owner, "" if carrier == "auto" else carrier))


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 chooses a free one.")
@click.pass_obj
def local(options: dict[str, Any], port: int) -> None:
    """Run the local cluster alone and print how to reach it.

    Ctrl+C ends it together with all its sessions.
    """
    from bai_tui.local.__main__ import main as run_local
    from bai_tui.targets import local_state_dir

    state_dir = options["state_dir"] or local_state_dir()
    raise SystemExit(run_local(["--state-dir", str(state_dir), "--port", str(port)]))

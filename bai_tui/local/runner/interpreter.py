"""The persistent Python interpreter of query mode: runs code, streams what it prints.

It is a process of its own below the supervisor, so that interrupting or losing it harms nothing
else. `python -m bai_tui.local.runner.interpreter FD` talks frames over descriptor FD.
"""

from __future__ import annotations

import ast
import base64
import builtins
import getpass
import io
import os
import rlcompleter
import signal
import socket
import sys
import threading
import traceback
import types
from typing import Any

from bai_tui.local.runner import frames

INTERRUPTED = 130
MAX_COMPLETIONS = 200


class Output(io.TextIOBase):
    """Standard output or error of the code: each write is one console record."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, owner: Interpreter, kind: str, descriptor: int) -> None:
        self.owner = owner
        self.kind = kind
        self.descriptor = descriptor

    def write(self, text: str) -> int:
        """Send `text`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self.owner.record(self.kind, text)
        return len(text)

    def writable(self) -> bool:
        """Yes."""
        return True

    def fileno(self) -> int:
        """The real descriptor, for programs that are started with it."""
        return self.descriptor


class Input(io.TextIOBase):
    """Standard input of the code: each line is asked from the user."""

    encoding = "utf-8"

    def __init__(self, owner: Interpreter) -> None:
        self.owner = owner

    def readable(self) -> bool:
        """Yes."""
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """Ask for one line."""
        return self.owner.ask(password=False) + "\n"

    def read(self, size: int | None = -1, /) -> str:
        """Ask for one line; there is no end of input."""
        return self.readline()


class Interpreter:
    """Runs one piece of code after the other in one namespace."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.run = ""
        self._sending = threading.Lock()
        self._lines = 0
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.namespace = main.__dict__
        self.namespace["display"] = self.display

    def send(self, header: frames.Header, payload: bytes = b"") -> None:
        """Send a message; threads of the code may print at any time."""
        with self._sending:
            self.channel.sendall(frames.encode(header, payload))

    def record(self, kind: str, data: Any) -> None:
        """Send one console record of the current run."""
        self.send({"op": "console", "run": self.run, "kind": kind, "data": data})

    def ask(self, *, password: bool, prompt: str = "") -> str:
        """Wait for a line of input from the user."""
        if prompt:
            self.record("stdout", prompt)
        self.send({"op": "waiting-input", "run": self.run, "password": password})
        while True:
            message = frames.read_blocking(self.channel)
            if message is None:
                raise SystemExit(0)
            header, payload = message
            if header["op"] == "input":
                return payload.decode("utf-8", "replace").removesuffix("\n")
            self.answer_while_busy(header)

    def answer_while_busy(self, header: frames.Header) -> None:
        """Nothing can be completed while code runs."""
        if header["op"] == "complete":
            self.send({"op": "completions", "id": header["id"], "items": []})

    def display(self, value: Any) -> None:
        """Show a value as the richest form it offers, else its `repr`."""
        if value is None:
            return
        for method, kind in _RICH:
            form = getattr(type(value), method, None)
            if form is None:
                continue
            try:
                data = form(value)
            except Exception:
                continue
            if data is None:
                continue
            if kind == "text/html":
                self.record("html", str(data))
            elif kind == "image/svg+xml":
                self.record("media", [kind, str(data)])
            else:
                encoded = base64.b64encode(data).decode() if isinstance(data, bytes) else str(data)
                self.record("media", [kind, f"data:{kind};base64,{encoded}"])
            return
        self.record("stdout", repr(value) + "\n")

    def execute(self, source: str) -> int:
        """Run code; returns its exit code."""
        name = f"<input-{self._lines}>"
        self._lines += 1
        try:
            tree = ast.parse(source, name)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                if tree.body:
                    exec(compile(tree, name, "exec"), self.namespace)
                if isinstance(last, ast.Expr):
                    code = compile(ast.Expression(last.value), name, "eval")
                    value = eval(code, self.namespace)
                    if value is not None:
                        self.namespace["_"] = value
                    self.display(value)
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        except SystemExit as end:
            if end.code is None or isinstance(end.code, int):
                return end.code or 0
            self.record("stderr", f"{end.code}\n")
            return 1
        except KeyboardInterrupt:
            self.record("stderr", "KeyboardInterrupt\n")
            return INTERRUPTED
        except BaseException as error:
            self.record("stderr", self._trace(error, source, name))
            return 1
        return 0

    def _trace(self, error: BaseException, source: str, name: str) -> str:
        """The traceback without our own frames."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        import linecache

        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return "".join(traceback.format_exception(type(error), error, trace))

    def complete(self, options: dict[str, Any], code: str) -> list[str]:
        """Names that continue the text before the cursor."""
        line = str(options.get("line") or code)
        column = options.get("col")
        text = line[:column] if isinstance(column, int) and column else line
        word = text[len(text.rstrip(_NAME_CHARACTERS)) :]
        completer = rlcompleter.Completer(self.namespace)
        found: list[str] = []
        for state in range(MAX_COMPLETIONS):
            try:
                match = completer.complete(word, state)
            except Exception:  # properties of the user's objects may raise anything
                break
            if match is None:
                break
            if match.strip() and match not in found:
                found.append(match)
        return found

    def serve(self) -> None:
        """Handle messages until the channel closes."""
        while (message := frames.read_blocking(self.channel)) is not None:
            header, payload = message
            if header["op"] == "execute":
                self.run = header["run"]
                code = self.execute(payload.decode("utf-8", "replace"))
                self.send({"op": "finished", "run": self.run, "exit": code})
            elif header["op"] == "complete":
                items = self.complete(header.get("options") or {}, payload.decode())
                self.send({"op": "completions", "id": header["id"], "items": items})


_RICH = (
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_html_", "text/html"),
)
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."


def main() -> None:
    """Run the interpreter on the descriptor given as the first argument."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(channel.fileno(), False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interpreter = Interpreter(channel)
    sys.argv = [""]
    sys.path[0] = ""
    sys.stdout = Output(interpreter, "stdout", 1)
    sys.stderr = Output(interpreter, "stderr", 2)
    sys.stdin = Input(interpreter)

    def ask(prompt: object = "", /) -> str:
        return interpreter.ask(password=False, prompt=str(prompt))

    def ask_password(prompt: str = "Password: ", stream: object = None, **_: object) -> str:
        return interpreter.ask(password=True, prompt=prompt)

    builtins.input = ask
    getpass.getpass = ask_password
    interpreter.serve()


if __name__ == "__main__":
    main()

"""The service `files`: the session's working directory over HTTP, for reading.

`python -m bai_tui.local.runner.fileserver SOCKET`, run in that directory.
"""

from __future__ import annotations

import html
import os
import sys
from pathlib import Path
from urllib.parse import quote

from aiohttp import web


async def serve(request: web.Request) -> web.StreamResponse:
    """A file (ranges are possible), or the list of a directory."""
    root = Path.cwd().resolve()
    try:
        path = (root / request.match_info["path"]).resolve()
    except (OSError, ValueError):
        raise web.HTTPNotFound from None
    if not path.is_relative_to(root) or not path.exists():
        raise web.HTTPNotFound
    if not path.is_dir():
        return web.FileResponse(path) if path.is_file() else _refuse()
    if request.path != "/" and not request.path.endswith("/"):
        raise web.HTTPFound(f"/{quote(str(path.relative_to(root)))}/")
    return web.Response(text=_page(path, root), content_type="text/html")


def _refuse() -> web.Response:
    return web.Response(status=403, text="not a regular file\n")


def _page(path: Path, root: Path) -> str:
    title = html.escape("/" + ("" if path == root else str(path.relative_to(root))))
    entries = sorted(os.scandir(path), key=lambda entry: (not entry.is_dir(), entry.name))
    rows = [
        f'<li><a href="{quote(entry.name)}{slash}">{html.escape(entry.name)}{slash}</a></li>'
        for entry in entries
        for slash in ("/" if entry.is_dir() else "",)
    ]
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><ul>{''.join(rows)}</ul></body></html>\n"
    )


def main() -> None:
    """Serve until killed."""
    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    web.run_app(app, path=sys.argv[1], print=None, access_log=None, backlog=512)


if __name__ == "__main__":
    main()

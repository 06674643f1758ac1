"""Views of a log that is read page by page, the newest first."""

from __future__ import annotations

from typing import Final

from bai_tui.screens.admin.resource import Scope
from bai_tui.screens.admin.view import ResourceView

PAGE: Final = 100
"""Entries of a page."""


class PagedView(ResourceView):
    """The number of the page is the scope's value, which `load` asks for."""

    @property
    def page(self) -> int:
        """Its number, from 1."""
        return int(self.scope.value or 1)

    def counts(self) -> str:
        """With the page."""
        counts = super().counts()
        return f"page {self.page}  {counts}" if counts else ""

    def _go_page(self, page: int) -> None:
        self.scope = Scope("page", str(page))
        self.table.loading_rows = True
        self._loading = 0  # what is under way is of another page
        self.reload()

    def do_pages_older(self, argument: str) -> None:
        """The next page, when this one is full."""
        if self.table.row_count < PAGE:
            self.flash("this is the last page", "warning")
        else:
            self._go_page(self.page + 1)

    def do_pages_newer(self, argument: str) -> None:
        """The page before."""
        if self.page == 1:
            self.flash("this is the first page", "warning")
        else:
            self._go_page(self.page - 1)

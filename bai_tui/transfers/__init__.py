"""The queue of uploads and downloads; outlives every screen and knows no user interface."""

from bai_tui.transfers.manager import Transfers
from bai_tui.transfers.model import Order, State, Transfer

__all__ = ["Order", "State", "Transfer", "Transfers"]

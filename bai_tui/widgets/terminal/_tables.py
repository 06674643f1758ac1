"""Sequences to what they do: names of the machine's methods, as in pyte's stream."""

from __future__ import annotations

from typing import Final

CONTROLS: Final = {
    "\x07": "bell",
    "\x08": "backspace",
    "\t": "tab",
    "\n": "linefeed",
    "\x0b": "linefeed",
    "\x0c": "linefeed",
    "\r": "carriage_return",
    "\x0e": "shift_out",
    "\x0f": "shift_in",
}

C1: Final[dict[int, str]] = {
    **dict.fromkeys(range(0x80, 0xA0), ""),
    **{0x40 + ord(letter): f"\x1b{letter}" for letter in "DEHMNOPVWXZ[\\]^_"},
}
"""C1 controls to what they mean; the others mean nothing."""

ESCAPES: Final = {
    "6": "back_index",
    "7": "save_cursor",
    "8": "restore_cursor",
    "9": "forward_index",
    "=": "application_keypad",
    ">": "numeric_keypad",
    "D": "index",
    "E": "next_line",
    "H": "set_tab_stop",
    "M": "reverse_index",
    "N": "single_two",
    "O": "single_three",
    "V": "start_protected",
    "W": "end_protected",
    "Z": "report_device_attributes",
    "c": "reset_hard",
    "n": "shift_two",
    "o": "shift_three",
    "#8": "alignment_display",
}
"""Intermediates and final after ESC."""

ALL: Final = 32

CSI: Final = {
    "@": ("insert_characters", 1),
    "A": ("cursor_up", 1),
    "B": ("cursor_down", 1),
    "C": ("cursor_forward", 1),
    "D": ("cursor_back", 1),
    "E": ("cursor_down1", 1),
    "F": ("cursor_up1", 1),
    "G": ("cursor_to_column", 1),
    "H": ("cursor_position", 2),
    "I": ("tab_forward", 1),
    "J": ("erase_in_display", 1),
    "K": ("erase_in_line", 1),
    "L": ("insert_lines", 1),
    "M": ("delete_lines", 1),
    "P": ("delete_characters", 1),
    "S": ("scroll_up", 1),
    "T": ("scroll_down", 5),
    "X": ("erase_characters", 1),
    "Z": ("tab_back", 1),
    "^": ("scroll_down", 1),
    "`": ("cursor_to_column", 1),
    "a": ("cursor_right", 1),
    "b": ("repeat", 1),
    "c": ("report_device_attributes", 1),
    "d": ("cursor_to_line", 1),
    "e": ("cursor_lower", 1),
    "f": ("cursor_position", 2),
    "g": ("clear_tab_stop", 1),
    "h": ("set_mode", ALL),
    "l": ("reset_mode", ALL),
    "n": ("report_device_status", 1),
    "r": ("set_margins", 2),
    "s": ("set_side_margins", 2),
    "t": ("window", 3),
    "u": ("restore_cursor", 0),
    "x": ("report_parameters", 1),
    "?J": ("erase_in_display_selectively", 1),
    "?K": ("erase_in_line_selectively", 1),
    "?W": ("every_eighth", 1),
    "?h": ("set_private_mode", ALL),
    "?l": ("reset_private_mode", ALL),
    "?n": ("report_private_status", 2),
    "?r": ("restore_modes", ALL),
    "?s": ("save_modes", ALL),
    ">c": ("report_secondary_attributes", 1),
    "=c": ("report_unit", 1),
    ">q": ("report_name", 1),
    " @": ("scroll_left", 1),
    " A": ("scroll_right", 1),
    " q": ("cursor_style", 1),
    "!p": ("reset_soft", 0),
    '"p': ("set_level", 2),
    '"q': ("protect", 1),
    "$p": ("report_mode", 1),
    "?$p": ("report_private_mode", 1),
    "$r": ("change_looks", ALL),
    "$t": ("reverse_looks", ALL),
    "$v": ("copy_area", 7),
    "$x": ("fill_area", 5),
    "$z": ("erase_area", 4),
    "${": ("erase_area_selectively", 4),
    "*x": ("select_area", 1),
    "*y": ("report_checksum", 6),
    "'}": ("insert_columns", 1),
    "'~": ("delete_columns", 1),
}
"""Prefix, intermediates and final of a control sequence to a method and how many parameters it
takes; further ones are ignored, as are sequences that are not here. SGR is in `_sgr`."""

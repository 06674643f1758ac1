"""Character sets of the 7-bit world, as translation tables for `str.translate`."""

from __future__ import annotations

from typing import Final

from pyte.charsets import IBMPC_MAP, LAT1_MAP, VAX42_MAP, VT100_MAP

Table = dict[int, str] | None


def _table(source: str) -> Table:
    changed = {
        code: character
        for code, character in enumerate(source)
        if 32 <= code < 127 and character != chr(code)
    }
    return changed or None


def _national(characters: str) -> Table:
    """ISO 646: what stands instead of these characters of ASCII."""
    pairs = zip("#@[\\]^_`{|}~", characters, strict=True)
    return {ord(ascii_): other for ascii_, other in pairs if ascii_ != other}


# pyte follows the Linux console; a VT100 changes nothing before the underline, and its h is the
# picture of a new line.
_LINES: Final = {
    **{code: VT100_MAP[code] for code in range(0x60, 0x7F)},
    ord("h"): "\u2424",
    ord("_"): " ",
}
_SUPPLEMENT: Final = {code: chr(code + 128) for code in range(0x21, 0x7F)}
_MULTINATIONAL: Final = {
    code: "⸮" if character in "¤¦¬\xad®¯´¸¾ÐÞðþ" else character
    for code, character in _SUPPLEMENT.items()
} | {ord("("): "¤", ord("W"): "Œ", ord("]"): "Ÿ", ord("w"): "œ", ord("}"): "ÿ"}
"""DEC's own, of which Latin-1 was made."""
_FINNISH: Final = _national("#@ÄÖÅÜ_éäöåü")
_NORWEGIAN: Final = _national("#ÄÆØÅÜ_äæøåü")
_SWEDISH: Final = _national("#ÉÄÖÅÜ_éäöåü")
_FRENCH_CANADIAN: Final = _national("#àâçêî_ôéùèû")
_TECHNICAL: Final = {
    code: character
    for code, character in enumerate(
        "⎷┌─⌠⌡│⎡⎣⎤⎦⎧⎩⎫⎭⎨⎬⸮⸮⸮⸮⸮⸮⸮⸮⸮⸮⸮≤≠≥∫∴∝∞÷Δ∇ΦΓ∼≃Θ×Λ⇔⇒≡ΠΨ⸮Σ⸮⸮√ΩΞΥ⊂⊃∩∪∧∨"
        "¬αβχδεφγηιθκλ⸮ν∂πψρστ⸮ƒωξυζ←↑→↓",
        0x21,
    )
}
"""Mathematical characters. What is not assigned is shown as on DEC's terminals."""

TABLES: Final[dict[str, Table]] = {
    "B": _table(LAT1_MAP),
    "0": _LINES,
    "A": {ord("#"): "£"},
    "4": _national("£¾ÿ½|^_`¨f¼´"),
    "5": _FINNISH,
    "C": _FINNISH,
    "R": _national("£à°ç§^_`éùè¨"),
    "f": _national("£à°ç§^_`éùè¨"),
    "9": _FRENCH_CANADIAN,
    "Q": _FRENCH_CANADIAN,
    "K": _national("#§ÄÖÜ^_`äöüß"),
    "Y": _national("£§°çé^_ùàòèì"),
    "6": _NORWEGIAN,
    "E": _NORWEGIAN,
    "`": _NORWEGIAN,
    "Z": _national("£§¡Ñ¿^_`°ñç~"),
    "7": _SWEDISH,
    "H": _SWEDISH,
    "=": _national("ùàéçêîèôäöüû"),
    "<": _MULTINATIONAL,
    "%5": _MULTINATIONAL,
    "96A": _SUPPLEMENT,
    ">": _TECHNICAL,
    "U": _table(IBMPC_MAP),
    "V": _table(VAX42_MAP),
}
"""Final character of a designation to its table; None is ASCII.

96A is A as a set of 96 characters: Latin-1.
"""

NATIONAL: Final = frozenset("45CRf9QKY6E`Z7H=")
"""Those that mean ASCII unless DECNRCM is set. The British one is older than that mode."""

"""Text from strangers, made harmless to look at: in a terminal, a table, a page.

A name or message out of a submission can hold characters that move a cursor, turn the order of letters round, or hide.
Such characters are shown by their number, as Python writes it. Whoever prints, or writes into a file that people read,
sends text through `visible`; HTML, CSV and XML are escaped besides, each in its place.
"""

import unicodedata

# controls, formats (bidi among them), lone surrogates, private use, not assigned, separators of lines and paragraphs
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = "\u200c\u200d"  # letters of Persian, Hindi and other names are joined and kept apart by these
NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text, limit=None, keep=""):
    r"""The text with what cannot be seen shown as its number; `keep`: characters left as they are, such as "\n\t".

    A text longer than `limit` is cut, and ends in three dots.

    >>> print(visible("Ada\x1b[2J\u202egpj.exe"))
    Ada\x1b[2J\u202egpj.exe
    >>> visible("a long name", limit=6)
    'a l...'
    """
    cut = limit is not None and len(text) > limit
    kept = text[: limit - 3] if cut else text
    harmless = kept if kept.isprintable() else "".join(shown(character, keep) for character in kept)
    return harmless + ("..." if cut else "")


def shown(character, keep=""):
    """One character, or its number."""
    if character in keep or character in JOINERS or unicodedata.category(character) not in HIDDEN:
        return character
    number = ord(character)
    width, letter = (2, "x") if number < 256 else (4, "u") if number < 65536 else (8, "U")
    return NAMED.get(character, f"\\{letter}{number:0{width}x}")

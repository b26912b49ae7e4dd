"""Fold any script to plain lower-case ASCII."""

import unicodedata

from anyascii import anyascii

MACROS = (
    # Byte length and character length differ exactly when a character is not ASCII.
    "create or replace macro is_ascii(x) as strlen(x) = length(x)",
    # A function of Python is slow, so only what SQL cannot fold comes to it.
    "create or replace macro fold(x) as lower(case when not is_ascii(x) then"
    " case when not is_ascii(strip_accents(x)) then transliterate(x) else strip_accents(x) end"
    " else x end)",
)


def transliterate(text: str) -> str:
    """ASCII for any script (`Müller` -> `Muller`); emoji and other symbols become blanks."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFD", text)
        if not unicodedata.category(character).startswith("M")
    )
    return plain if plain.isascii() else "".join(_fold_character(character) for character in text)


def _fold_character(character: str) -> str:
    if character.isascii():
        return character
    folded: str = anyascii(character)
    # Emoji fold to `:smile:`, which is no part of a name.
    return " " if folded.startswith(":") else folded


def fold(text: str) -> str:
    """Lower-case ASCII of `text`."""
    return (text if text.isascii() else transliterate(text)).lower()

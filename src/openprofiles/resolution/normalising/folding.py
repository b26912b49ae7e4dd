"""Fold any script to plain lower-case ASCII."""

from anyascii import anyascii

MACROS = (
    # Byte length and character length differ exactly when a character is not ASCII.
    "create or replace temp macro fold(x) as"
    " lower(case when strlen(x) <> length(x) then transliterate(x) else x end)",
)


def transliterate(text: str) -> str:
    """ASCII for any script (`Müller` -> `Muller`); emoji and other symbols become blanks."""
    return "".join(_fold_character(character) for character in text)


def _fold_character(character: str) -> str:
    if character.isascii():
        return character
    folded: str = anyascii(character)
    # Emoji fold to `:smile:`, which is no part of a name.
    return " " if folded.startswith(":") else folded


def fold(text: str) -> str:
    """Lower-case ASCII of `text`."""
    return (text if text.isascii() else transliterate(text)).lower()

"""Texts of policies that stand for many: `*` and `?`, and variables such as `${aws:username}`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from openprofiles.core.policies import keys
from openprofiles.core.policies.keys import ValueOf

STAR: Final = ("*",)
MARK: Final = ("?",)
"""Wildcards, as what no literal text can be."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_MEANING = re.compile(r"\s*(?P<key>[^,\s][^,]*?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?")
_ESCAPED = frozenset("*?$")


class BadPattern(ValueError):
    """A text that cannot be a pattern; says why."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What stands for a value of the request, and what stands there when it has none."""

    key: str
    default: str | None


Piece = str | tuple[str, ...] | Variable


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with wildcards and variables, and what matches it."""

    pieces: tuple[Piece, ...]
    ignores_case: bool

    def matches(self, text: str, value_of: ValueOf) -> bool | None:
        """Whether all of `text` matches; None when the request lacks the value of a variable."""
        filled = self.fill(value_of)
        if filled is None:
            return None
        return _compiled(filled, self.ignores_case).fullmatch(text) is not None

    def fill(self, value_of: ValueOf) -> tuple[str | tuple[str, ...], ...] | None:
        """The pieces with values for variables, in which wildcards are letters like others."""
        filled: list[str | tuple[str, ...]] = []
        for piece in self.pieces:
            if isinstance(piece, Variable):
                values = value_of(piece.key)
                value = values[0] if values else piece.default
                if value is None:
                    return None
                filled.append(value)
            else:
                filled.append(piece)
        return tuple(filled)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that its variables ask for."""
        return tuple(piece.key for piece in self.pieces if isinstance(piece, Variable))


def parse(
    text: str, *, has_variables: bool, has_wildcards: bool = True, ignores_case: bool = False
) -> Pattern:
    """The pattern that `text` writes; raises BadPattern for variables that are none."""
    pieces: list[Piece] = []
    end = 0
    for found in _VARIABLE.finditer(text) if has_variables else ():
        pieces += _plain(text[end : found.start()], has_wildcards)
        pieces.append(_variable(found[1]))
        end = found.end()
    pieces += _plain(text[end:], has_wildcards)
    return Pattern(tuple(pieces), ignores_case)


def _plain(text: str, has_wildcards: bool) -> list[Piece]:
    if not has_wildcards:
        return [text] if text else []
    wildcards = {"*": STAR, "?": MARK}
    return [wildcards.get(part, part) for part in re.split(r"([*?])", text) if part]


def _variable(content: str) -> Piece:
    if content in _ESCAPED:
        return content
    meaning = _MEANING.fullmatch(content)
    key = keys.find(meaning["key"]) if meaning else None
    if meaning is None or key is None or key in keys.MANY_VALUED:
        raise BadPattern("it has a variable that this service does not know")
    return Variable(key, meaning["default"])


@lru_cache(maxsize=4096)
def _compiled(pieces: tuple[str | tuple[str, ...], ...], ignores_case: bool) -> re.Pattern[str]:
    flags = re.DOTALL | (re.IGNORECASE if ignores_case else 0)
    return re.compile(translate(pieces), flags)


def translate(pieces: Sequence[str | tuple[str, ...]]) -> str:
    """A regular expression for literals and wildcards.

    What follows a star is looked for from the left and then kept, which finds a match if there is
    one, and never tries twice.
    """
    parts = [""]
    for piece in pieces:
        if piece == STAR:
            parts.append("")
        elif piece == MARK:
            parts[-1] += "."
        else:
            parts[-1] += re.escape(str(piece))
    first, *others = parts
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{part})" for part in middle if part) + ".*" + last

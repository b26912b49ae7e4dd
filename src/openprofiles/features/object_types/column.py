"""Columns of sample objects: each place where they hold a value, and what it is called (reference
§11).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import value as values

MOST_ATTRIBUTES = 120
LONGEST_SOURCE = 1000

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLAIN_PART = re.compile(r"[^.\[\]{}\x00-\x1f]+")
_BRACKETED_PART = re.compile(r"[^\[\]{}\x00-\x1f]+")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One place of the samples: its path, and its values as text; None where a sample has
    nothing there.
    """

    path: Path
    texts: tuple[str | None, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its name and of the names around it, in lower case: `billing address
        zip code`.
        """
        return tuple(word.lower() for part in self.path for word in _WORD.findall(part))

    @property
    def own_words(self) -> tuple[str, ...]:
        """The words of its own name."""
        return tuple(word.lower() for word in _WORD.findall(self.path[-1]))

    @property
    def source(self) -> str | None:
        """The source that reads it, None when no source can."""
        if all(map(_PLAIN_PART.fullmatch, self.path)):
            text = f"_source.{'.'.join(self.path)}"
        elif all(map(_BRACKETED_PART.fullmatch, self.path)):
            text = f"{{{{_source.{'.'.join(f'[{part}]' for part in self.path)}}}}}"
        else:
            return None
        return text if len(text) <= LONGEST_SOURCE and values.is_storable(text) else None

    @property
    def is_always_different(self) -> bool:
        """Whether every sample has a value here, each another."""
        return None not in self.texts and len(set(self.texts)) == len(self.texts)

    @property
    def longest(self) -> int:
        """Characters of the longest value."""
        return max(len(text or "") for text in self.texts)


def columns_of(samples: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns of samples, in the order of appearance; lists have none, as they fit no
    single field.

    BadRequest when the samples have too many attributes.
    """
    found: dict[Path, list[str | None]] = {}
    attributes: set[Path] = set()
    for position, sample in enumerate(samples):
        for path, value in _leaves(sample, ()):
            attributes.add(path)
            if isinstance(value, list) or path[-1] == "":
                continue
            texts = found.setdefault(path, [None] * len(samples))
            texts[position] = values.text_of(value) or None
    if len(attributes) > MOST_ATTRIBUTES:
        raise BadRequest(f"Breached limit of {MOST_ATTRIBUTES} attributes")
    return [Column(path, tuple(texts)) for path, texts in found.items()]


def _leaves(value: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    for name, item in value.items():
        here = (*path, name)
        if isinstance(item, dict):
            yield from _leaves(item, here)
        else:
            yield here, item
            if isinstance(item, list):
                for element in item:
                    if isinstance(element, dict):
                        # An attribute of elements counts, whatever the number of elements.
                        yield from ((leaf, []) for leaf, _ in _leaves(element, (*here, "")))

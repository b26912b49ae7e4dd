"""Valid values for any shape of the model, from a seeded random source."""

import re
from datetime import UTC, datetime
from random import Random
from typing import Any

from botocore.model import Shape

from openprofiles.wire.patterns import anchored
from openprofiles.wire.violations import range_of

WORDS = (
    "a",
    "Ada",
    "B-52",
    "über",
    "名前",
    "🙂",
    'say "hi"',
    "a\nb",
    "\\",
    "{}",
    "%2F",
    "a+b c&d=e",
)
MATCHING = (
    "abc",
    "Ab_1",
    "0" * 31 + "a",
    "12:30",
    "arn:aws:profile:eu-west-1:000000000000:domains/crm",
    "arn:aws:iam::000000000000:role/reader",
    "arn:aws:kms:eu-west-1:000000000000:key/0",
    "x/2026-01-01T00-00-00Z",
    "7",
)


class Examples:
    """Values for shapes; `all_members` fills optional members too."""

    def __init__(self, seed: int, *, all_members: bool) -> None:
        self._random = Random(seed)
        self._all_members = all_members

    def value(self, shape: Shape) -> Any:
        """A valid value of `shape`."""
        return getattr(self, f"_{shape.type_name}")(shape)

    def _structure(self, shape: Shape) -> dict[str, Any]:
        if getattr(shape, "is_tagged_union", False):
            name = self._random.choice(list(shape.members))
            return {name: self.value(shape.members[name])}
        return {
            name: self.value(member)
            for name, member in shape.members.items()
            if name in shape.required_members or self._all_members
        }

    def _list(self, shape: Shape) -> list[Any]:
        return [self.value(shape.member) for _ in range(self._count(shape))]

    def _map(self, shape: Shape) -> dict[str, Any]:
        return {self.value(shape.key): self.value(shape.value) for _ in range(self._count(shape))}

    def _count(self, shape: Shape) -> int:
        return max(shape.metadata.get("min", 0), 1)

    def _string(self, shape: Shape) -> str:
        if shape.enum:
            return str(self._random.choice(shape.enum))
        pattern = shape.metadata.get("pattern")
        candidates = MATCHING if pattern else WORDS
        fitting = [text for text in candidates if fits(shape, text)]
        if not fitting:
            fitting = [(self._random.choice("xyz") * shape.metadata.get("min", 1))]
        return self._random.choice(fitting)

    def _integer(self, shape: Shape) -> int:
        least, most = range_of(shape)
        return self._random.randint(int(least), int(most))

    def _double(self, shape: Shape) -> float:
        least, most = range_of(shape)
        return self._random.uniform(max(least, -1e9), min(most, 1e9))

    def _boolean(self, _: Shape) -> bool:
        return self._random.choice((True, False))

    def _timestamp(self, _: Shape) -> datetime:
        return datetime.fromtimestamp(self._random.randint(0, 2_000_000_000_000) / 1000, UTC)

    _long = _integer


def fits(shape: Shape, text: str) -> bool:
    """Whether a text keeps the length and pattern of a string's shape."""
    if not shape.metadata.get("min", 0) <= len(text) <= shape.metadata.get("max", len(text)):
        return False
    pattern = shape.metadata.get("pattern")
    return pattern is None or re.search(anchored(pattern), text) is not None

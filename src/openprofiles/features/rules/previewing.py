"""What rules would make of the profiles that are there, without changing anything: groups with the
riskiest first.

Pure: profiles are added one by one, then all is counted. It keeps 64 bits of each value, so two of
a million profiles' values are taken for one in one of a million previews.
"""

import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from openprofiles.core.ids import Id
from openprofiles.features import object_types
from openprofiles.features.rules.components import LARGEST
from openprofiles.features.rules.rule import Rules
from openprofiles.features.rules.store import MOST_HOLDERS

TELLING = {"FirstName": "NAME", "LastName": "NAME", "BirthDate": "STRING"}
"""What speaks against a match when it differs, and how it is compared."""

IDS_SHOWN = 100
"""Profiles named of one group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCount:
    """What comes of one level; `unusable_values` are shared by too many profiles."""

    level: int
    groups: int
    profiles: int
    unusable_values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedGroup:
    """A group that the rules would make, and in what its profiles differ."""

    level: int
    profiles: tuple[int, ...]
    disagreements: tuple[str, ...]

    @property
    def risk(self) -> tuple[int, int, int]:
        """Sorts the riskiest first: the largest, among equals who differ most."""
        return (-len(self.profiles), -len(self.disagreements), self.profiles[0])


@dataclass(slots=True)
class Preview:
    """Profiles seen so far, by their place."""

    rules: Rules
    profile_ids: list[Id] = field(default_factory=list)
    _values: list["array[int]"] = field(default_factory=list)
    _owners: list["array[int]"] = field(default_factory=list)
    _telling: dict[str, "array[int]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._values = [array("Q") for _ in self.rules.levels]
        self._owners = [array("I") for _ in self.rules.levels]
        self._telling = {name: array("I") for name in TELLING}

    def add(self, profile_id: Id, fields: Mapping[str, Any]) -> None:
        """See one more profile."""
        place = len(self.profile_ids)
        self.profile_ids.append(profile_id)
        for level, value in self.rules.values(fields):
            self._values[level - 1].append(int(value[:16], 16))
            self._owners[level - 1].append(place)
        for name, content_type in TELLING.items():
            value = fields.get(name) or ""
            text = object_types.normalise_part(content_type, value)
            self._telling[name].append(zlib.crc32(text.encode()) | 1 if text else 0)

    def count(self) -> tuple[list[LevelCount], list[PreviewedGroup]]:
        """What comes of each level, and all groups, the riskiest first."""
        levels: list[LevelCount] = []
        groups: list[PreviewedGroup] = []
        matched = bytearray(len(self.profile_ids))
        for level in range(1, len(self.rules.levels) + 1):
            runs, unusable = self._shared(level)
            found = [
                PreviewedGroup(level=level, profiles=members, disagreements=self._differ(members))
                for members in components(runs, len(matched))
                if len(members) <= LARGEST and not all(matched[one] for one in members)
            ]
            for group in found:
                for one in group.profiles:
                    matched[one] = 1
            levels.append(
                LevelCount(
                    level=level,
                    groups=len(found),
                    profiles=sum(len(group.profiles) for group in found),
                    unusable_values=unusable,
                )
            )
            groups += found
        return levels, sorted(groups, key=lambda group: group.risk)

    def _shared(self, level: int) -> tuple[Iterator[list[int]], int]:
        """The profiles of each usable value of a level, and how many values are not usable."""
        values = np.frombuffer(self._values[level - 1], dtype=np.uint64)
        owners = np.frombuffer(self._owners[level - 1], dtype=np.uint32)
        order = np.argsort(values, kind="stable")
        _, starts, sizes = np.unique(values[order], return_index=True, return_counts=True)
        usable = (sizes >= 2) & (sizes <= MOST_HOLDERS)
        unusable = int(np.count_nonzero(sizes > MOST_HOLDERS))
        return _slices(owners[order], starts[usable], sizes[usable]), unusable

    def _differ(self, members: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(
            name
            for name, texts in self._telling.items()
            if len({texts[one] for one in members} - {0}) > 1
        )


def _slices(
    owners: npt.NDArray[np.uint32], starts: npt.NDArray[np.intp], sizes: npt.NDArray[np.intp]
) -> Iterator[list[int]]:
    for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        yield owners[start : start + size].tolist()


def components(runs: Iterator[list[int]], size: int) -> list[tuple[int, ...]]:
    """What hangs together when the members of each run do, each sorted; without single ones."""
    parent = list(range(size))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    touched: set[int] = set()
    for first, *others in runs:
        touched.update((first, *others))
        for other in others:
            one, two = root(first), root(other)
            parent[max(one, two)] = min(one, two)
    members: dict[int, list[int]] = {}
    for one in sorted(touched):
        members.setdefault(root(one), []).append(one)
    return [tuple(group) for group in members.values()]

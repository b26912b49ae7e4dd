"""The mappings used last, so that a type is compiled once for each version in each process."""

from collections import OrderedDict
from threading import Lock

from openprofiles.core.ids import Id
from openprofiles.features.object_types.mapping import Mapping

Place = tuple[str, str, str]
"""Account, domain and object type."""


class MappingCache:
    """Mappings by place, with the version that each is of: what a version means never changes."""

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._mappings: OrderedDict[Place, tuple[Id, Mapping]] = OrderedDict()

    def find(self, place: Place) -> tuple[Id | None, Mapping | None]:
        """The version known for a place and its mapping, None and None when there is none."""
        with self._lock:
            found = self._mappings.get(place)
            if found is None:
                return None, None
            self._mappings.move_to_end(place)
            return found

    def put(self, place: Place, version: Id, mapping: Mapping) -> None:
        """Keep a mapping; of too many, let go of the one that was not used for longest."""
        with self._lock:
            self._mappings[place] = version, mapping
            self._mappings.move_to_end(place)
            if len(self._mappings) > self._size:
                self._mappings.popitem(last=False)

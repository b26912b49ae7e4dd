"""What a profile was at a moment: from what it is, entry by entry back."""

from collections.abc import Iterable

from openprofiles.features.history.action import ENDS
from openprofiles.features.profiles import Fields
from openprofiles.storage.journal import Recorded


class Image:
    """The fields of a profile, gone back in time; None where they are not known."""

    def __init__(self, fields: Fields | None) -> None:
        self.fields = fields

    def go_back(self, entries: Iterable[Recorded]) -> None:
        """Undo entries, the newest first."""
        for entry in entries:
            if entry.kind in ENDS:
                self.fields = entry.detail.get("fields")
            elif self.fields is not None:
                for path, value in entry.detail.get("fields_before", {}).items():
                    self._set(path, value)

    def _set(self, path: str, value: object) -> None:
        # A new one each time: the entries keep theirs.
        fields = {name: old for name, old in (self.fields or {}).items() if name != path}
        self.fields = fields if value is None else {**fields, path: value}

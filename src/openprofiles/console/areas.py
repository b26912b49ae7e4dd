"""The areas of the console, and the entries that pages put into them."""

from dataclasses import dataclass
from enum import Enum


class Area(Enum):
    """What people come for, in the order of the menu; the values are what it says."""

    HOME = ""
    FIND = "Find"
    DUPLICATES = "Duplicates"
    DATA_IN = "Data in"
    INSIGHT = "Insight"
    OPERATE = "Operate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the menu. It leads to `endpoint`, which takes `domain_name` if it `needs_domain`;
    it is marked as the current one on every page of the same blueprint.
    """

    area: Area
    label: str
    icon: str
    endpoint: str
    needs_domain: bool = True

    @property
    def blueprint(self) -> str:
        """The blueprint whose pages it stands for."""
        return self.endpoint.partition(".")[0]

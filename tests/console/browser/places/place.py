"""A page to look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openprofiles.core.operation import Caller, Invoke
from tests.console.conftest import Keys

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient


@dataclass(frozen=True)
class World:
    """What places are furnished with: a fresh domain, and ways to fill it."""

    client: "CustomerProfilesClient"
    domain: str
    keys: Keys

    @property
    def invoke(self) -> Invoke:
        """Operations of our own, too."""
        return self.keys.invoke

    @property
    def caller(self) -> Caller:
        """Who may do everything."""
        return self.keys.caller


Names = Mapping[str, str]
"""What the arguments of addresses are: `{"domain_name": "shop"}`."""

Furnish = Callable[[World], Names]


@dataclass(frozen=True)
class Place:
    """Where a page is: `rule` as its blueprint has it below /console, and a `query` where the page
    has more to show with one. Without `signs_in` on a console that is open.
    """

    rule: str
    query: str = ""
    signs_in: bool = False
    fails: bool = False

    def address(self, names: Names) -> str:
        """The path of the page."""
        path = self.rule
        for name, value in names.items():
            path = path.replace(f"<{name}>", value)
        return f"/console{path}{self.query.format(**names)}"


@dataclass(frozen=True)
class AreaOfPlaces:
    """The places of an area, and what makes that they have something to show."""

    places: tuple[Place, ...]
    furnish: Furnish

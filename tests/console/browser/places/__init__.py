"""Where the pages are that `test_usable.py` looks at, a module for each area of the menu, and what
must be there first for a page to have something to show.
"""

from tests.console.browser.places import (
    around,
    customers,
    data_in,
    duplicates,
    insight,
    object_types,
    operate,
)
from tests.console.browser.places.place import AreaOfPlaces

AREAS: dict[str, AreaOfPlaces] = {
    area.__name__.rpartition(".")[2]: AreaOfPlaces(area.PLACES, area.furnish)
    for area in (around, customers, data_in, duplicates, insight, object_types, operate)
}

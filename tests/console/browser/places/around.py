"""What is around all areas: the way in, home, a domain."""

from tests.console.browser.places.place import Names, Place, World

PLACES = (
    Place("/sign-in", signs_in=True),
    Place("/"),
    Place("/domains/<domain_name>"),
    Place("/nothing", fails=True),
)


def furnish(world: World) -> Names:
    """A domain is there."""
    return {"domain_name": world.domain}

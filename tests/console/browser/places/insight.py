"""Numbers of a domain."""

from tests.console.browser.places.place import Names, Place, World
from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, Street

PLACES = (
    Place("/domains/<domain_name>/insight"),
    Place("/domains/<domain_name>/insight/resolution"),
    Place("/domains/<domain_name>/insight/fields"),
)


def furnish(world: World) -> Names:
    """Two runs that found something."""
    street = Street(world.client, world.domain, world.invoke, world.caller)
    street.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN)
    street.run()
    street.run()
    return {"domain_name": world.domain}

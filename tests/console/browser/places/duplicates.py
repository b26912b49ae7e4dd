"""Reviewing duplicates, and what came of them."""

from tests.console.browser.places.place import Names, Place, World
from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO, Street

_DOMAIN = "/domains/<domain_name>"

PLACES = (
    Place(f"{_DOMAIN}/duplicates"),
    Place(f"{_DOMAIN}/duplicates", "?kind=rules"),
    Place(f"{_DOMAIN}/duplicates", "?confidence=doubtful"),
    Place(f"{_DOMAIN}/duplicates/<match_id>", "?merged={merge_id}"),
    Place(f"{_DOMAIN}/duplicates/<match_id>/evidence"),
    Place(f"{_DOMAIN}/duplicates/not-the-same"),
    Place(f"{_DOMAIN}/duplicates/settings"),
    Place(f"{_DOMAIN}/duplicates/settings/rules"),
    Place(f"{_DOMAIN}/merges"),
    Place(f"{_DOMAIN}/merges/<merge_id>"),
    Place(f"{_DOMAIN}/merges/<merge_id>/undo"),
)


def furnish(world: World) -> Names:
    """Matches of both kinds, a merge, a decision."""
    street = Street(world.client, world.domain, world.invoke, world.caller)
    street.rules()
    street.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO)
    one, other, apart = street.settle({"FirstName": "One"}, {"FirstName": "Other"}, {})
    street.run()
    street.ask("MergeProfiles", MainProfileId=one, ProfileIdsToBeMerged=[other])
    street.ask("DecideNotSame", ProfileId=one, OtherProfileId=apart)
    return {
        "domain_name": world.domain,
        "match_id": street.waiting()[0],
        "merge_id": street.merges()[0]["MergeId"],
    }

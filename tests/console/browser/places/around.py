"""What is around all areas: the way in, home, a domain."""

from tests.console.browser.places.place import Names, Place, World

PLACES = (
    Place("/sign-in", signs_in=True),
    Place("/"),
    Place("/domains/<domain_name>"),
    Place("/domains/<domain_name>/settings"),
    Place("/domains/<domain_name>/delete"),
    Place("/nothing", fails=True),
)


def furnish(world: World) -> Names:
    """A domain is there, with a tag and a queue that takes nothing."""
    world.client.update_domain(
        DomainName=world.domain,
        DeadLetterQueueUrl="https://sqs.eu-west-1.amazonaws.com/111122223333/rejected",
    )
    place = f"{world.caller.region}:{world.caller.account_id}"
    arn = f"arn:aws:profile:{place}:domains/{world.domain}"
    world.client.tag_resource(resourceArn=arn, tags={"team": "blue"})
    return {"domain_name": world.domain}

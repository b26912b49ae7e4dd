"""Running the service."""

from tests.console.browser.places.place import Names, Place, World

PLACES = (
    Place("/keys"),
    Place("/keys/new"),
    Place("/keys/<key_id>"),
    Place("/policies"),
    Place("/policies/new"),
    Place("/policies/<name>"),
)

POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",'
    ' "Action": "profile:*"}]}'
)


def furnish(world: World) -> Names:
    """A policy, and a key with it."""
    name = f"policy-of-{world.domain}"
    world.invoke("PutPolicy", {"PolicyName": name, "PolicyDocument": POLICY}, world.caller)
    key = world.keys.make(name, "read-only", name="somebody-with-a-long-name@example.org")
    return {"key_id": key.id, "name": name}

"""Running the service."""

from tests.console.browser.places.place import Names, Place, World

PLACES = (
    Place("/health"),
    Place("/jobs"),
    Place("/jobs", query="?domain={domain_name}&state=STOPPED"),
    Place("/domains/<domain_name>/jobs/<job_id>"),
    Place("/settings"),
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
    """A policy, a key with it, and jobs: one that was stopped, one that waits."""
    name = f"policy-of-{world.domain}"
    world.invoke("PutPolicy", {"PolicyName": name, "PolicyDocument": POLICY}, world.caller)
    key = world.keys.make(name, "read-only", name="somebody-with-a-long-name@example.org")
    there = {"DomainName": world.domain}
    stopped = world.invoke("StartIdentityResolutionJob", there, world.caller)
    ended = {**there, "JobId": stopped["JobId"]}
    world.invoke("CancelIdentityResolutionJob", ended, world.caller)
    job = world.invoke("StartIdentityResolutionJob", there, world.caller)
    return {"domain_name": world.domain, "job_id": job["JobId"], "key_id": key.id, "name": name}

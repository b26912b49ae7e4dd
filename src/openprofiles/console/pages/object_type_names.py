"""The names of the object types of a domain, for pages where one is chosen."""

from openprofiles.console.visit import ask

AT_ONCE = 100
MOST = 1000


def names_of(domain_name: str) -> tuple[str, ...]:
    """The names, in their order; those that the person may get."""
    names: list[str] = []
    token = None
    while len(names) < MOST:
        found = ask(
            "ListProfileObjectTypes", DomainName=domain_name, MaxResults=AT_ONCE, NextToken=token
        )
        names += [item["ObjectTypeName"] for item in found["Items"]]
        token = found.get("NextToken")
        if token is None:
            break
    return tuple(sorted(names))

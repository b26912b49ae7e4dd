"""SQL of the tags room.

It also asks the tables `domains`, `object_types` and `integrations` whether a resource exists:
their rooms are above this one, and a lower room cannot call them.
"""

from collections.abc import Mapping, Sequence

from openprofiles.storage.database import Transaction


def find_domain(transaction: Transaction, account_id: str, name: str) -> int | None:
    """The id of the domain called `name`, None when there is none."""
    row = transaction.row(
        "select domain_id from domains where account_id = %s and name = %s", [account_id, name]
    )
    return row[0] if row else None


def has_object_type(transaction: Transaction, domain_id: int, name: str) -> bool:
    """Whether the domain defines the object type `name`."""
    row = transaction.row(
        "select 1 from object_types where domain_id = %s and name = %s", [domain_id, name]
    )
    return row is not None


def has_integration(transaction: Transaction, domain_id: int, uri: str) -> bool:
    """Whether the domain has an integration with this Uri."""
    row = transaction.row(
        "select 1 from integrations where domain_id = %s and uri = %s", [domain_id, uri]
    )
    return row is not None


def upsert(
    transaction: Transaction, domain_id: int, resource: str, tags: Mapping[str, str]
) -> None:
    """Add tags, or overwrite those with the same keys."""
    transaction.send(
        """
        insert into tags (domain_id, resource, key, value)
        select %s, %s, key, value from unnest(%s::text[], %s::text[]) as given (key, value)
        on conflict (domain_id, resource, key) do update set value = excluded.value
        """,
        [domain_id, resource, list(tags), list(tags.values())],
    )


def delete_keys(
    transaction: Transaction, domain_id: int, resource: str, keys: Sequence[str]
) -> None:
    """Remove the tags with these keys; keys that are not there are ignored."""
    transaction.send(
        "delete from tags where domain_id = %s and resource = %s and key = any(%s)",
        [domain_id, resource, list(keys)],
    )


def delete_of_resource(transaction: Transaction, domain_id: int, resource: str) -> None:
    """Remove all tags of one resource."""
    transaction.send(
        "delete from tags where domain_id = %s and resource = %s", [domain_id, resource]
    )


def delete_of_domain(transaction: Transaction, domain_id: int) -> None:
    """Remove the tags of a domain and of all it holds."""
    transaction.send("delete from tags where domain_id = %s", [domain_id])


def list_of_resources(
    transaction: Transaction, domain_id: int, resources: Sequence[str]
) -> dict[str, dict[str, str]]:
    """The tags of each of `resources`, by resource; those without any are left out."""
    found: dict[str, dict[str, str]] = {}
    for resource, key, value in transaction.rows(
        """
        select resource, key, value from tags
        where domain_id = %s and resource = any(%s) order by resource, key
        """,
        [domain_id, list(resources)],
    ):
        found.setdefault(resource, {})[key] = value
    return found


def list_by_name(
    transaction: Transaction, account_id: str, domain_names: Sequence[str], resources: Sequence[str]
) -> dict[tuple[str, str], dict[str, str]]:
    """The tags of `resources` in domains of an account, by the domain's name and resource."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, resource, key, value in transaction.rows(
        """
        select domains.name, tags.resource, tags.key, tags.value
        from domains join tags using (domain_id)
        where domains.account_id = %s and domains.name = any(%s) and tags.resource = any(%s)
        """,
        [account_id, list(domain_names), list(resources)],
    ):
        found.setdefault((name, resource), {})[key] = value
    return found


def list_of_domains(
    transaction: Transaction, domain_ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """The tags of each of these domains, by id; those without any are left out."""
    found: dict[int, dict[str, str]] = {}
    for domain_id, key, value in transaction.rows(
        """
        select domain_id, key, value from tags
        where domain_id = any(%s) and resource = '' order by domain_id, key
        """,
        [list(domain_ids)],
    ):
        found.setdefault(domain_id, {})[key] = value
    return found

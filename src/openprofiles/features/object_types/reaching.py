"""How the rooms above reach object types: mappings, compiled once for each version, and keys."""

from collections.abc import Callable

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import tags
from openprofiles.features.context import Context
from openprofiles.features.domains import Domain
from openprofiles.features.object_types import (
    encrypting,
    predefined_key,
    standard_objects,
    store,
    template,
)
from openprofiles.features.object_types.mapping import Mapping, compile_mapping
from openprofiles.features.object_types.mapping_cache import MappingCache

_cache = MappingCache(size=1000)


def require_mapping(context: Context, domain: Domain, name: str) -> Mapping:
    """The mapping of an object type, or of the template of that name.

    ResourceNotFound when there is neither; BadRequest when `name` is that of a standard object.
    """
    return ask_mapping(context, domain.name, name)()


def ask_mapping(context: Context, domain_name: str, name: str) -> Callable[[], Mapping]:
    """Send the question for a mapping at once; calling the answer waits for it.

    So that it travels with the question for the domain. Raises as `require_mapping` does.
    """
    if standard_objects.find(name) is not None:
        raise BadRequest(f"{name} is a standard object: nothing can be put into it directly")
    place = (context.caller.account_id, domain_name, name)
    known_version, known_mapping = _cache.find(place)
    pending = store.send_find_version(
        context.transaction, context.caller.account_id, domain_name, name, known_version
    )

    def answer() -> Mapping:
        row = pending.row()
        if row is None:
            return _require_implicit(domain_name, name)
        version, definition = row
        if definition is None and known_mapping is not None:
            return known_mapping
        mapping = compile_mapping(name, definition)
        _cache.put(place, version, mapping)
        return mapping

    return answer


def find_version(context: Context, domain: Domain, name: str) -> Id | None:
    """What names the present definition of an object type; None for a template nobody defined."""
    row = store.send_find_version(
        context.transaction, context.caller.account_id, domain.name, name, None
    ).row()
    return row[0] if row else None


def is_known_type(context: Context, domain: Domain, name: str) -> bool:
    """Whether objects of a type can be listed: it is defined, a template's, or a standard
    object.
    """
    return (
        standard_objects.find(name) is not None
        or template.find_ingestible(name) is not None
        or store.exists(context.transaction, domain.id, name)
    )


def find_key(context: Context, domain: Domain, key_name: str) -> tuple[str, ...] | None:
    """The content types of the parts of a predefined key or of a key of the domain; None if
    unknown.
    """
    return find_predefined_key(key_name) or store.find_key(context.transaction, domain.id, key_name)


def find_predefined_key(key_name: str) -> tuple[str, ...] | None:
    """The content types of the parts of a key that every domain has, None for any other."""
    return predefined_key.all_keys().get(key_name)


def list_keys(context: Context, domain: Domain) -> dict[str, tuple[str, ...]]:
    """All keys that values of a domain may be under: name -> content types of its parts."""
    own = store.list_keys(context.transaction, domain.id)
    return {**own, **predefined_key.all_keys()}


def object_limits(context: Context, domain: Domain) -> dict[str, int]:
    """How many objects of a type a profile may hold before the type counts as over (§4.7).

    By type: the domain's own types, and the templates that have a default; types without a count
    are left out.
    """
    defaults = template.object_limits()
    limits: dict[str, int | None] = {**defaults}
    for name, (count, template_id) in store.object_limits(context.transaction, domain.id).items():
        limits[name] = count if count is not None else defaults.get(template_id or "")
    return {name: limit for name, limit in limits.items() if limit is not None}


def delete(context: Context, domain: Domain, name: str) -> bool:
    """Remove a type's definition, its tags, and the keys that only it used; whether there was one.

    The caller holds the domain alone and removes the type's objects.
    """
    if not store.delete(context.transaction, domain.id, name):
        return False
    store.delete_unused_keys(context.transaction, domain.id)
    tags.delete_under(context, domain.id, resource_of(name))
    encrypting.use_key(context, domain, name, None)
    return True


def resource_of(name: str) -> str:
    """The end of a type's ARN, under which its tags are kept."""
    return f"object-types/{name}"


_implicit: dict[str, Mapping] = {}


def _require_implicit(domain_name: str, name: str) -> Mapping:
    if name not in _implicit:
        definition = template.find_ingestible(name)
        if definition is None:
            raise ResourceNotFound(f"Profile object type {name} not found in domain {domain_name}")
        _implicit[name] = compile_mapping(name, definition)
    return _implicit[name]

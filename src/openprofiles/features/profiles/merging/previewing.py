"""What a merge would make, without doing it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import store
from openprofiles.features.profiles.merging.performing import require_all, require_sources
from openprofiles.features.profiles.merging.receipt import Resolution
from openprofiles.features.profiles.merging.uniting import unite
from openprofiles.features.profiles.profile import Fields, is_too_large


@dataclass(frozen=True, slots=True)
class Preview:
    """What a main profile would become. `lost` has the values that would lose: field -> profile ->
    value.
    """

    main_id: Id
    fields: Fields
    lost: dict[str, dict[Id, Any]]
    is_too_large: bool


def preview(
    context: Context,
    domain: domains.Domain,
    main_id: Id,
    merged_ids: Iterable[Id],
    *,
    resolution: Resolution,
) -> Preview:
    """What `merge` would make of profiles; refuses what it would refuse, but for the size."""
    wanted = list(dict.fromkeys((main_id, *merged_ids)))
    found = store.read_profiles(context.transaction, domain.id, wanted)
    require_all(domain, wanted, found)
    require_sources(resolution, wanted)
    main, *others = (found[profile_id] for profile_id in wanted)
    fields, _ = unite(main, others, resolution)
    lost: dict[str, dict[Id, Any]] = {}
    for profile in (main, *others):
        for path, value in profile.fields.items():
            if fields.get(path) != value:
                lost.setdefault(path, {})[profile.id] = value
    return Preview(main.id, fields, lost, is_too_large(fields))

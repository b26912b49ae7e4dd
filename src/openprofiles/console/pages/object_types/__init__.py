"""Object types: what there is, templates, and the editor of mappings with its preview."""

from openprofiles.console.pages.object_types import editing, listing, showing, templates
from openprofiles.console.pages.object_types.area import ENTRIES, blueprint

__all__ = ["ENTRIES", "blueprint", "editing", "listing", "showing", "templates"]

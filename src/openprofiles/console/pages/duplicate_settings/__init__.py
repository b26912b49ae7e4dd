"""Settings of duplicates: identity resolution with auto-merging, and rules; each with a dry run."""

from openprofiles.console.pages.duplicate_settings import matching, rules
from openprofiles.console.pages.duplicate_settings.area import ENTRIES, blueprint

__all__ = ["ENTRIES", "blueprint", "matching", "rules"]

"""Domains: the list, one of them, its settings and tags, and deleting it."""

from openprofiles.console.pages.domains import deleting, listing, overview, settings, tagging
from openprofiles.console.pages.domains.area import ENTRIES, blueprint

__all__ = ["ENTRIES", "blueprint", "deleting", "listing", "overview", "settings", "tagging"]

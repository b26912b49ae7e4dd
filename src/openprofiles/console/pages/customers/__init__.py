"""Customers: finding one, and all that is known of one."""

from openprofiles.console.pages.customers import (
    activity,
    editing,
    erasing,
    graph,
    objects,
    person,
    searching,
)
from openprofiles.console.pages.customers.area import ENTRIES, blueprint

VIEWS = (searching, person, editing, activity, objects, graph, erasing)
"""The modules with views of the blueprint."""

__all__ = ["ENTRIES", "VIEWS", "blueprint"]

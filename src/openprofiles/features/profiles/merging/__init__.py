"""Merging profiles into one, with a receipt, and taking a merge back."""

from openprofiles.features.profiles.merging.keeping import forget, list_page, require, scrub
from openprofiles.features.profiles.merging.performing import (
    choose_main,
    list_parted,
    merge,
    read_fields,
)
from openprofiles.features.profiles.merging.previewing import Preview, preview
from openprofiles.features.profiles.merging.receipt import Merge, MergeCause, Receipt, Resolution
from openprofiles.features.profiles.merging.undoing import Undo, plan_undo, undo_merge
from openprofiles.features.profiles.merging.uniting import unite
from openprofiles.features.profiles.profile import ALIAS

__all__ = [
    "ALIAS",
    "Merge",
    "MergeCause",
    "Preview",
    "Receipt",
    "Resolution",
    "Undo",
    "choose_main",
    "forget",
    "list_page",
    "list_parted",
    "merge",
    "plan_undo",
    "preview",
    "read_fields",
    "require",
    "scrub",
    "undo_merge",
    "unite",
]

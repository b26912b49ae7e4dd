"""Merging profiles into one, with a receipt, and taking a merge back."""

from openprofiles.features.profiles.merging.performing import choose_main, merge, read_fields
from openprofiles.features.profiles.merging.receipt import Merge, MergeCause, Resolution

__all__ = ["Merge", "MergeCause", "Resolution", "choose_main", "merge", "read_fields"]

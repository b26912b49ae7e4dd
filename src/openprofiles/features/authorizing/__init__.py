"""May this caller do this to that? Asked in the transaction of what is asked for."""

from openprofiles.features.authorizing.action import ACTIONS, KINDS, Access, Action
from openprofiles.features.authorizing.judging import (
    depends_on_tags,
    find_refusal,
    lock_tags,
    require_allowed,
)
from openprofiles.features.authorizing.seeing import visible, visible_page
from openprofiles.features.authorizing.target import Target, within

__all__ = [
    "ACTIONS",
    "KINDS",
    "Access",
    "Action",
    "Target",
    "depends_on_tags",
    "find_refusal",
    "lock_tags",
    "require_allowed",
    "visible",
    "visible_page",
    "within",
]

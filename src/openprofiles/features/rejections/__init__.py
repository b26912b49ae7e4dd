"""Rejected objects: those that were taken and could not be placed; seen, counted, tried again, or
dropped.
"""

from openprofiles.features.rejections.operations import OPERATIONS

__all__ = ["OPERATIONS"]

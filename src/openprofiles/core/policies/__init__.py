"""Policies as IAM writes them: which actions on which resources are allowed, and which denied."""

from openprofiles.core.policies.policy import (
    Asked,
    Decision,
    Effect,
    Policy,
    Statement,
    evaluate,
    reads_resource_tags,
)
from openprofiles.core.policies.reading import InvalidPolicy, read

__all__ = [
    "Asked",
    "Decision",
    "Effect",
    "InvalidPolicy",
    "Policy",
    "Statement",
    "evaluate",
    "read",
    "reads_resource_tags",
]

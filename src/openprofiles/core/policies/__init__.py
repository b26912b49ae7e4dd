"""Policies as IAM writes them: which actions on which resources are allowed, and which denied."""

from openprofiles.core.policies.policy import Decision, Effect, Policy, Statement

__all__ = ["Decision", "Effect", "Policy", "Statement"]

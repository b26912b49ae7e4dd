"""Runs integrations: pulls their sources page by page, each page an operation of its own."""

from openprofiles.features.integrations.running.machine import Machine, permits_of
from openprofiles.features.integrations.running.pulling import run_one
from openprofiles.features.integrations.running.working import sweep, work

__all__ = ["Machine", "permits_of", "run_one", "sweep", "work"]

"""Durable work and schedules in the same PostgreSQL, on DBOS; knows no feature.

A worker process calls `run` with what is to be done when. Any number of workers may share a
database: a tick runs once, and the work of one that died is taken over by the others.
"""

from openprofiles.jobs.running import run
from openprofiles.jobs.schedule import BadSchedule, JobFailed, Schedule, Tick, looking

__all__ = ["BadSchedule", "JobFailed", "Schedule", "Tick", "looking", "run"]

"""Events: what others send when something happens there (core reference §9.1, §9.2).

An event source says who sends to which event integration, and holds the secrets that prove it; the
integration of that name says which object type takes which kind of event. Whoever runs jobs takes
`schedules`.
"""

from openprofiles.features.events.jobs import schedules
from openprofiles.features.events.operations import OPERATIONS

__all__ = ["OPERATIONS", "schedules"]

"""Erasure: a person is removed everywhere, with a receipt; what is held on a person is handed over.

DeleteProfile is an erasure, too. A tombstone keeps later objects of an erased person out.
"""

from openprofiles.features.erasure.jobs import schedules
from openprofiles.features.erasure.operations import OPERATIONS
from openprofiles.features.erasure.tables import PERSONAL, WITHOUT_PEOPLE

__all__ = ["OPERATIONS", "PERSONAL", "WITHOUT_PEOPLE", "schedules"]

"""The service as whoever runs it sees it: how it is, and the settings that are in force.

What is of the machine and of its one database is told in the service's own account only (the
setting `account_id`): other accounts are guests on it.
"""

from openprofiles.features.service.operations import OPERATIONS

__all__ = ["OPERATIONS"]

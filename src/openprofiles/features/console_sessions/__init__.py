"""Sessions of people in the console: begun when they sign in, ended by time, by them, or for them.

They are kept in the database, so that every web worker of every host knows them and an end is an
end everywhere. What is kept of a session's token is its digest: who reads the table cannot use it.
"""

from openprofiles.features.console_sessions.operations import OPERATIONS

__all__ = ["OPERATIONS"]

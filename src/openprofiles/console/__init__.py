"""The console: server-rendered pages for people.

A client of the operations like any other: it holds functions, and knows neither a feature nor the
storage.
"""

from openprofiles.console.application import make_console
from openprofiles.console.outside import Outside
from openprofiles.console.roles import Role

__all__ = ["Outside", "Role", "make_console"]

"""The HTTP session that connectors to vendors' APIs share: patient, bounded, and silent about what
it carries.
"""

from openprofiles.connectors.web.authentication import (
    Authentication,
    BasicAuthentication,
    FixedHeaders,
    OAuth,
    bearer,
)
from openprofiles.connectors.web.limits import Limits
from openprofiles.connectors.web.session import Answer, WebRefused, WebSession

__all__ = [
    "Answer",
    "Authentication",
    "BasicAuthentication",
    "FixedHeaders",
    "Limits",
    "OAuth",
    "WebRefused",
    "WebSession",
    "bearer",
]

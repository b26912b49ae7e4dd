"""The fixtures that follow from `application`, for folders whose service has its own database: each
is made once for a process, so such a folder's conftest imports them all.
"""

from typing import TYPE_CHECKING

import pytest

from openprofiles.app import Application, client_of
from openprofiles.core.operation import Invoke
from openprofiles.core.settings import Settings
from openprofiles.storage.database import Database

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]


@pytest.fixture(scope="session")
def session_client(application: Application) -> "CustomerProfilesClient":
    """A client of that service."""
    return client_of(application.wsgi, application.settings)


@pytest.fixture(scope="session")
def settings(application: Application) -> Settings:
    """Its settings."""
    return application.settings


@pytest.fixture(scope="session")
def database(application: Application) -> Database:
    """Its database."""
    return application.database


@pytest.fixture(scope="session")
def invoke(application: Application) -> Invoke:
    """Its one way in."""
    return application.invoke

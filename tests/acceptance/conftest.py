"""What acceptance tests share: running services, one of which asks for signatures."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from openprofiles.app import open_application
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from tests.acceptance.service import Service, running
from tests.untraced import untraced


@dataclass(frozen=True)
class Endpoint:
    """Where a service answers, and what its clients sign with."""

    url: str
    access_key_id: str = "AKIDEXAMPLE"
    secret: str = "anything"
    session_token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The same as SDKs read it from the environment."""
        token = {} if self.session_token is None else {"AWS_SESSION_TOKEN": self.session_token}
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            **token,
        }


@pytest.fixture(scope="module", autouse=True)
def untraced_services(untraced_processes: None) -> None:
    """Services here are started by the dozen."""


@contextmanager
def lasting(folder: Path, *options: str) -> Iterator[Service]:
    """A service for tests of many modules, some of which have processes followed for coverage."""
    with ExitStack() as running_on:
        with untraced():
            service = running_on.enter_context(running(folder / "data", "--workers", "2", *options))
        yield service


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real `openprofiles serve` with two workers."""
    with lasting(tmp_path_factory.mktemp("service")) as service:
        yield service.url


@pytest.fixture(scope="session")
def signed_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that asks for signatures."""
    with lasting(tmp_path_factory.mktemp("signed"), "--auth", "sigv4") as service:
        yield service


@pytest.fixture(scope="session")
def lasting_key(signed_service: Service) -> Endpoint:
    """A key of it."""
    return endpoint_of(signed_service)


@pytest.fixture(scope="session")
def temporary_key(signed_service: Service) -> Endpoint:
    """A temporary one."""
    return endpoint_of(signed_service, DurationSeconds=3600)


def endpoint_of(service: Service, **changes: int) -> Endpoint:
    """A service, with a key that is made for it."""
    settings = Settings(data_dir=service.data_dir)
    application = open_application(settings)
    try:
        caller = Caller(
            account_id=settings.account_id,
            region=settings.region,
            principal="test",
            request_id="test",
        )
        request = {"Name": "tester", "Policies": ["admin"], **changes}
        made = application.invoke("CreateAccessKey", request, caller)
    finally:
        application.close()
    return Endpoint(service.url, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


@pytest.fixture(params=["open", "lasting", "temporary"])
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """A service that takes any signature, and one that asks for those of a key."""
    if request.param == "open":
        return Endpoint(request.getfixturevalue("service_url"))
    found: Endpoint = request.getfixturevalue(f"{request.param}_key")
    return found

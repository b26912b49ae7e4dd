"""The composition root: the only module that sees every floor."""

import weakref
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from openprofiles import __version__, jobs
from openprofiles.core.clock import Clock, system_clock
from openprofiles.core.credentials import FindAccessKey
from openprofiles.core.operation import Answer, Caller, Invoke, Parameters
from openprofiles.core.settings import Settings, from_environment
from openprofiles.features import (
    access,
    encryption,
    erasure,
    events,
    expiry,
    insight,
    integrations,
    matching,
    rejections,
    replays,
    rules,
    transfers,
)
from openprofiles.features.invoke import OPERATIONS, invoker
from openprofiles.storage import processes
from openprofiles.storage.database import Database, DatabaseUnavailable
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.encryption import open_keyring
from openprofiles.storage.migrating import database_version, migrate
from openprofiles.storage.sealing import signing_keys
from openprofiles.storage.sessions import holding
from openprofiles.wire import AwsHandler, Failures, Sources, Turns, answer_in_process, checked
from openprofiles.wire.bodies import FairBodies
from openprofiles.wire.handler import OPERATION, REQUEST_ID

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

CONSOLE = "/console"
"""Where people find pages, beside the paths of the API, none of which begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The service in this process: its database, the one way in, and its HTTP face."""

    settings: Settings
    database: Database
    invoke: Invoke
    wsgi: WSGIApplication
    close_storage: Callable[[], None]

    def close(self) -> None:
        """Give back the connections, and the embedded database if this process is its last user."""
        self.database.close()
        self.close_storage()


def open_application(
    settings: Settings,
    clock: Clock = system_clock,
    *,
    keeps_database: bool = False,
    process: processes.Kind | None = None,
) -> Application:
    """Open the service on its database, which is started and migrated first where needed.

    With `keeps_database` this process starts the embedded one again should it die. A `process` of
    the service is seen by that kind. Raises CannotStart with a sentence that says what to do.
    """
    conninfo, close_storage = open_storage(settings, keeps_running=keeps_database)
    try:
        migrate(conninfo)
        name = None if process is None else processes.name_of(process)
        database = Database(conninfo, connections=settings.threads, name=name)
    except BaseException:
        close_storage()
        raise
    database.keyring = open_keyring(settings)
    invoke = invoker(database, settings, clock)
    return Application(
        settings=settings,
        database=database,
        invoke=invoke,
        wsgi=wire_of(invoke, settings),
        close_storage=close_storage,
    )


def wire_of(
    invoke: Invoke,
    settings: Settings,
    *,
    find_key: FindAccessKey | None = None,
    turns: Turns | None = None,
    large_bodies: Turns | None = None,
) -> WSGIApplication:
    """The HTTP face of `invoke`: for requests that a key signed with `find_key`, else for whoever
    reaches it.
    """
    return AwsHandler(
        invoke,
        settings,
        offered=OPERATIONS,
        own={name: known.route for name, known in OPERATIONS.items() if known.route is not None},
        unavailable=(DatabaseUnavailable,),
        find_key=find_key,
        turns=turns,
        large_bodies=large_bodies,
    )


def watched(application: Application) -> WSGIApplication:
    """What `application` shows the network: its HTTP face with health pages, metrics and a log of
    requests, which must be signed unless `auth` is open.

    Raises CannotStart when the keys of secrets cannot be read.
    """
    # Imported here: in process there is nobody to watch.
    from openprofiles.observing import Health, Metrics, Watched, counted

    database = application.database

    def check() -> dict[str, str]:
        version = database.run(database_version, reads_only=True)
        return {"schema": version}

    def backlog() -> Answer:
        try:
            return application.invoke("CountDeadLetters", {}, caller)
        except DatabaseUnavailable:
            return {}

    caller = Caller(
        account_id=application.settings.account_id,
        region=application.settings.region,
        principal="metrics",
        request_id="metrics",
    )
    metrics = Metrics(database.connections, backlog)
    settings, invoke = application.settings, counted(application.invoke, metrics)
    find_key: FindAccessKey | None = None
    if settings.auth == "sigv4":
        find_key = access.KeyFinder(database, settings)
        invoke = access.Uses(database).noting(invoke)
    turns = Turns(at_once=settings.threads, waiting=settings.waiting_requests)
    sources = Sources(settings)
    both = _with_console(
        wire_of(
            invoke,
            settings,
            find_key=find_key,
            turns=turns,
            large_bodies=Turns(at_once=settings.threads, waiting=settings.waiting_requests),
        ),
        console_of(_in_turn(invoke, turns), settings, find_key=find_key),
    )
    return Watched(
        FairBodies(both, sources, most=bodies_of_an_address(settings)),
        may_see_metrics=sources.may_see_metrics,
        metrics=metrics,
        health=Health(version=__version__, check=check, unavailable=(DatabaseUnavailable,)),
        operation_key=OPERATION,
        request_id_key=REQUEST_ID,
    )


def bodies_of_an_address(settings: Settings) -> int:
    """How many bodies of one address each web worker waits for at a time: so many that some of its
    threads are left for others.
    """
    return max(1, (settings.threads + settings.waiting_requests) * 3 // 4)


def console_of(
    invoke: Invoke, settings: Settings, *, find_key: FindAccessKey | None
) -> WSGIApplication:
    """The pages of `invoke` for people, below `/console`: for those who sign in with a key that
    `find_key` knows, else for whoever reaches it.
    """
    # Imported here: in process, and in commands, nobody looks at pages.
    from openprofiles.console import Outside, make_console

    own = {name: known.route for name, known in OPERATIONS.items() if known.route is not None}
    outside = Outside(
        invoke=checked(invoke, own),
        settings=settings,
        find_key=find_key or (lambda _: None),
        policies_of=access.policies_of_role,
        sources=Sources(settings),
        failures=Failures(settings.auth_failures_per_minute),
        cookie_keys=signing_keys(settings, "console"),
        unavailable=(DatabaseUnavailable,),
        operation_key=OPERATION,
        request_id_key=REQUEST_ID,
    )
    return make_console(outside)


def _with_console(wire: WSGIApplication, console: WSGIApplication) -> WSGIApplication:
    """Both under one address; a browser that opens it is led to the pages."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(f"{CONSOLE}/"):
            return console(environ, start_response)
        is_browser = path == "/" and "text/html" in environ.get("HTTP_ACCEPT", "")
        if is_browser or path == CONSOLE:
            start_response("302 Found", [("location", f"{CONSOLE}/"), ("content-length", "0")])
            return []
        return wire(environ, start_response)

    return answer


def _in_turn(invoke: Invoke, turns: Turns) -> Invoke:
    """`invoke`, which takes a turn as requests of the wire do."""

    def invoke_in_turn(name: str, parameters: Parameters, caller: Caller) -> Answer:
        turns.take()
        try:
            return invoke(name, parameters, caller)
        finally:
            turns.give_back()

    return invoke_in_turn


def _as_it_is(application: Application) -> AbstractContextManager[Invoke]:
    return nullcontext(application.invoke)


def run_jobs(
    settings: Settings,
    *,
    through: Callable[[Application], AbstractContextManager[Invoke]] = _as_it_is,
) -> None:
    """Do what is due, in this process, until SIGTERM or SIGINT.

    `through` gives the way in that work takes, which may have some of it done elsewhere. Raises
    CannotStart, BadSchedule, and SessionLost when the database goes away.
    """
    application = open_application(settings, process="jobs")
    with closing(application), through(application) as way_in:
        conninfo, invoke = application.database.conninfo, _counting_runs(application, way_in)
        schedules = (
            *expiry.schedules(invoke, settings),
            *erasure.schedules(invoke, settings),
            *rules.schedules(invoke, settings),
            *matching.schedules(invoke, settings, partial(holding, conninfo)),
            *replays.schedules(invoke, settings),
            *transfers.schedules(invoke, settings),
            *insight.schedules(invoke, settings),
            *encryption.schedules(invoke, settings),
            *events.schedules(invoke, settings),
            *rejections.schedules(invoke, settings, partial(holding, conninfo)),
            *integrations.schedules(invoke, settings, partial(holding, conninfo)),
        )
        jobs.run(conninfo, schedules)


def _counting_runs(application: Application, invoke: Invoke) -> Invoke:
    """The way in of a job worker, which counts what integrations bring."""
    from openprofiles.observing import Metrics, counted_runs

    return counted_runs(invoke, Metrics(application.database.connections))


def preload(settings: Settings) -> None:
    """Load what every request needs, for processes that are made from this one."""
    import openprofiles.console
    import openprofiles.observing  # noqa: F401 (only to load them)

    def answer_nothing(name: str, parameters: Parameters, caller: Caller) -> Answer:
        raise AssertionError(name, parameters, caller)

    # Reads the service model, which takes longest.
    wire_of(answer_nothing, settings)


def open_storage(
    settings: Settings, *, keeps_running: bool = False
) -> tuple[str, Callable[[], None]]:
    """How to connect to the database, started if needed, and what ends our use of it."""
    if settings.database_url is not None:
        return settings.database_url, lambda: None
    server = EmbeddedServer(settings.data_dir)
    if keeps_running:
        server.keep_running()
    return server.conninfo, server.close


def connect(data_dir: Path | str | None = None, **settings: Any) -> "CustomerProfilesClient":
    """A boto3 client of a service that runs in this process; see `openprofiles.connect`."""
    given = None if data_dir is None else Path(data_dir)
    chosen = from_environment(data_dir=given, **settings)
    application = open_application(chosen, keeps_database=True)
    try:
        client = client_of(application.wsgi, application.settings)
    except BaseException:
        application.close()
        raise
    # At the latest when the client is forgotten or the process ends; at the earliest when the
    # caller closes it.
    end = weakref.finalize(client, application.close)
    close_connections = client.close

    def close() -> None:
        close_connections()
        end()

    client.__dict__["close"] = close
    return client


def client_of(wsgi: WSGIApplication, settings: Settings) -> "CustomerProfilesClient":
    """A boto3 client whose requests `wsgi` answers, without a network."""
    import boto3
    from botocore.config import Config

    client: CustomerProfilesClient = boto3.client(
        "customer-profiles",
        region_name=settings.region,
        endpoint_url="http://openprofiles.invalid",
        aws_access_key_id="openprofiles",
        aws_secret_access_key="openprofiles",  # noqa: S106 (nothing checks it in process)
        config=Config(retries={"total_max_attempts": 1}),
    )
    answer_in_process(client, wsgi)
    return client

"""`openprofiles serve`: the whole service with one command."""

import faulthandler
import gc
import http.client
import logging
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from wsgiref.types import WSGIApplication

from openprofiles.cli import listening
from openprofiles.cli.ending import die_with_parent
from openprofiles.cli.engines import require_engine
from openprofiles.cli.numbers import numbers_folder
from openprofiles.cli.options import with_settings
from openprofiles.cli.starting import DatabaseStart
from openprofiles.core.collecting import set_apart
from openprofiles.core.networks import networks_of
from openprofiles.core.settings import Settings
from openprofiles.core.stopping import Stop
from openprofiles.storage.errors import CannotStart
from openprofiles.storage.sessions import SessionLost

LOG_LEVELS = ("debug", "info", "warning", "error")
EMBEDDED_CONNECTIONS = 180
"""Of the 200 of the embedded database, what web workers may take; jobs and people have the rest."""

NO_KEY = "The first access key could not be made: see the lines above"

logger = logging.getLogger(__name__)


def _say_nothing(url: str) -> None:
    """There is nothing more to say."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What a command does before the service answers: `work`, whose result is an exit code; `then`
    is told the URL.
    """

    work: Callable[[], int]
    failure: str
    then: Callable[[str], None]


@with_settings
def serve(settings: Settings) -> int:
    """Start the service, with its database if needed, and stop all of it on Ctrl-C or SIGTERM.

    Web workers answer the AWS API, a job worker does what is due; those that die are replaced.
    """
    return run(settings)


def run(settings: Settings, aside: Aside | None = None) -> int:
    """Run the service until it is told to stop; its exit code.

    What is to be done `aside` is done before it answers, in a process of its own.
    """
    check_settings(settings)
    certificate = listening.certificate_of(settings)
    require_engine(settings)
    stop = Stop()
    stop.listen()
    with (
        listening.reserve(settings.host, settings.port, stop) as reserved,
        _observing(settings) as worker_ended,
        _database(settings, stop) as start,
    ):
        # Here, because the database starts meanwhile.
        from openprofiles.cli import supervising

        listening.warn_of_clear_text(settings)
        preload(settings)
        listening.allow_files(supervising.CONNECTIONS)
        database = start.wait()
        check_secrets(settings)
        port = reserved.getsockname()[1]
        parent = os.getpid()
        if settings.auth == "sigv4":
            # In a process of its own, since this one has a single thread.
            supervising.run_aside(partial(introduce, settings, parent), stop, failure=NO_KEY)
        if aside is not None:
            supervising.run_aside(
                partial(_do_aside, settings, parent, aside.work), stop, failure=aside.failure
            )
        if stop.is_asked:
            return stop.exit_code
        jobs = supervising.JobProcess(partial(work_jobs, settings, parent))
        supervising.WebServer(
            host=settings.host,
            port=port,
            workers=settings.workers,
            threads=settings.threads + settings.waiting_requests + supervising.SPARE_THREADS,
            certificate=certificate,
            stop=stop,
            jobs=jobs,
            tend_database=database.tend if database else lambda: None,
            announce=partial(
                announce,
                settings.host,
                port,
                is_secure=certificate is not None,
                then=aside.then if aside else _say_nothing,
            ),
            worker_ended=worker_ended,
        ).run(partial(load_web, settings, parent))
    return 1 if jobs.is_misconfigured else 0


def _do_aside(settings: Settings, parent: int, work: Callable[[], int]) -> None:
    _begin(settings, parent)
    sys.exit(work())


def check_settings(settings: Settings) -> None:
    """CannotStart when the settings do not make sense together."""
    listening.check_auth(settings)
    check_sources(settings)
    check_console(settings)
    if settings.log_level not in LOG_LEVELS:
        raise CannotStart(f"log_level is one of {', '.join(LOG_LEVELS)}")
    if settings.workers < 1 or settings.threads < 1:
        raise CannotStart("There must be at least one worker with one thread")
    if settings.waiting_requests < 0:
        raise CannotStart("waiting_requests is 0 or more")
    connections = 2 * settings.workers * settings.threads
    if settings.database_url is None and connections > EMBEDDED_CONNECTIONS:
        raise CannotStart(
            f"{settings.workers} workers of {settings.threads} threads need {connections} "
            "connections, "
            f"the embedded database has {EMBEDDED_CONNECTIONS}: lower one of them, or give "
            "database_url"
        )


def check_secrets(settings: Settings) -> None:
    """CannotStart, said once, when no web worker could start for want of the keys of secrets."""
    # Here, because cryptography takes a moment to load.
    from openprofiles.storage.sealing import open_seal

    open_seal(settings)


def check_console(settings: Settings) -> None:
    """CannotStart when people could not sign in to the console as settings say."""
    if settings.oidc_issuer is None:
        return
    # Here, because pages take a moment to load.
    from openprofiles.console.identity import require_sound

    try:
        require_sound(settings)
    except ValueError as error:
        raise CannotStart(str(error)) from error


def check_sources(settings: Settings) -> None:
    """CannotStart when a setting that lists addresses does not."""
    try:
        for name in ("trusted_proxies", "metrics_from"):
            networks_of(settings, name)
    except ValueError as error:
        raise CannotStart(str(error)) from error


def preload(settings: Settings) -> None:
    """Load what all processes need once, before they are made from this one."""
    from openprofiles.app import preload as load_all

    load_all(settings)
    # What the collector never touches again stays shared between the processes.
    set_apart()


def load_web(settings: Settings, parent: int) -> WSGIApplication:
    """What a web worker serves; called in its process."""
    _begin(settings, parent)
    # A request leaves hardly a cycle behind, and a batch of them makes thousands of objects.
    gc.set_threshold(20_000, 20, 50)
    from openprofiles.app import open_application, watched

    try:
        return watched(open_application(settings, process="web"))
    except CannotStart as error:
        logger.error("This web worker cannot start: %s", error)
        sys.exit(1)


def introduce(settings: Settings, parent: int) -> None:
    """See to it that somebody can call a service that asks for signatures; called in a process."""
    _begin(settings, parent)
    from openprofiles.cli.first_key import make_first_key

    make_first_key(settings)


def work_jobs(settings: Settings, parent: int) -> None:
    """What the job worker does, until SIGTERM; called in its process."""
    _begin(settings, parent)
    from openprofiles.app import run_jobs
    from openprofiles.cli.supervising import MISCONFIGURED
    from openprofiles.cli.writers import Writers
    from openprofiles.jobs import BadSchedule
    from openprofiles.observing import configure_logs

    try:
        run_jobs(
            settings, through=partial(Writers, begin=partial(configure_logs, settings.log_level))
        )
    except BadSchedule as error:
        logger.error("The service stops: %s", error)
        sys.exit(MISCONFIGURED)
    except (CannotStart, SessionLost) as error:
        logger.error("The job worker ends: %s", error)
        sys.exit(1)


def _begin(settings: Settings, parent: int) -> None:
    """What a process of ours does first."""
    from openprofiles.cli.supervising import let_signals_through
    from openprofiles.observing import configure_logs

    let_signals_through()
    # One that crashes outside of Python says where each thread was, which is code and no value.
    faulthandler.enable()
    # Ctrl-C in a terminal reaches the parent only, which stops us in its order.
    os.setpgid(0, 0)
    die_with_parent(parent)
    configure_logs(settings.log_level)


@contextmanager
def _observing(settings: Settings) -> Iterator[Callable[[int], None]]:
    """Logs, and the folder where processes keep their numbers; gives what forgets a dead one."""
    with numbers_folder() as folder:
        # Here, because it looks for the folder when it is loaded.
        from openprofiles.observing import configure_logs, forget_process

        configure_logs(settings.log_level)
        yield partial(forget_process, folder)


@contextmanager
def _database(settings: Settings, stop: Stop) -> Iterator[DatabaseStart]:
    start = DatabaseStart(settings, stop)
    start.begin()
    try:
        yield start
    finally:
        start.close()


def announce(
    host: str, port: int, *, is_secure: bool = False, then: Callable[[str], None] = _say_nothing
) -> bool:
    """Print the URL if the service answers there, and what is to be said `then`; whether it
    does.
    """
    if not _is_ready(host, port, is_secure=is_secure):
        return False
    url = listening.url_of(host, port, is_secure=is_secure)
    print(f"openprofiles answers at {url}", flush=True)  # noqa: T201
    then(url)
    return True


def _is_ready(host: str, port: int, *, is_secure: bool) -> bool:
    connection = _connection(host, port, is_secure=is_secure)
    try:
        connection.request("GET", "/_openprofiles/v1/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        # Nobody listens yet, or the worker that did has ended.
        return False
    finally:
        connection.close()


def _connection(host: str, port: int, *, is_secure: bool) -> http.client.HTTPConnection:
    if not is_secure:
        return http.client.HTTPConnection(host, port, timeout=5)
    # Whatever name the certificate has, the port is ours, and nothing secret is sent to it.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=5, context=context)

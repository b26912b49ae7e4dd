"""Where a service runs while it is hurt, and what can be done to it there."""

import random
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg.conninfo import make_conninfo

from openprofiles.storage.encryption import named_keys
from tests.acceptance.external import ExternalServer, wheel
from tests.acceptance.service import Service
from tests.faults import injuring
from tests.faults.changing_keys import Turning
from tests.faults.injuring import Fault
from tests.faults.proxy import proxied

DISK_MEGABYTES = 1200


@dataclass(frozen=True, slots=True)
class Stage:
    """A service, not started; its faults; how its database is reached past all of them."""

    service: Service
    faults: Mapping[str, Fault]
    conninfo: Callable[[], str]
    import_options: tuple[str, ...]
    problems: Callable[[], list[str]] = list
    """What faults themselves found wrong since they were last asked."""

    @property
    def keys(self) -> Path:
        """The folder with the keys of encrypted domains."""
        return self.service.data_dir / named_keys.FOLDER


def _embedded(service: Service, faults: Mapping[str, Fault]) -> Stage:
    return Stage(service, faults, service.conninfo, ("--data-dir", str(service.data_dir)))


@contextmanager
def processes(folder: Path, options: tuple[str, ...]) -> Iterator[Stage]:
    """On its embedded database, whose processes and our own are killed and stopped."""
    yield _embedded(Service(folder / "data", *options), injuring.FAULTS)


@contextmanager
def network(folder: Path, options: tuple[str, ...]) -> Iterator[Stage]:
    """On a server, over a network that fails; the server fails, too."""
    server = ExternalServer(wheel(), folder)
    server.start()
    direct = make_conninfo(host=str(server.folder), user="owner", dbname="postgres")
    try:
        with proxied(server.folder / ".s.PGSQL.5432") as proxy:
            url = f"postgresql://owner@127.0.0.1:{proxy.port}/postgres?sslmode=disable"

            def stop_server(_: Service, lot: random.Random) -> int:
                server.stop()
                time.sleep(lot.uniform(0.1, 1.0))
                server.start()
                return 1

            faults: dict[str, Fault] = {
                "drop_connections": lambda _, __: proxy.drop(),
                "reset_connections": lambda _, __: proxy.reset(),
                "stall_connections": lambda _, lot: proxy.stall(lot.uniform(0.2, 3.0)),
                "stop_server": stop_server,
            }
            service = Service(folder / "data", *options, "--database-url", url)
            # Where the keys of the domains are.
            place = ("--database-url", direct, "--data-dir", str(service.data_dir))
            yield Stage(service, faults, lambda: direct, place)
    finally:
        server.stop()


@contextmanager
def disk(folder: Path, options: tuple[str, ...]) -> Iterator[Stage]:
    """On a small disk that others fill; needs the right to mount one."""
    place = folder / "disk"
    place.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "openprofiles", str(place)], check=True)

    def fill_disk(_: Service, lot: random.Random) -> int:
        ballast = place / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                # Down to the last byte.
                pass
        time.sleep(lot.uniform(0.5, 3.0))
        ballast.unlink()
        return 1

    try:
        yield _embedded(Service(place / "data", *options), {"fill_disk": fill_disk})
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def keys(folder: Path, options: tuple[str, ...]) -> Iterator[Stage]:
    """On its embedded database; the keys of the domains change, and who changes them is killed."""
    service = Service(folder / "data", *options)
    turning = Turning(service.conninfo, service.data_dir / named_keys.FOLDER)
    yield replace(_embedded(service, turning.faults), problems=turning.problems)


STAGES = {stage.__name__: stage for stage in (processes, network, disk, keys)}

"""The database, opened in a thread while the rest of a service is loaded."""

import threading

from openprofiles.core.settings import Settings
from openprofiles.core.stopping import Stop
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.links import warn_when_exposed
from openprofiles.storage.migrating import migrate


class DatabaseStart:
    """Starts (if it is the embedded one) and migrates the database of `settings`, once.

    Told to stop, it does not begin to migrate.
    """

    def __init__(self, settings: Settings, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        self._server: EmbeddedServer | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._open, name="database start")

    def begin(self) -> None:
        """Begin, and return at once."""
        self._thread.start()

    def wait(self) -> EmbeddedServer | None:
        """The embedded server, if it is one, once it is ready; raises CannotStart."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._server

    def close(self) -> None:
        """End our use of the database, once what has begun is done."""
        self._thread.join()
        if self._server is not None:
            self._server.close()

    def _open(self) -> None:
        try:
            if self._settings.database_url is not None:
                migrate(self._settings.database_url)
                warn_when_exposed(self._settings.database_url)
                return
            self._server = EmbeddedServer(self._settings.data_dir)
            if not self._stop.is_asked:
                migrate(self._server.conninfo)
        # Whatever it is belongs to the thread that waits.
        except BaseException as error:  # noqa: BLE001
            self._error = error

"""Being told to stop, by SIGTERM or Ctrl-C, without missing it."""

import signal
import time
from types import FrameType

NUMBERS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.1


class Stop:
    """Whether a signal has told this process to stop; asked at moments that suit the process.

    Its handler only notes the signal. One that raises may happen to run in a destructor or a
    callback, where Python drops the exception and the signal with it; one that sets an Event may
    interrupt the very thread that holds the Event's lock, and wait for it for ever.
    """

    def __init__(self) -> None:
        self._number: int | None = None

    def listen(self) -> None:
        """From now on note the signals; in the main thread only."""
        for number in NUMBERS:
            signal.signal(number, self.note)

    def note(self, number: int, _frame: FrameType | None) -> None:
        """What a handler does."""
        if self._number is None:
            self._number = number

    @property
    def is_asked(self) -> bool:
        """Whether this process has been told to stop."""
        return self._number is not None

    @property
    def exit_code(self) -> int:
        """What shells call the end by that signal; 0 without one."""
        return 0 if self._number is None else 128 + self._number

    def wait(self, seconds: float) -> bool:
        """Whether it is told to stop within so many seconds."""
        deadline = time.monotonic() + seconds
        while not self.is_asked and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))
        return self.is_asked

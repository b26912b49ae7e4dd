"""Why a command ends before its work is done."""

from openprofiles.storage.database import DatabaseUnavailable


class Refused(Exception):
    """The command cannot do what it was asked for; the text is a sentence for a person."""


class WriterGone(DatabaseUnavailable):
    """A writer ended before its batch did: killed by somebody, or for want of memory."""

    def __init__(self) -> None:
        super().__init__(
            "A process of the import has ended, usually because memory ran out. What was done is "
            "kept: start the same command again to go on"
        )

"""What can keep the storage from starting, and from being backed up or restored."""


class CannotStart(Exception):
    """The storage cannot be used as it is; the text is a sentence that says what to do about it."""


class BackupFailed(Exception):
    """A backup cannot be made, read or restored; the text is a sentence that says why."""

"""What can keep the storage from starting."""


class CannotStart(Exception):
    """The storage cannot be used as it is; the text is a sentence that says what to do about it."""

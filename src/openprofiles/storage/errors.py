"""What can keep the storage from starting."""


class CannotStart(Exception):  # noqa: N818 (a state, named as one says it)
    """The storage cannot be used as it is; the text is a sentence that says what to do about it."""

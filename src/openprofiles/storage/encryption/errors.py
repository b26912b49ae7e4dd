"""What goes wrong with keys."""

from openprofiles.core.errors import AccessDenied


class KeyRefused(Exception):
    """A named key cannot be used; the text says why, and goes on after "cannot be used: "."""


class KeyUnavailable(AccessDenied):
    """Values of a domain cannot be read or written, as its key cannot be used: nothing is lost, and
    all is there once it can. Like AWS, which answers so when it may not use a KMS key.
    """

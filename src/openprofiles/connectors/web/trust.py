"""Whose certificates are believed."""

import ssl
from functools import lru_cache
from pathlib import Path


def trust() -> ssl.SSLContext:
    """Those that the machine believes, or that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.

    All connections share it, as reading some hundred certificates takes 35 ms; a file that changed
    is read anew.
    """
    paths = ssl.get_default_verify_paths()
    return _read(paths.cafile, paths.capath, _state(paths.cafile))


def _state(file: str | None) -> tuple[int, int] | None:
    if file is None:
        return None
    found = Path(file).stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1)
def _read(*_read_from: object) -> ssl.SSLContext:
    return ssl.create_default_context()

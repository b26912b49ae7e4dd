"""Files that hold keys: made whole or not at all, for their owner only."""

import os
import secrets
from pathlib import Path


def make_key_file(path: Path, key: bytes) -> None:
    """Write `key`, which is text, to a new file that only we can read; when another process was
    quicker, its file stays. Raises OSError.
    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    except FileExistsError:
        return
    finally:
        partial.unlink()

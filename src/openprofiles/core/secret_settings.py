"""Where settings that are secret come from: a variable, a file, or a keyring; never an argument."""

from collections.abc import Mapping
from pathlib import Path


def read_secret(variable: str, environment: Mapping[str, str]) -> str | None:
    """The value of `variable`, of the file that `…_FILE` names, or of the entry `service/name` of
    the system's keyring that `…_KEYRING` names; None when there is none of these.

    Raises ValueError with a sentence that has no value in it.
    """
    name = source_of_secret(variable, environment)
    if name is None:
        return None
    if name.endswith("_FILE"):
        return _read_file(name, Path(environment[name]))
    if name.endswith("_KEYRING"):
        return _read_keyring(name, environment[name])
    return environment[name]


def source_of_secret(variable: str, environment: Mapping[str, str]) -> str | None:
    """Which variable says what `variable` is: itself, or one that names a file or an entry of the
    keyring; None when there is none of these. Raises ValueError when there are two.
    """
    sources = (variable, f"{variable}_FILE", f"{variable}_KEYRING")
    given = [name for name in sources if name in environment]
    if len(given) > 1:
        raise ValueError(f"{given[0]} and {given[1]} are both given: give one of them")
    return given[0] if given else None


def _read_file(variable: str, path: Path) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except OSError as error:
        raise ValueError(f"The file of {variable} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        # Not its cause: it quotes the content.
        raise ValueError(f"The file of {variable} is not text") from None
    if not text:
        raise ValueError(f"The file of {variable} is empty")
    return text


def _read_keyring(variable: str, entry: str) -> str:
    try:
        import keyring
    except ImportError as error:
        raise ValueError(f"{variable} needs `pip install openprofiles[keyring]`") from error
    service, _, name = entry.rpartition("/")
    try:
        text = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        raise ValueError(f"The keyring of {variable} cannot be read: it may be locked") from error
    if not text:
        raise ValueError(f"The keyring has no entry as {variable} names it (`service/name`)")
    return text

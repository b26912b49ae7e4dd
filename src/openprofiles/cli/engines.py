"""Whether the engine that settings name can be had, said before anything starts."""

from openprofiles.core.settings import Settings
from openprofiles.storage.errors import CannotStart


def require_engine(settings: Settings) -> None:
    """CannotStart when identity resolution is to run on what is not installed."""
    if settings.resolution_engine == "duckdb":
        return
    # Imported here: the engine takes half a second, which a start with the usual one saves.
    from openprofiles import resolution

    try:
        resolution.require_engine(settings.resolution_engine)
    except resolution.EngineUnavailable as error:
        raise CannotStart(str(error)) from error

"""Settings as they may be shown: what is secret is not, wherever it stands."""

from collections.abc import Mapping
from dataclasses import Field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from openprofiles.core.settings import Origin, Settings, all_settings, is_secret, variable_of

NOT_SHOWN = "…"
"""What stands in an address for the name and password in it."""

_SUFFIXES = {Origin.FILE: "_FILE", Origin.KEYRING: "_KEYRING"}


def shown_settings(settings: Settings) -> list[Mapping[str, Any]]:
    """Each setting: what it is, its value (None when it has none, or is secret), its default, and
    where the value comes from.
    """
    return [_shown(setting, settings) for setting in all_settings()]


def without_secrets(text: str) -> str:
    """A value without the name and the password that stand in an address."""
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        # No address, whatever it looks like.
        return text
    if "@" not in parts.netloc:
        return text
    return urlunsplit(parts._replace(netloc=f"{NOT_SHOWN}@{host}"))


def _shown(setting: Field[Any], settings: Settings) -> Mapping[str, Any]:
    value = getattr(settings, setting.name)
    origin = settings.origins.get(setting.name, Origin.DEFAULT)
    hides = is_secret(setting)
    return {
        "Name": setting.name,
        "Text": setting.metadata["text"],
        "Value": None if hides else _text(value),
        "Default": _text(setting.default),
        "IsSecret": hides,
        "IsSet": value is not None and value != "",
        "Origin": origin.value,
        "Variable": variable_of(setting.name) + _SUFFIXES.get(origin, ""),
    }


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return without_secrets(str(value))

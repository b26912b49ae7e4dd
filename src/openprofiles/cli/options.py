"""Settings as options of a command: name, type, default and sentence come from `Settings`."""

import inspect
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import Field
from functools import partial
from typing import Annotated, Any, get_type_hints

from cyclopts import Parameter

from openprofiles.core.settings import (
    Settings,
    all_settings,
    from_environment,
    is_secret,
    variable_of,
    with_defaults_of_command,
)
from openprofiles.storage.errors import CannotStart
from openprofiles.storage.links import has_password

logger = logging.getLogger(__name__)

URL = "database_url"
CONNECTION = ("data_dir", URL, "region", "account_id")


def with_settings(command: Callable[..., int]) -> Callable[..., int]:
    """`command(settings, …)` with its own parameters, and an option (and an environment variable)
    for each setting that may be seen in the list of processes.
    """
    return with_settings_of()(command)


def with_settings_of(**defaults: Any) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The same, with other defaults of some settings."""
    return partial(_with_options, [field for field in all_settings() if _is_shown(field)], defaults)


def with_connection(command: Callable[..., int]) -> Callable[..., int]:
    """`command(settings, …)` with its own parameters, and options for the settings that say which
    database and account it works on.
    """
    return _with_options(
        [field for field in all_settings() if field.name in CONNECTION], {}, command
    )


def _with_options(
    options: Sequence[Field[Any]], defaults: dict[str, Any], command: Callable[..., int]
) -> Callable[..., int]:
    names = {field.name for field in options}

    def call(*values: Any, **named: Any) -> int:
        given = {name: named.pop(name) for name in names & named.keys()}
        untouched = defaults.keys() - given.keys()
        settings = with_defaults_of_command(_settings({**defaults, **given}), untouched)
        return command(settings, *values, **named)

    hints = get_type_hints(Settings)
    _, *own = inspect.signature(command, eval_str=True).parameters.values()
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect looks for
        [
            *own,
            *(
                _option(field, hints[field.name], defaults.get(field.name, field.default))
                for field in options
            ),
        ],
        return_annotation=int,
    )
    call.__doc__ = command.__doc__
    call.__name__ = command.__name__
    return call


def _is_shown(field: Field[Any]) -> bool:
    """Whether a setting is an option. A URL without a password is no secret."""
    return not is_secret(field) or field.name in CONNECTION


def _settings(given: dict[str, Any]) -> Settings:
    url = given.get(URL)
    if url is not None and url != os.environ.get(variable_of(URL)) and has_password(url):
        logger.warning(
            "The password in --database-url shows in the list of processes: give %s, or %s_FILE",
            variable_of(URL),
            variable_of(URL),
        )
    try:
        return from_environment(**given)
    except ValueError as error:
        raise CannotStart(str(error)) from error


def _option(field: Field[Any], kind: Any, default: Any) -> inspect.Parameter:
    described = Parameter(help=field.metadata["text"], env_var=variable_of(field.name))
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, described],
    )

"""Settings as options of a command: name, type, default and sentence come from `Settings`."""

import inspect
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Annotated, Any, get_type_hints

from cyclopts import Parameter

from openprofiles.core.settings import Settings, from_environment, variable_of
from openprofiles.storage.errors import CannotStart

CONNECTION = ("data_dir", "database_url", "region", "account_id")


def with_settings(command: Callable[[Settings], int]) -> Callable[..., int]:
    """`command`, with an option (and an environment variable) for each setting."""

    def call(**values: Any) -> int:
        return command(Settings(**values))

    hints = get_type_hints(Settings)
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect looks for
        [_option(field, hints[field.name]) for field in fields(Settings)], return_annotation=int
    )
    call.__doc__ = command.__doc__
    call.__name__ = command.__name__
    return call


def with_connection(command: Callable[..., int]) -> Callable[..., int]:
    """`command(settings, …)` with its own parameters, and options for the settings that say which
    database and account it works on.
    """

    def call(*values: Any, **named: Any) -> int:
        given = {name: named.pop(name) for name in CONNECTION if name in named}
        try:
            settings = from_environment(**given)
        except ValueError as error:
            raise CannotStart(str(error)) from error
        return command(settings, *values, **named)

    hints = get_type_hints(Settings)
    _, *own = inspect.signature(command, eval_str=True).parameters.values()
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect looks for
        [
            *own,
            *(
                _option(field, hints[field.name])
                for field in fields(Settings)
                if field.name in CONNECTION
            ),
        ],
        return_annotation=int,
    )
    call.__doc__ = command.__doc__
    call.__name__ = command.__name__
    return call


def _option(field: Field[Any], kind: Any) -> inspect.Parameter:
    described = Parameter(help=field.metadata["text"], env_var=variable_of(field.name))
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=field.default,
        annotation=Annotated[kind, described],
    )

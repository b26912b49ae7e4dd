"""Parameters of callers in this process, checked as those of requests are."""

from collections.abc import Mapping
from functools import cache
from typing import get_type_hints

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Caller, Invoke, Parameters, Route
from openprofiles.core.text import require_storable
from openprofiles.wire.model import operation_models, service_model
from openprofiles.wire.own_routes import convert
from openprofiles.wire.validating import Validate, validator_of


def checked(invoke: Invoke, own: Mapping[str, Route]) -> Invoke:
    """`invoke` for whoever fills in parameters by hand, as the console does for people.

    Those of operations of the service model are held to the model, those of `own` to the shapes of
    their routes; others are for callers that know what they do. Raises BadRequest as requests do.
    """
    modelled = {operation.name for operation in operation_models()}

    def invoke_checked(name: str, parameters: Parameters, caller: Caller) -> Answer:
        given = dict(parameters)
        if name in modelled:
            given = _validator_of(name)(given, thorough=True)
        elif name in own and own[name].headers is None:
            given = _check(given, own[name])
        return invoke(name, given, caller)

    return invoke_checked


@cache
def _validator_of(name: str) -> Validate:
    return validator_of(service_model().operation_model(name))


def _check(given: dict[str, object], route: Route) -> dict[str, object]:
    unknown = given.keys() - get_type_hints(route.shape).keys()
    if unknown:
        raise BadRequest("The request has a member that this operation does not know")
    require_storable("The request", given)
    return convert(given, route.shape, strict=True)

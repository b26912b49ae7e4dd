"""The service model of Customer Profiles as botocore ships it, loaded once."""

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

SERVICE = "customer-profiles"


@cache
def service_model() -> ServiceModel:
    """The model of API version 2020-08-15; botocore builds its shapes when they are asked for."""
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


@cache
def operation_models() -> tuple[OperationModel, ...]:
    """All operations of the model, by name."""
    model = service_model()
    return tuple(model.operation_model(name) for name in sorted(model.operation_names))

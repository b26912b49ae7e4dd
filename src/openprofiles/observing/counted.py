"""How many profile objects calls bring, counted around `invoke`, where the answer tells what became
of each.
"""

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Caller, Invoke, Parameters
from openprofiles.observing.metrics import Metrics

ONE, MANY = "PutProfileObject", "BatchPutProfileObject"


def counted(invoke: Invoke, metrics: Metrics) -> Invoke:
    """`invoke`, which also counts accepted and rejected objects."""

    def count(name: str, parameters: Parameters, caller: Caller) -> Answer:
        try:
            answer = invoke(name, parameters, caller)
        except BadRequest:
            if name == ONE:
                metrics.count_objects(accepted=0, rejected=1)
            raise
        if name == ONE:
            metrics.count_objects(accepted=1, rejected=0)
        elif name == MANY:
            accepted, rejected = len(answer["Successful"]), len(answer["Failed"])
            metrics.count_objects(accepted=accepted, rejected=rejected)
        return answer

    return count

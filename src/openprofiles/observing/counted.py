"""How many profile objects calls bring, counted around `invoke`, where the answer tells what became
of each.
"""

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Caller, Invoke, Parameters
from openprofiles.observing.metrics import Metrics

TAKEN = "TakeIntegrationRecords"
STOPPED = frozenset({"EndIntegrationRun", "PostponeIntegrationRun"})
ONE, MANY = "PutProfileObject", "BatchPutProfileObject"
EVENT, DUPLICATE, REJECTED = "ReceiveEvent", "duplicate", "rejected"


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
        elif name == EVENT and answer["Result"] != DUPLICATE:
            is_rejected = answer["Result"] == REJECTED
            metrics.count_objects(accepted=not is_rejected, rejected=is_rejected)
        return answer

    return count


def counted_runs(invoke: Invoke, metrics: Metrics) -> Invoke:
    """`invoke` of a job worker, which also counts what integrations pull and how runs end."""

    def count(name: str, parameters: Parameters, caller: Caller) -> Answer:
        answer = invoke(name, parameters, caller)
        if name == TAKEN:
            ingested, rejected = answer["Ingested"], answer["Rejected"]
            left_out = parameters["Read"] - ingested - rejected
            metrics.count_pulled(ingested=ingested, rejected=rejected, left_out=left_out)
        elif name in STOPPED:
            metrics.count_run(answer["Run"].status)
        return answer

    return count

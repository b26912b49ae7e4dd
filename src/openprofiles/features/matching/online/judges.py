"""The models of the last runs, made ready to judge single pairs; a few are kept in memory."""

from collections import OrderedDict
from threading import Lock

from openprofiles import resolution
from openprofiles.core.ids import Id
from openprofiles.features.matching import explaining
from openprofiles.features.matching.store import matches
from openprofiles.storage.database import Transaction

MOST_KEPT = 32

_kept: OrderedDict[tuple[int, Id], resolution.Judge] = OrderedDict()
_lock = Lock()


def judge_of(
    transaction: Transaction, domain_id: int, result: matches.Result
) -> resolution.Judge | None:
    """The judge that a run's model makes; None when it has learned none.

    A run's model never changes, so one that is kept is always right.
    """
    name = (domain_id, result.job_id)
    with _lock:
        judge = _kept.get(name)
        if judge is not None:
            _kept.move_to_end(name)
            return judge
    model = explaining.find_model(transaction, domain_id, result)
    if model is None:
        return None
    judge = resolution.Judge(model)
    with _lock:
        _kept[name] = judge
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return judge

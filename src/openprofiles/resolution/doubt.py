"""When a pair may not be called certain, however much agrees: nothing seen tells one person from
two who are close.

Parent and child of one name share phone and home; a couple or a family shares a mailbox; branches
of a company share its name and its `info@`. Frequencies cannot rule them out where they are rare,
so a pair without anything that is one person's own keeps a rest of doubt.
"""

from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openprofiles.resolution.attributes import ATTRIBUTES, BITS, PLACES

DOUBT = 0.015
"""The least probability that a doubtful pair is two who are close."""
LEAST_ODDS = log(DOUBT / (1 - DOUBT))


def _levels(attribute: str, *names: str) -> NDArray[np.bool_]:
    chosen = np.zeros(1 << BITS, dtype=bool)
    chosen[[ATTRIBUTES[PLACES[attribute]].code(name) for name in names]] = True
    return chosen


_SAME_NUMBER = _levels("identifier", "same")
_DATE_AGREES = _levels("birth_date", "same", "swapped")
_DATE_CONFLICTS = _levels("birth_date", "near", "year", "different")
_OTHER_FAMILY = _levels("last_name", "similar", "different")
_OWN_MAIL = _levels("email", "personal", "derived")
_ROLE_MAIL = _levels("email", "role")
_PHONE = _levels("phone", "personal", "household", "office", "crowd")
_HOME = _levels("address", "same", "similar")
_PLACE = _levels("place", "same_code")
_COMPANY = _levels("business", "company_same", "company_similar", "company_different")


def doubtful(levels: Sequence[Any] | NDArray[np.int64]) -> Any:
    """Whether a pair, or each of many, is such; `levels` has a level, or a column of them, for each
    of ATTRIBUTES.
    """

    def seen(attribute: str, chosen: NDArray[np.bool_]) -> Any:
        return chosen[levels[PLACES[attribute]]]

    agrees = seen("birth_date", _DATE_AGREES)
    undated = np.equal(levels[PLACES["birth_date"]], 0)
    nameless = np.equal(levels[PLACES["first_name"]], 0)
    company = seen("business", _COMPANY)
    home = seen("address", _HOME)
    placed = home | seen("place", _PLACE) | seen("phone", _PHONE)
    close = (
        seen("birth_date", _DATE_CONFLICTS)
        | (seen("last_name", _OTHER_FAMILY) & ~agrees)
        | (nameless & ~agrees & ~company)
        | (home & undated & ~seen("email", _OWN_MAIL) & ~company)
        | (company & seen("email", _ROLE_MAIL) & ~placed)
    )
    return close & ~seen("identifier", _SAME_NUMBER)

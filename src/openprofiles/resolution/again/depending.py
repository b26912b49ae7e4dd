"""Which patterns depend on what is known of values: how rare a name is, whose a phone or an address
is. A pair compares as before when only what its pattern does not depend on has changed.
"""

import numpy as np
from numpy.typing import NDArray

from openprofiles.resolution.attributes import ATTRIBUTES, BITS, PLACES

PHONES, EMAILS, NAMES = 1, 2, 4
_LEVELS = (
    (PHONES, "phone", ("personal", "household", "office", "crowd")),
    (EMAILS, "email", ("personal", "derived", "shared", "role")),
    (NAMES, "first_name", ("full_unique", "full_rare", "full_known", "full_common")),
    (NAMES, "last_name", ("rare", "known", "common")),
    (NAMES, "place", ("rare_city", "same_city")),
)


def depends(patterns: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Of each pattern, as bits, what it depends on."""
    bits = np.zeros(len(patterns), dtype=np.uint8)
    for bit, name, levels in _LEVELS:
        place = PLACES[name]
        codes = [ATTRIBUTES[place].code(level) for level in levels]
        bits[np.isin((patterns >> (BITS * place)) & 15, codes)] |= bit
    return bits

"""The attributes a pair is compared on, their levels of agreement, and what the schema lets us
expect of each.

A pattern packs the levels of a pair into one integer, four bits an attribute; level 0 says that a
value is missing. Each level has, for each relation two records may stand in, its expected share
among the pairs of this relation whose values are both known. Expectations are where EM starts and
what holds it when data are few; `None` says that the relation tells nothing of the attribute, which
then agrees as often as by chance.
"""

from dataclasses import dataclass
from enum import IntEnum

BITS = 4


class Relation(IntEnum):
    """How two records may be related; only the first is a match."""

    SAME = 0
    UNRELATED = 1
    HOUSEHOLD = 2
    NAMESAKE = 3
    COLLEAGUE = 4
    RELATIVE = 5
    """One household and one name: parent and child."""


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which two values agree or not. `most` caps its share among same-person pairs."""

    name: str
    text: str
    same: float
    household: float | None
    namesake: float | None
    colleague: float | None
    relative: float | None
    most: float = 1.0

    def expected(self, relation: Relation) -> float | None:
        """The expected share under a relation; None when it is that of chance."""
        shares = (self.same, None, self.household, self.namesake, self.colleague, self.relative)
        return shares[relation]


@dataclass(frozen=True, slots=True)
class Attribute:
    """What is compared, and its levels; level n of a pattern is `levels[n - 1]`.

    `chance` is how often each is seen between two people of a large population, roughly.

    `learns` are the relations whose shares EM may move from the expected ones.
    """

    name: str
    text: str
    chance: tuple[float, ...]
    levels: tuple[Level, ...]
    learns: frozenset[Relation] = frozenset({Relation.SAME})

    @property
    def is_personal(self) -> bool:
        """Whether its values are made to be one person's or one home's."""
        return self.name in _PERSONAL

    def code(self, level: str) -> int:
        """The number of a level in patterns."""
        return 1 + next(place for place, known in enumerate(self.levels) if known.name == level)


_PERSONAL = frozenset({"birth_date", "phone", "email", "address", "identifier"})
_S, _H, _N, _C, _R = (
    Relation.SAME,
    Relation.HOUSEHOLD,
    Relation.NAMESAKE,
    Relation.COLLEAGUE,
    Relation.RELATIVE,
)

ATTRIBUTES = (
    Attribute(
        "first_name",
        "first name (with the last, when both are equal)",
        (1e-7, 1e-6, 5e-6, 2e-5, 4e-3, 1e-6, 3e-3, 4e-3, 2e-3, 1e-4, 0.03, 0.957),
        (
            Level(
                "full_unique",
                "same whole name, which hardly two people bear",
                0.22,
                0.002,
                0.25,
                None,
                0.25,
            ),
            Level("full_rare", "same whole name, a rare one", 0.20, 0.003, 0.25, None, 0.25),
            Level("full_known", "same whole name, borne by a few", 0.12, 0.003, 0.25, None, 0.25),
            Level("full_common", "same whole name, a common one", 0.08, 0.003, 0.25, None, 0.25),
            Level("same", "same first name only", 0.08, 0.004, 1e-6, None, 1e-3),
            Level("swapped", "first and last name swapped", 0.02, 0.001, 1e-6, None, 1e-4),
            Level("nickname", "nickname of the other", 0.06, 0.003, 1e-6, None, 1e-3),
            Level("initial", "initial of the other", 0.05, 0.03, 1e-6, None, 1e-3),
            Level("typo", "a slip or two apart", 0.06, 0.012, 1e-6, None, 1e-3),
            Level("part", "part of the other", 0.02, 0.002, 1e-6, None, 1e-3),
            Level("similar", "similar", 0.02, 0.07, 1e-6, None, 1e-4, 0.03),
            Level("different", "different", 0.02, 0.87, 1e-6, None, 1e-4, 0.03),
        ),
    ),
    Attribute(
        "last_name",
        "last name",
        (1e-4, 5e-4, 1e-3, 1e-3, 1e-5, 0.01, 0.9874),
        (
            Level("rare", "same, a rare one", 0.28, 0.22, 1 / 3, None, 1 / 3),
            Level("known", "same, a known one", 0.20, 0.26, 1 / 3, None, 1 / 3),
            Level("common", "same, a common one", 0.16, 0.30, 1 / 3, None, 1 / 3),
            Level("typo", "one slip apart", 0.16, 0.02, 1e-6, None, 1e-3),
            Level("part", "part of the other", 0.04, 0.01, 1e-6, None, 1e-3),
            Level("similar", "similar", 0.04, 0.02, 1e-6, None, 1e-3, 0.05),
            Level("different", "different", 0.10, 0.17, 1e-6, None, 1e-3, 0.10),
        ),
        frozenset({_S, _H}),
    ),
    Attribute(
        "middle_name",
        "middle name",
        (0.01, 0.04, 0.95),
        (
            Level("same", "same", 0.55, 0.05, 0.10, None, 0.10),
            Level("initial", "initial of the other", 0.40, 0.06, 0.08, None, 0.08),
            Level("different", "different", 0.05, 0.89, 0.82, None, 0.82, 0.08),
        ),
    ),
    Attribute(
        "generation",
        "suffix",
        (0.4, 0.6),
        (
            Level("same", "same", 0.97, 0.1, 0.3, None, 0.05),
            Level("different", "different", 0.03, 0.9, 0.7, None, 0.95, 0.03),
        ),
        frozenset(),
    ),
    Attribute(
        "birth_date",
        "birth date",
        (4e-5, 1e-5, 2e-4, 4e-5, 1e-3, 3e-3, 3e-3, 0.012, 0.9807),
        (
            Level("same", "same", 0.82, 0.04, None, None, 0.004),
            Level("placeholder", "same year and first of January", 0.02, 0.002, None, None, 0.001),
            Level("year_only", "same year, the day unknown in one", 0.03, 0.002, None, None, 0.002),
            Level("swapped", "day and month swapped", 0.03, 0.001, None, None, 0.001),
            Level("one_digit", "one digit apart", 0.05, 0.005, None, None, 0.005),
            Level("two_parts", "two of day, month and year agree", 0.02, 0.012, None, None, 0.012),
            Level("near", "near", 0.01, 0.01, None, None, 0.01),
            Level("year", "same year", 0.005, 0.03, None, None, 0.005, 0.01),
            Level("different", "different", 0.005, 0.92, None, None, 0.96, 0.01),
        ),
    ),
    Attribute(
        "phone",
        "phone",
        (1e-7, 2e-7, 1e-6, 1e-6, 1e-6, 5e-3, 0.995),
        (
            Level("personal", "same, held by one person", 0.50, 0.005, None, 0.002, 0.12),
            Level("household", "same, held by a household", 0.10, 0.40, None, 0.02, 0.12),
            Level("office", "same, held by a company", 0.03, 0.05, None, 0.40, 0.02),
            Level("crowd", "same, held by many", 0.005, 0.005, None, 0.10, 0.005),
            Level("typo", "one digit apart", 0.04, 0.005, None, 0.01, 0.005),
            Level("area", "different, of one area", 0.20, 0.38, None, 0.20, 0.60, 0.35),
            Level("different", "different", 0.13, 0.15, None, 0.26, 0.13, 0.25),
        ),
        frozenset({_S, _H, _C, _R}),
    ),
    Attribute(
        "email",
        "e-mail",
        (1e-7, 1e-7, 1e-7, 1e-6, 1e-6, 1e-6, 2e-3, 0.998),
        (
            Level("personal", "same, held by one person", 0.45, 0.004, 0.002, 0.001, 0.01),
            Level("derived", "same, spelt from the name", 0.14, 0.001, 0.06, 0.001, 0.03),
            Level("shared", "same, held by several people", 0.02, 0.10, 0.001, 0.02, 0.03),
            Level("role", "same, a role's or held by many", 0.005, 0.003, 0.001, 0.05, 0.003),
            Level("typo", "one slip apart", 0.07, 0.004, 0.02, 0.004, 0.02),
            Level("same_local", "same before the @", 0.05, 0.004, 0.10, 0.004, 0.06),
            Level("similar", "similar before the @", 0.06, 0.06, 0.30, 0.06, 0.25, 0.10),
            Level("different", "different", 0.20, 0.82, 0.52, 0.86, 0.53, 0.40),
        ),
        frozenset({_S, _H, _N, _R}),
    ),
    Attribute(
        "address",
        "address",
        (1e-6, 1e-5, 1e-4, 0.9999),
        (
            Level("same", "same", 0.50, 0.66, None, 0.20, 0.75),
            Level("similar", "same house, street similar", 0.16, 0.10, None, 0.03, 0.10),
            Level("street", "same street, another house", 0.04, 0.02, None, 0.02, 0.02),
            Level("different", "different", 0.30, 0.22, None, 0.75, 0.13, 0.40),
        ),
        frozenset({_S, _H, _C, _R}),
    ),
    Attribute(
        "place",
        "postal code, or else city",
        (5e-4, 2e-3, 5e-3, 0.9925, 1e-3, 0.03, 1e-3, 0.968),
        (
            Level("same_code", "same postal code", 0.60, 0.72, None, 0.28, 0.72),
            Level("code_typo", "postal code one slip apart", 0.05, 0.03, None, 0.04, 0.03),
            Level("area", "same area", 0.04, 0.03, None, 0.10, 0.03),
            Level("different_code", "different postal code", 0.16, 0.08, None, 0.35, 0.08, 0.30),
            Level("rare_city", "same city, a small one", 0.30, 0.40, None, 0.15, 0.40),
            Level("same_city", "same city", 0.40, 0.45, None, 0.20, 0.45),
            Level("similar_city", "city spelt alike", 0.15, 0.03, None, 0.03, 0.03),
            Level("different_city", "different city", 0.15, 0.12, None, 0.62, 0.12, 0.25),
        ),
        frozenset({_S, _H, _C, _R}),
    ),
    Attribute(
        "business",
        "company",
        (2e-3, 1e-3, 0.997, 1e-5, 1e-4, 0.9999, 0.02),
        (
            Level("same", "same employer", 0.62, 0.25, None, 0.70, 0.25),
            Level("similar", "employer spelt alike", 0.13, 0.03, None, 0.10, 0.03),
            Level("different", "another employer", 0.25, 0.72, None, 0.20, 0.72, 0.40),
            Level("company_same", "same company", 0.75, 0.02, None, 0.02, 0.02),
            Level("company_similar", "company spelt alike", 0.20, 0.03, None, 0.03, 0.03),
            Level("company_different", "another company", 0.05, 0.95, None, 0.95, 0.95, 0.06),
            Level("kind", "one is a person, one a company", 0.01, 0.50, None, 0.90, 0.50, 0.01),
        ),
        frozenset({_S, _C}),
    ),
    Attribute(
        "identifier",
        "identifier",
        (1e-8, 1e-6, 1.0),
        (
            Level("same", "same", 0.88, 0.002, None, None, 0.002),
            Level("typo", "one slip apart", 0.08, 0.003, None, None, 0.003),
            Level("different", "different", 0.04, 0.995, None, None, 0.995, 0.06),
        ),
    ),
)

PLACES = {attribute.name: place for place, attribute in enumerate(ATTRIBUTES)}


def unpack(pattern: int) -> tuple[int, ...]:
    """The levels of a pattern, in the order of ATTRIBUTES."""
    return tuple(pattern >> (BITS * place) & 15 for place in range(len(ATTRIBUTES)))


def pack(levels: tuple[int, ...]) -> int:
    """The pattern of levels in the order of ATTRIBUTES."""
    return sum(level << (BITS * place) for place, level in enumerate(levels))

"""What a source has of a customer: as staff, a form on the web or a pen at the till wrote it."""

import random
from dataclasses import dataclass

from openprofiles.demo.people import Address, Person
from openprofiles.demo.words import pick, slip

DIGITS = "0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often those who write into a source do what makes records of one person differ."""

    slips: float
    others: float
    """Nicknames, names without accents, names in Latin letters."""
    shouts: float
    """All in capitals, or none."""
    local: float
    """Numbers without the country's."""
    stale: float
    """A name or a place that is no longer true."""


CAREFUL = Habits(slips=0.02, others=0.14, shouts=0.0, local=0.1, stale=0.35)
TYPED = Habits(slips=0.05, others=0.22, shouts=0.10, local=0.15, stale=0.15)
BY_PEN = Habits(slips=0.09, others=0.30, shouts=0.04, local=0.2, stale=0.3)


class Pen:
    """Writes down one person, once; `ago` is how many days ago."""

    def __init__(
        self, random_: random.Random, person: Person, habits: Habits, *, ago: float
    ) -> None:
        self._random = random_
        self._person = person
        self._habits = habits
        is_former = ago > person.changed or random_.random() < habits.stale
        former = person.addresses[-1]
        self.address: Address = former if is_former else person.addresses[0]
        last = person.former_last if is_former and person.former_last else person.last
        # Who writes a first name in other letters writes the last name in them, too.
        is_other = random_.random() < habits.others
        first = pick(random_, person.first[1:] or person.first) if is_other else person.first[0]
        family = pick(random_, last[1:]) if is_other and len(last) > 1 else last[0]
        self.first, self.last = self._name(first), self._name(family)
        if random_.random() < habits.slips / 4:
            self.first, self.last = self.last, self.first

    def gives(self, chance: float) -> bool:
        """Whether something is given at all, which it is with a chance."""
        return self._random.random() < chance

    @property
    def birth(self) -> str:
        """The day of birth, now and then with day and month exchanged."""
        year, month, day = self._person.birth.split("-")
        if int(day) <= 12 and self._random.random() < self._habits.slips:
            month, day = day, month
        return f"{year}-{month}-{day}"

    @property
    def line(self) -> str:
        """The line of the street."""
        return slip(self._random, self.address.line, self._habits.slips)

    @property
    def postal(self) -> str:
        """The postal code."""
        return slip(self._random, self.address.postal, self._habits.slips / 2, DIGITS)

    def phone(self, *, prefers_landline: float = 0.0) -> str | None:
        """A number that the person is reached by: their own, or that of the household."""
        mobile, landline = self._person.mobile, self._person.landline
        number = landline if landline and self._random.random() < prefers_landline else mobile
        number = number or landline
        return self._dialled(number) if number else None

    def landline(self) -> str | None:
        """That of the household."""
        return self._dialled(self._person.landline) if self._person.landline else None

    def email(self, *, second: float = 0.0) -> str:
        """The address, or with the chance `second` another one of the person."""
        is_second = self._random.random() < second
        written = self._person.second_email if is_second else self._person.email
        local, _, host = written.partition("@")
        written = f"{slip(self._random, local, self._habits.slips / 2)}@{host}"
        return written.capitalize() if self._random.random() < self._habits.shouts else written

    def _name(self, name: str) -> str:
        written = slip(self._random, name, self._habits.slips)
        if self._random.random() < self._habits.shouts:
            return pick(self._random, (str.upper, str.lower))(written)
        return written

    def _dialled(self, number: str) -> str:
        country = self._person.country
        rest = number.removeprefix(country.prefix)
        if self._random.random() >= self._habits.local:
            return number if self._random.random() < 0.6 else f"{country.prefix} {_spaced(rest)}"
        if country.code == "US":
            return f"({rest[:3]}) {rest[3:6]}-{rest[6:]}"
        return f"{country.trunk}{_spaced(rest)}"


def _spaced(digits: str) -> str:
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"

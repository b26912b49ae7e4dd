"""The customers of the invented company: who they are, where they live, who lives with them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from openprofiles.demo.countries import (
    COUNTRIES,
    Country,
    Spellings,
    Town,
    dialled,
)
from openprofiles.demo.words import invented, pick

MAIL_HOSTS = ("example.com", "example.org", "example.net", "mail.example.com", "post.example.net")
DAYS = 365
"""How far the past goes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where somebody lives, or has lived."""

    line: str
    unit: str
    town: Town
    postal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer as they are; what sources know of them is drawn from it.

    `joined` is how many days ago they came. `former_last` is the name, `addresses[1]` the place
    that they had before `changed` days ago.
    """

    number: int
    country: Country
    first: Spellings
    middle: str
    last: Spellings
    former_last: Spellings | None
    birth: str
    mobile: str | None
    landline: str | None
    email: str
    second_email: str
    addresses: tuple[Address, ...]
    joined: int
    changed: int


class People:
    """Draws customers, household by household; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._taken: set[str] = set()
        self._number = 0

    def draw(self, count: int) -> Iterator[Person]:
        """So many customers; those of one household one after the other."""
        while self._number < count:
            for person in self._household():
                if self._number < count:
                    self._number += 1
                    yield replace(person, number=self._number)

    def _household(self) -> list[Person]:
        random_ = self._random
        [country] = random_.choices(COUNTRIES, [country.weight for country in COUNTRIES])
        town = pick(random_, country.towns)
        address = self._address(country, town)
        last = self._last(country)
        landline = None
        if town.dial and random_.random() < 0.45:
            landline = self._fresh(lambda: country.prefix + dialled(random_, town.dial))
        size = random_.choices((1, 2, 3, 4), (66, 20, 9, 5))[0]
        made = [self._person(country, last, address, landline) for _ in range(size)]
        if size > 1 and random_.random() < 0.15:
            # Parent and child of one name under one roof.
            first, child = made[0].first, made[-1]
            made[-1] = self._person(country, last, address, landline, first=first, child_of=child)
        return made

    def _person(
        self,
        country: Country,
        last: Spellings,
        address: Address,
        landline: str | None,
        *,
        first: Spellings | None = None,
        child_of: Person | None = None,
    ) -> Person:
        random_ = self._random
        first = first or pick(random_, country.firsts)
        if random_.random() < 0.08:
            last = self._last(country)
        born = random_.randrange(1996, 2007) if child_of else random_.randrange(1938, 1996)
        mobile = None
        if country.mobiles and random_.random() < 0.93:
            mobile = self._fresh(
                lambda: country.prefix + dialled(random_, pick(random_, country.mobiles))
            )
        moved = random_.random() < 0.1
        joined = DAYS if random_.random() < 0.4 else random_.randrange(2, DAYS)
        return Person(
            number=0,
            country=country,
            first=first,
            middle=pick(random_, "ABCDEFGHJKLMNPRST") if country.code in {"US", "GB"} else "",
            last=last,
            former_last=self._last(country) if random_.random() < 0.05 else None,
            birth=f"{born}-{random_.randrange(1, 13):02}-{random_.randrange(1, 29):02}",
            mobile=mobile,
            landline=landline,
            email=self._email(first, last, born),
            second_email=self._email(first, last, born),
            addresses=(address, self._address(country, pick(random_, country.towns)))
            if moved
            else (address,),
            joined=joined,
            changed=random_.randrange(1, joined + 1),
        )

    def _last(self, country: Country) -> Spellings:
        if country.code == "US" and self._random.random() < 0.4:
            return (invented(self._random),)
        return pick(self._random, country.lasts)

    def _address(self, country: Country, town: Town) -> Address:
        random_ = self._random
        line = country.street.format(
            house=random_.randrange(1, 240), street=pick(random_, country.streets)
        )
        unit = f"Apt {random_.randrange(1, 60)}" if random_.random() < 0.15 else ""
        return Address(line=line, unit=unit, town=town, postal=dialled(random_, town.postal))

    def _email(self, first: Spellings, last: Spellings, born: int) -> str:
        """An address that nobody else has."""
        random_ = self._random
        given, family = _letters(first), _letters(last)
        shapes = ("{0}.{1}", "{0}{1}", "{2}{1}", "{0}.{1}{3:02}", "{1}.{0}", "{0}{4}", "{2}{1}{4}")

        def draw() -> str:
            local = pick(random_, shapes).format(
                given, family, given[:1], born % 100, random_.randrange(10, 1000)
            )
            return f"{local}@{pick(random_, MAIL_HOSTS)}"

        found = self._fresh(draw)
        return found or f"{given}.{family}.{self._number}@{MAIL_HOSTS[0]}"

    def _fresh(self, draw: Callable[[], str]) -> str | None:
        """What is drawn, if within a few times it is something that nobody has yet."""
        for _ in range(8):
            drawn = draw()
            if drawn not in self._taken:
                self._taken.add(drawn)
                return drawn
        return None


def _letters(name: Spellings) -> str:
    """The name as it stands in an address: in its first Latin spelling."""
    latin = next((spelling for spelling in name if spelling.isascii()), name[0])
    return "".join(sign for sign in latin.lower() if sign.isascii() and sign.isalpha())

"""Who exists: towns, companies, households, and people who share names, phones and addresses
with one another.
"""

import random
from dataclasses import dataclass, field

from names import FOREIGN, MAIL_HOSTS, TRADES, Names

from openprofiles.demo.words import STREET_TYPES, STREETS, invented, pick


@dataclass(slots=True)
class Town:
    """A place with its area code and postal codes."""

    name: str
    state: str
    area: int
    postal: int


@dataclass(slots=True)
class Company:
    """An employer: one switchboard, one domain."""

    name: str
    phone: str
    domain: str


@dataclass(slots=True)
class Address:
    """Where a household lives."""

    house: int
    street: str
    kind: int
    unit: int | None
    town: Town
    postal: str


@dataclass(slots=True)
class Person:
    """One real person: what the records of this person are drawn from."""

    first: str
    middle: str | None
    last: str
    birth: tuple[int, int, int]
    mobiles: list[str]
    home: str | None
    emails: list[str]
    family_email: str | None
    addresses: list[Address]
    company: Company | None = None
    work_email: str | None = None
    maiden: str | None = None
    nicknames: list[str] = field(default_factory=list)


class World:
    """Makes households, town by town."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = Names(self.random)
        self._town = self._new_town()
        self._companies = self._new_companies()
        self._left = 300

    def household(self) -> list[Person]:
        """The people of one address."""
        self._left -= 1
        if self._left <= 0:
            self._town, self._companies, self._left = self._new_town(), self._new_companies(), 300
        random_ = self.random
        last = self.names.last(random_)
        address = self._address()
        home = self._phone() if random_.random() < 0.35 else None
        word = pick(random_, ("family", "home", "s"))
        family = f"{_ascii(last)}{word}{random_.randrange(1000)}@{pick(random_, MAIL_HOSTS)}"
        size = random_.choices((1, 2, 3, 4), (62, 20, 11, 7))[0]
        people = [
            self._person(last, address, home, family if size > 1 else None, 1935, 2000)
            for _ in range(size)
        ]
        if random_.random() < 0.10:
            # Parent and child of one name under one roof.
            child = self._person(last, address, home, family, 2001, 2008)
            child.first, child.nicknames = people[0].first, people[0].nicknames
            child.emails = [self._email(child) for _ in child.emails]
            people.append(child)
        return people

    def _person(
        self,
        last: str,
        address: Address,
        home: str | None,
        family: str | None,
        since: int,
        until: int,
    ) -> Person:
        random_ = self.random
        first = self.names.first(random_)
        if random_.random() < 0.02:
            first, last = pick(random_, FOREIGN)
        person = Person(
            first=first,
            middle=self.names.first(random_) if random_.random() < 0.5 else None,
            last=last if random_.random() < 0.9 else self.names.last(random_),
            birth=(
                random_.randrange(since, until),
                random_.randrange(1, 13),
                random_.randrange(1, 29),
            ),
            mobiles=[self._phone() for _ in range(1 + (random_.random() < 0.35))],
            home=home,
            emails=[],
            family_email=family,
            addresses=[address],
            nicknames=self.names.nicknames.get(first, []),
        )
        person.emails = [self._email(person) for _ in range(1 + (random_.random() < 0.3))]
        if random_.random() < 0.12:
            person.addresses.append(self._address())
        if random_.random() < 0.04:
            person.maiden = self.names.last(random_)
        if random_.random() < 0.35:
            person.company = pick(random_, self._companies)
            dot = pick(random_, ("{0}.{1}", "{2}{1}"))
            local = dot.format(_ascii(person.first), _ascii(person.last), _ascii(person.first)[:1])
            person.work_email = f"{local}@{person.company.domain}"
        return person

    def _email(self, person: Person) -> str:
        random_ = self.random
        first, last, year = _ascii(person.first), _ascii(person.last), person.birth[0] % 100
        shape = random_.choices(
            (
                "{f}.{l}",
                "{f}{l}",
                "{f}_{l}",
                "{l}.{f}",
                "{f}.{l}{y:02}",
                "{f}{l}{n}",
                "{i}{l}{n}",
                "{f}{y:02}",
                "{r}{n}",
            ),
            (14, 8, 5, 4, 14, 20, 14, 6, 15),
        )[0]
        noise = "".join(pick(random_, "abcdefghijklmnopqrstuvwxyz") for _ in range(6))
        local = shape.format(
            f=first, l=last, i=first[:1], y=year, n=random_.randrange(1000), r=noise
        )
        return f"{local}@{pick(random_, MAIL_HOSTS)}"

    def _phone(self) -> str:
        return f"+1{self._town.area}{self.random.randrange(2000000, 9999999)}"

    def _address(self) -> Address:
        random_ = self.random
        street = pick(random_, STREETS) if random_.random() < 0.2 else invented(random_)
        unit = random_.randrange(1, 60) if random_.random() < 0.2 else None
        kind = random_.randrange(len(STREET_TYPES))
        postal = f"{self._town.postal + random_.randrange(12):05}"
        return Address(random_.randrange(1, 9999), street, kind, unit, self._town, postal)

    def _new_town(self) -> Town:
        random_ = self.random
        name = invented(random_) + pick(random_, ("ville", "ton", "burg", "field", " City", "port"))
        return Town(
            name,
            pick(random_, ("CA", "NY", "TX", "OH", "ME", "ND")),
            random_.randrange(201, 989),
            random_.randrange(99900),
        )

    def _new_companies(self) -> list[Company]:
        random_ = self.random
        made = []
        for _ in range(30):
            word, trade = invented(random_), pick(random_, TRADES)
            domain = f"{_ascii(word)}{trade.lower()}.{pick(random_, ('com', 'net', 'io', 'co'))}"
            made.append(Company(f"{word} {trade}", self._phone(), domain))
        return made


def _ascii(text: str) -> str:
    kept = "".join(
        character for character in text.lower() if character.isascii() and character.isalpha()
    )
    return kept or "user"

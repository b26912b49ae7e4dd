"""What came to the company within the last twelve months: who, when, from which source."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from openprofiles.demo import sources
from openprofiles.demo.people import DAYS, People, Person
from openprofiles.demo.sources import Document
from openprofiles.demo.writing import BY_PEN, CAREFUL, TYPED, Pen

SEED = 20


LONG_NOTE = "Asked twice, prefers letters, will come back on Saturday with the receipt. " * 4


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document that a source sent at a moment."""

    moment: datetime
    object_type: str
    document: Document


@dataclass(frozen=True, slots=True)
class Year:
    """All that arrived, in the order in which it did, and who the customers are."""

    people: tuple[Person, ...]
    arrivals: tuple[Arrival, ...]


def year_until(now: datetime, *, customers: int, seed: int = SEED) -> Year:
    """The twelve months before a moment; the same ones for the same arguments."""
    people = tuple(People(seed).draw(customers))
    writer = _Writer(random.Random(seed + 1), now)
    arrivals = [arrival for person in people for arrival in writer.of(person)]
    arrivals += writer.of_strangers()
    # Of one moment, customers come before what they did.
    return Year(people, tuple(sorted(arrivals, key=lambda arrival: arrival.moment)))


class _Writer:
    """Writes down customers and what they do; numbers what has a number."""

    def __init__(self, random_: random.Random, now: datetime) -> None:
        self._random = random_
        self._now = now
        self._number = 0

    def of(self, person: Person) -> Iterator[Arrival]:
        """What arrived of one customer."""
        random_ = self._random
        known = [name for name, chance in _CHANCES.items() if random_.random() < chance]
        arrivals = [
            arrival for name in known or ["shop"] for arrival in getattr(self, f"_{name}")(person)
        ]
        yield from arrivals
        if known in (["crm"], ["shop"]):
            # The number leads to the one profile that there is, so that the call finds it.
            yield from self._calls(person, sources.phone_in(arrivals[0].document))

    def of_strangers(self) -> Iterator[Arrival]:
        """What finds no place: calls of numbers that nobody knows, registrations by addresses that
        no customer has, and records that are not as they should be.
        """
        [stranger] = People(SEED + 2).draw(1)
        for place in range(14):
            moment = self._moment(self._random.randrange(1, DAYS))
            phone = f"+1907555{100 + place:04}"
            yield Arrival(moment, sources.CALL, sources.call(self._random, phone, moment))
        for place in range(4):
            moment = self._moment(self._random.randrange(1, DAYS))
            document = sources.warranty(self._random, stranger, self._next(), moment)
            document["email"] = f"gift.{place}@example.net"
            yield Arrival(moment, sources.WARRANTY, document)
        for _ in range(3):
            moment, ago = self._joined(stranger)
            pen = Pen(self._random, stranger, BY_PEN, ago=ago)
            document = sources.member(self._random, pen, stranger, moment)
            # A form whose card nobody wrote down, and a note that went into the wrong field.
            yield Arrival(moment, sources.MEMBER, {**document, "card": ""})
            yield Arrival(
                moment, sources.MEMBER, {**document, "card": "HP9999999", "city": LONG_NOTE}
            )

    def _crm(self, person: Person) -> Iterator[Arrival]:
        moment, ago = self._joined(person)
        pen = Pen(self._random, person, CAREFUL, ago=ago)
        yield Arrival(moment, sources.CONTACT, sources.contact(pen, person, moment))
        for _ in range(self._random.choices((0, 1, 2), (62, 30, 8))[0]):
            moment = self._since(ago)
            document = sources.asset(self._random, person, self._next(), moment)
            yield Arrival(moment, sources.ASSET, document)

    def _helpdesk(self, person: Person) -> Iterator[Arrival]:
        moment, ago = self._joined(person)
        pen = Pen(self._random, person, TYPED, ago=ago)
        yield Arrival(moment, sources.USER, sources.user(pen, person, moment))
        for _ in range(self._random.choices((1, 2, 3, 4), (58, 26, 11, 5))[0]):
            moment = self._since(ago)
            document = sources.ticket(self._random, person, self._next(), moment)
            yield Arrival(moment, sources.TICKET, document)

    def _shop(self, person: Person) -> Iterator[Arrival]:
        for second in (False, True)[: 1 + (self._random.random() < 0.07)]:
            moment, ago = self._joined(person)
            pen = Pen(self._random, person, TYPED, ago=ago)
            document = sources.customer(pen, person, moment, second=second)
            yield Arrival(moment, sources.CUSTOMER, document)
            for _ in range(self._random.choices((0, 1, 2, 3, 5), (12, 38, 28, 15, 7))[0]):
                moment = self._since(ago)
                document = sources.order(self._random, person, self._next(), moment, second=second)
                yield Arrival(moment, sources.ORDER, document)

    def _loyalty(self, person: Person) -> Iterator[Arrival]:
        moment, ago = self._joined(person)
        pen = Pen(self._random, person, BY_PEN, ago=ago)
        document = sources.member(self._random, pen, person, moment)
        yield Arrival(moment, sources.MEMBER, document)

    def _warranties(self, person: Person) -> Iterator[Arrival]:
        moment, _ = self._joined(person)
        document = sources.warranty(self._random, person, self._next(), moment)
        yield Arrival(moment, sources.WARRANTY, document)

    def _calls(self, person: Person, phone: str | None) -> Iterator[Arrival]:
        for _ in range(self._random.choices((1, 2, 3, 4), (35, 35, 20, 10))[0] if phone else 0):
            moment = self._since(person.joined * 0.9)
            yield Arrival(moment, sources.CALL, sources.call(self._random, phone or "", moment))

    def _joined(self, person: Person) -> tuple[datetime, float]:
        """When a source heard of somebody the first time: soon after they came, or later."""
        ago = person.joined * (0.9 + self._random.random() / 10)
        if self._random.random() < 0.4:
            ago *= 0.2 + self._random.random() * 0.8
        return self._moment(ago), ago

    def _since(self, ago: float) -> datetime:
        return self._moment(ago * self._random.random() * 0.95)

    def _moment(self, ago: float) -> datetime:
        """So many days ago, in the hours when people are awake."""
        day = self._now - timedelta(days=ago)
        moment = day.replace(
            hour=self._random.randrange(7, 22),
            minute=self._random.randrange(60),
            second=self._random.randrange(60),
            microsecond=0,
        )
        return min(moment, self._now)

    def _next(self) -> int:
        self._number += 1
        return self._number


_CHANCES = {
    "crm": 0.42,
    "helpdesk": 0.3,
    "shop": 0.55,
    "loyalty": 0.3,
    "warranties": 0.05,
}
"""Which sources know a customer."""

"""The words the generator builds people from."""

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

from nicknames import name_triplets

Item = TypeVar("Item")

SURNAMES = (  # noqa: SIM905  a list of words is read as words
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez"
    " Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White"
    " Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres"
    " Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts"
    " Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales"
    " Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos"
    " Kim Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes"
    " Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry"
    " Russell Sullivan Bell Coleman Butler Henderson Barnes Fisher Vasquez"
).split()
_SYLLABLES = (  # noqa: SIM905  a list of words is read as words
    "ba bra cam cor dal dor el fal fen gar gra har hol jon kal kel kin lan len lor mar mer mon"
    " mor nel nor par per ran rao ren ros sal sel ski sto tor tur val ver vin wal wes wil yar"
    " zan"
).split()
_ENDINGS = (  # noqa: SIM905  a list of words is read as words
    "son berg ton ley man ini ez escu ova ski stein ford well ard er y as elli ström müller naud ão"
).split()
FOREIGN = (
    ("José", "Muñoz"), ("François", "Lefèvre"), ("Jürgen", "Müller"), ("Søren", "Kjær"),
    ("Łukasz", "Wójcik"),
    ("Иван", "Петров"), ("Ольга", "Смирнова"), ("王", "小明"), ("李", "静"), ("محمد", "الحسن"),
    ("דוד", "כהן"),
    ("さくら", "田中"), ("Νίκος", "Παπαδόπουλος"), ("Zoë", "D'Angelo"), ("Seán", "O'Connor"),
    ("Nguyễn", "Thị Hoa"),
)  # fmt: skip
STREETS = (  # noqa: SIM905  a list of words is read as words
    "Oak Maple Cedar Main Park Lake Hill Pine Elm Church Mill River Spring High Station Bridge"
).split()
STREET_TYPES = (
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("Lane", "Ln"),
    ("Drive", "Dr"),
    ("Court", "Ct"),
)
TRADES = (  # noqa: SIM905  a list of words is read as words
    "Software Dental Motors Consulting Logistics Bakery Clinic Partners Trading Fitness Law"
    " Insurance"
).split()
LEGAL_FORMS = ("Inc", "Inc.", "LLC", "Ltd", "Corp", "Co", "Group")
MAIL_HOSTS = ("gmail.com",) * 5 + (
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "icloud.com",
    "aol.com",
    "comcast.net",
)


class Names:
    """First names with their nicknames, drawn as unevenly as in life; last names, half of them
    invented.
    """

    def __init__(self, random_: random.Random) -> None:
        nicknames: dict[str, list[str]] = {}
        for triplet in name_triplets():
            nicknames.setdefault(triplet.name1.capitalize(), []).append(triplet.name2.capitalize())
        self.nicknames = nicknames
        self._first = sorted(nicknames)
        random_.shuffle(self._first)
        self._first_weights = list(
            accumulate(1 / (place + 12) for place in range(len(self._first)))
        )
        self._last_weights = list(accumulate(1 / (place + 3) for place in range(len(SURNAMES))))

    def first(self, random_: random.Random) -> str:
        """A first name."""
        return random_.choices(self._first, cum_weights=self._first_weights)[0]

    def last(self, random_: random.Random) -> str:
        """A last name: a common one, or one made of syllables."""
        if random_.random() < 0.5:
            return random_.choices(SURNAMES, cum_weights=self._last_weights)[0]
        return invented(random_)


def invented(random_: random.Random) -> str:
    """A word that sounds like a name."""
    middle = "".join(random_.choices(_SYLLABLES, k=random_.choice((1, 2, 2))))
    return (middle + pick(random_, _ENDINGS)).capitalize()


def pick(random_: random.Random, items: Sequence[Item]) -> Item:
    """One of `items`; much cheaper than `choice`."""
    return items[int(random_.random() * len(items))]

"""The words the generator builds people from, beside those it shares with the demo."""

import random
from itertools import accumulate

from nicknames import name_triplets

from openprofiles.demo.words import SURNAMES, invented

FOREIGN = (
    ("José", "Muñoz"), ("François", "Lefèvre"), ("Jürgen", "Müller"), ("Søren", "Kjær"),
    ("Łukasz", "Wójcik"),
    ("Иван", "Петров"), ("Ольга", "Смирнова"), ("王", "小明"), ("李", "静"), ("محمد", "الحسن"),
    ("דוד", "כהן"),
    ("さくら", "田中"), ("Νίκος", "Παπαδόπουλος"), ("Zoë", "D'Angelo"), ("Seán", "O'Connor"),
    ("Nguyễn", "Thị Hoa"),
)  # fmt: skip
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

"""The words that invented people are built from, and the slips of those who type them.

Measurements (`bench/resolution`) draw their customers from the same words.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

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
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invented(random_: random.Random) -> str:
    """A word that sounds like a name."""
    middle = "".join(random_.choices(_SYLLABLES, k=random_.choice((1, 2, 2))))
    return (middle + pick(random_, _ENDINGS)).capitalize()


def pick(random_: random.Random, items: Sequence[Item]) -> Item:
    """One of `items`; much cheaper than `choice`."""
    return items[int(random_.random() * len(items))]


def slip(random_: random.Random, text: str, chance: float, letters: str = LETTERS) -> str:
    """`text`, now and then with one letter lost, doubled, exchanged or hit wrong."""
    if len(text) < 2 or random_.random() >= chance:
        return text
    place = random_.randrange(len(text) - 1)
    kind = random_.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    if kind == 2:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + pick(random_, letters) + text[place + 1 :]

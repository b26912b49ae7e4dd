"""One record made comparable: what a row of `features` is in SQL, for looking up one at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from openprofiles.resolution import rarity
from openprofiles.resolution.fields import EMAILS, PHONES
from openprofiles.resolution.nicknames_table import full_names
from openprofiles.resolution.normalising import addresses, birth_dates, emails, names, phones

Value = TypeVar("Value")


class Findings(Protocol):
    """What a batch run found out about values; a look-up reads it from where the run stored it."""

    @property
    def size(self) -> int:
        """How many records the run had."""

    def first_names(self, name: str) -> int:
        """How many records have this first name; 1 when it is new."""

    def last_names(self, name: str) -> int:
        """How many records have this last name; 1 when it is new."""

    def towns(self, town: str) -> int:
        """How many records are in this town; 1 when it is new."""

    def phone_kind(self, number: int) -> int:
        """The kind of a phone (`features.HOUSEHOLD` and so on); 0 when nothing is known."""

    def email_kind(self, address: str) -> int:
        """The kind of an e-mail address (`features.DERIVED` and so on); 0 when nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """A record's comparable values. A kind goes with each phone and address."""

    first_name: str | None
    counted: str | None
    middle_name: str | None
    last_name: str | None
    generation: str | None
    birth: int | None
    business: str | None
    house: str | None
    street: str | None
    zip: str | None
    town: str | None
    town_is_rare: bool
    last_tier: int
    name_tier: int
    phones: tuple[tuple[int, int], ...]
    emails: tuple[tuple[str, int], ...]
    identifiers: tuple[str | None, ...]

    @property
    def is_company(self) -> bool:
        """Whether only a company is named."""
        return self.first_name is None and self.last_name is None and self.business is not None

    @property
    def has_name(self) -> bool:
        """Whether a person is named."""
        return self.first_name is not None or self.last_name is not None


def features_of(
    fields: Mapping[str, str | None],
    findings: Findings,
    *,
    identifiers: Sequence[str | None] = (),
    country: str = "US",
) -> Features:
    """Make a record of standard profile fields comparable."""

    def read(field: str, normalise: Callable[[str], Value | None]) -> Value | None:
        text = fields.get(field)
        return normalise(text) if text else None

    whole = fields.get("FullName") or None
    first_text = fields.get("FirstName") or (names.first_of(whole) if whole else None)
    last_text = fields.get("LastName") or (names.last_of(whole) if whole else None)
    given = names.given_name(first_text) if first_text is not None else None
    initial = None
    if given is not None and names.has_initial(given):
        given, initial = given.split(" ")
    last_name = names.family_name(last_text) if last_text is not None else None
    line = read("Address1", addresses.address_line) or ""
    house = addresses.house_number(line)
    town = read("City", addresses.city_name)
    last_count = findings.last_names(last_name) if last_name else 1
    first_count = findings.first_names(given) if given else 1
    dialled = (fields.get("Country") or country).strip(" ").upper() or country
    return Features(
        first_name=given,
        counted=full_names().get(given) if given else None,
        middle_name=read("MiddleName", names.given_name) or initial,
        last_name=last_name,
        generation=read("LastName", names.generation),
        birth=read("BirthDate", lambda text: birth_dates.birth_date(text.strip(" "))),
        business=read("BusinessName", names.business_name),
        house=house,
        street=addresses.street_name(line),
        zip=read("PostalCode", lambda text: addresses.postal_code(text.strip(" ")))
        or read("Address1", addresses.postal_tail),
        town=town,
        town_is_rare=town is not None and rarity.town_is_rare(findings.towns(town), findings.size),
        last_tier=rarity.last_name_tier(last_count, findings.size),
        name_tier=rarity.full_name_tier(first_count, last_count, findings.size),
        phones=_phones(fields, findings, dialled),
        emails=_emails(fields, findings),
        identifiers=tuple(
            addresses.identifier_text(text) if text else None for text in identifiers
        ),
    )


def _phones(
    fields: Mapping[str, str | None], findings: Findings, country: str
) -> tuple[tuple[int, int], ...]:
    numbers: dict[int, int] = {}
    for field in PHONES:
        text = fields.get(field)
        number = phones.parse(text.strip(" "), country) if text else None
        if number is not None and number not in numbers:
            numbers[number] = findings.phone_kind(number)
    return tuple(numbers.items())


def _emails(fields: Mapping[str, str | None], findings: Findings) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for field in EMAILS:
        text = fields.get(field)
        address = emails.email_address(emails.mail_text(text)) if text else None
        if address is not None and address not in found:
            found[address] = findings.email_kind(address)
    return tuple(found.items())

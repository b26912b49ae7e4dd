"""One record made comparable: what a row of `features` is in SQL, for looking up one at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    work_phone: int | None = None
    """Which of the phones was given as that of a company, if one was."""

    def generation_beside(self, other: "Features") -> str | None:
        """Its suffix. A lone I is an initial, but beside the second of a name it is the first."""
        if self.generation or self.middle_name != "i":
            return self.generation
        return "i" if other.generation in names.GENERATIONS[names.SECOND :] else None

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
    return judged(normalised(fields, identifiers=identifiers, country=country), findings)


def normalised(
    fields: Mapping[str, str | None],
    *,
    identifiers: Sequence[str | None] = (),
    country: str = "US",
) -> Features:
    """A record's values as they can be kept: normalised, and not yet judged by what a run found."""

    def read(field: str, normalise: Callable[[str], Value | None]) -> Value | None:
        text = fields.get(field)
        return normalise(text) if text else None

    whole = fields.get("FullName") or None
    first_text = fields.get("FirstName") or (names.first_of(whole) if whole else None)
    last_text = fields.get("LastName") or (names.last_of(whole) if whole else None)
    given = names.person_name(first_text) if first_text is not None else None
    initial = None
    if given is not None and names.has_initial(given):
        given, initial = given.split(" ")
    line = read("Address1", addresses.address_line) or ""
    dialled = (fields.get("Country") or country).strip(" ").upper() or country
    numbers = _numbers(fields, dialled)
    return Features(
        first_name=given,
        counted=full_names().get(given) if given else None,
        middle_name=read("MiddleName", names.person_name) or initial,
        last_name=names.person_name(last_text) if last_text is not None else None,
        generation=names.generation(last_text or "") or names.generation(first_text or ""),
        birth=read("BirthDate", lambda text: birth_dates.birth_date(text.strip(" "))),
        business=read("BusinessName", names.business_name),
        house=addresses.house_number(line),
        street=addresses.street_name(line),
        zip=read("PostalCode", lambda text: addresses.postal_code(text.strip(" ")))
        or read("Address1", addresses.postal_tail),
        town=read("City", addresses.city_name),
        town_is_rare=False,
        last_tier=0,
        name_tier=0,
        phones=tuple((number, 0) for number in dict.fromkeys(numbers) if number is not None),
        emails=_emails(fields),
        identifiers=tuple(
            addresses.identifier_text(text) if text else None for text in identifiers
        ),
        work_phone=numbers[-1],
    )


def judged(record: Features, findings: Findings) -> Features:
    """A normalised record with what a run found out about its values."""
    first_count = findings.first_names(record.first_name) if record.first_name else 1
    last_count = findings.last_names(record.last_name) if record.last_name else 1
    size, town = findings.size, record.town
    return replace(
        record,
        town_is_rare=town is not None and rarity.town_is_rare(findings.towns(town), size),
        last_tier=rarity.last_name_tier(last_count, size),
        name_tier=rarity.full_name_tier(first_count, last_count, size),
        phones=tuple((number, findings.phone_kind(number)) for number, _ in record.phones),
        emails=tuple((address, findings.email_kind(address)) for address, _ in record.emails),
    )


def _numbers(fields: Mapping[str, str | None], country: str) -> list[int | None]:
    """The phone in each of PHONES."""
    texts = (fields.get(field) for field in PHONES)
    return [phones.parse(text.strip(" "), country) if text else None for text in texts]


def _emails(fields: Mapping[str, str | None]) -> tuple[tuple[str, int], ...]:
    texts = (fields.get(field) for field in EMAILS)
    found = (emails.email_address(text) for text in texts if text)
    return tuple((address, 0) for address in dict.fromkeys(found) if address is not None)

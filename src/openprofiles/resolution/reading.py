"""What identity resolution can read of single values, for whoever shows how good fields are."""

from datetime import date

from openprofiles.resolution.normalising import birth_dates, emails, phones

_EARLIEST = date(1900, 1, 1)


def read_phone(text: str, country: str) -> str | None:
    """A phone number as E.164 digits, as dialled in a country; None when it is none, or junk."""
    number = phones.parse(text.strip(), country)
    return None if number is None else str(number)


def read_email(text: str) -> str | None:
    """The address mail really goes to; None for no address or a placeholder."""
    return emails.email_address(text)


def read_birth_date(text: str, today: date) -> str | None:
    """A day in ISO form on which somebody who lives may have been born; None when it is none."""
    found = birth_dates.parse(text.strip())
    if found is None:
        return None
    try:
        day = date(found // 10_000, found // 100 % 100, found % 100)
    except ValueError:
        return None
    return day.isoformat() if _EARLIEST <= day <= today else None

"""The invented customers: nobody's data, and the same ones each time."""

import re
from datetime import UTC, datetime

import phonenumbers
import pytest

from openprofiles.demo import sources
from openprofiles.demo.people import People, Person
from openprofiles.demo.year import Year, year_until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FICTIONAL = re.compile(
    # NANP 555-0100 to -0199; Ofcom, Bundesnetzagentur and Arcep: numbers for drama and films.
    r"\+1\d{3}55501\d\d|\+447700900\d{3}|\+442079460\d{3}|\+441[137]{2}4960\d{3}|\+441314960\d{3}"
    r"|\+442920180\d{3}|\+4917139200\d\d|\+49176040690\d\d|\+49(3023125|6990009|4066969|2214710"
    r"|8999998)\d{3}|\+33(19900|26191|35301|46571|53649)\d{4}|\+3363998\d{4}"
)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    """All customers of the demo."""
    return list(People(20).draw(2_000))


@pytest.fixture(scope="module")
def year() -> Year:
    """A year of a smaller company."""
    return year_until(NOW, customers=300)


def test_the_same_year_is_the_same_to_the_letter(year):
    assert year_until(NOW, customers=300) == year
    assert year_until(NOW, customers=300, seed=21) != year


def test_addresses_are_of_domains_that_nobody_has(people):
    hosts = {
        address.partition("@")[2]
        for person in people
        for address in (person.email, person.second_email)
    }

    assert hosts == {
        "example.com", "example.org", "example.net", "mail.example.com", "post.example.net",
    }  # fmt: skip


def test_telephone_numbers_are_kept_free_for_fiction(people):
    numbers = [number for person in people for number in (person.mobile, person.landline) if number]

    assert len(numbers) > 1_500
    assert [number for number in numbers if not FICTIONAL.fullmatch(number)] == []
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(number)) for number in numbers)


def test_no_two_people_have_one_mobile_number_or_address(people):
    mobiles = [person.mobile for person in people if person.mobile]
    emails = [email for person in people for email in (person.email, person.second_email)]

    assert len(set(mobiles)) == len(mobiles)
    assert len(set(emails)) == len(emails)


def test_a_household_has_one_line(people):
    shared = [person for person in people if person.landline]

    assert len({person.landline for person in shared}) < len(shared)


def test_everything_came_within_a_year_and_in_its_order(year):
    moments = [arrival.moment for arrival in year.arrivals]

    assert moments == sorted(moments)
    assert (NOW - moments[0]).days in (364, 365, 366)
    assert moments[-1] <= NOW


def test_each_source_has_something(year):
    types = {arrival.object_type for arrival in year.arrivals}

    assert types == {
        sources.CONTACT, sources.ASSET, sources.USER, sources.TICKET, sources.CUSTOMER,
        sources.ORDER, sources.MEMBER, sources.WARRANTY, sources.CALL,
    }  # fmt: skip

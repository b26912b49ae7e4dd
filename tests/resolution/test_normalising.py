"""Values come to one form, in SQL as in Python."""

import re

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openprofiles.resolution import DuckDBEngine
from openprofiles.resolution.normalising import addresses, birth_dates, emails, names, phones
from openprofiles.resolution.normalising.folding import fold
from tests.resolution.conftest import mapping_of, people

WORDS = (
    st.text(
        st.sampled_from("aAbzéÜß王مш\u0301\u0363Å '-.,#&@+0129/()😀")
        | st.characters(codec="utf-8", exclude_characters="\0"),
        max_size=24,
    )
    | st.from_regex("(Dr|Mr|Bob|Mary Ann|O'Brien|Smith) ?(Jr|III|Q|123)?", fullmatch=True)
    | st.from_regex("(Bob |Mary Ann )?Smith(, ?| )(Bob )?,? ?(Jr|iii|MD)?[.]? ?", fullmatch=True)
    | st.from_regex("(The )?(Acme|Smith)( & Sons)?,? ?(Inc|LLC|and Co)?[.]?", fullmatch=True)
)
SAME = settings(max_examples=12, suppress_health_check=list(HealthCheck))
"""Few examples of many texts each: planning a statement takes longer than carrying it out."""


def some(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Texts for one statement."""
    return st.lists(text, min_size=1, max_size=20)


@pytest.fixture(scope="module")
def sql():
    """Evaluates an expression of `x` for texts."""
    with DuckDBEngine(threads=1) as engine:
        engine.read(people({"FirstName": "x"}), mapping_of(people({"FirstName": "x"})))

        def evaluate(expression: str, texts: list[str]):
            engine.put("texts", pa.table({"place": range(len(texts)), "x": texts}))
            found = engine.table(f"select {expression} as y from texts order by place")
            return found["y"].to_pylist()

        yield evaluate


PAIRS = {
    "fold(x)": fold,
    "person_name(x)": names.person_name,
    "generation(x)": names.generation,
    "first_of(x)": names.first_of,
    "last_of(x)": names.last_of,
    "business_name(x)": names.business_name,
    "email_address(mail_local(mail(x)), mail_domain(mail(x)))": emails.email_address,
    "address_line(x)": addresses.address_line,
    "house_number(address_line(x))": lambda text: addresses.house_number(
        addresses.address_line(text)
    ),
    "street_name(address_line(x), house_number(address_line(x)))": lambda text: (
        addresses.street_name(addresses.address_line(text))
    ),
    "city_name(x)": addresses.city_name,
    "postal_code(x)": addresses.postal_code,
    "postal_tail(x)": addresses.postal_tail,
    "identifier_text(x)": addresses.identifier_text,
}


@pytest.mark.parametrize("expression", PAIRS)
@SAME
@given(texts=some(WORDS))
def test_sql_and_python_agree_on_text(sql, expression, texts):
    assert sql(expression, texts) == [PAIRS[expression](text) for text in texts]


@SAME
@given(
    texts=some(
        st.from_regex(
            r"[+]?1?[ .-]?[(]?[2-9][0-9]{2}[)]?[ .-]?[0-9]{3}[ .-]?[0-9]{4}", fullmatch=True
        )
        | st.from_regex(r"[+]?[0-9]{1,3}[ ()0-9-]{4,14}( ?x[0-9]{2})?", fullmatch=True)
        | WORDS
    ),
    country=st.sampled_from([None, "DE", "AU"]),
)
def test_sql_and_python_agree_on_phones(sql, texts, country):
    place = "null" if country is None else f"'{country}'"

    found = sql(f"real_phone(phone_number(x, squeezed(x), {place}))", texts)

    assert found == [phones.parse(text, country or "US") for text in texts]


@SAME
@given(
    texts=some(
        st.from_regex(r"[0-9]{4}[-/. ]?[0-9]{1,2}[-/. ]?[0-9]{1,2}(T00:00)?", fullmatch=True)
        | st.from_regex(r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}", fullmatch=True)
        | WORDS
    )
)
def test_sql_and_python_agree_on_dates(sql, texts):
    found = sql("real_date(month_first(date_number(x)))", texts)

    assert found == [birth_dates.birth_date(text) for text in texts]


@SAME
@given(
    texts=some(st.from_regex(r"[a-c.]{1,4}[0-9]?@x[.]io", fullmatch=True)),
    first=st.sampled_from(["a", "ab", "abc"]),
    last=st.sampled_from(["b", "bc", "cab"]),
)
def test_sql_and_python_agree_on_addresses_that_spell_a_name(sql, texts, first, last):
    found = sql(f"spells(x, '{first}', '{last}')", texts)

    assert found == [emails.spells(text, first, last) for text in texts]


def test_each_generation_has_a_code_of_its_own(sql):
    texts = [names.generation(f"Smith {text}") for text in names.GENERATIONS]

    assert sql("generation_code(x)", texts) == list(range(len(names.GENERATIONS)))


def test_an_address_without_a_name_spells_none():
    assert not emails.spells("a@x.io", None, "a")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("(464) 861-0012", 14648610012),
        ("1-464-861-0012", 14648610012),
        ("+44 20 7946 0958", 442079460958),
        ("464-861-0012 ext 5", 14648610012),
        ("999-999-9999", None),
        ("0000000000", None),
        ("12", None),
        ("call me", None),
    ],
)
def test_phones_become_numbers(typed, number):
    assert phones.parse(typed, "US") == number


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("1978-12-11", 19781211),
        ("12/11/1978", 19781211),
        ("11.12.1978", 19781211),
        ("31/12/1978", 19781231),
        ("1978-31-12", 19781231),
        ("19781211", 19781211),
        ("1978-12-11T00:00:00Z", 19781211),
        ("1978", 19780101),
        ("17-May-90", 19900517),
        ("Mar 1 1970", 19700301),
        ("1 March, 1970", 19700301),
        ("10/27/76", 19761027),
        ("8/2/06", 20060802),
        ("1 Smarch 1970", None),
        ("1900-01-01", None),
        ("1978-13-45", None),
        ("long ago", None),
    ],
)
def test_birth_dates_become_numbers(written, date):
    assert birth_dates.birth_date(written) == date


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Jo.Hn+shop@GMail.com", "john@gmail.com"),
        ("john@googlemail.com", "john@gmail.com"),
        ("a.b+c@work.co", "a.b@work.co"),
        ("info@example.com", None),
        ("noemail@none.com", None),
        ("+x@gmail.com", None),
        ("a@b", None),
        ("Maria S <M.S@work.co>", "m.s@work.co"),
        ("Maria <m.s@work.co", None),
    ],
)
def test_emails_become_addresses(written, address):
    assert emails.email_address(written) == address


def test_suffixes_titles_and_legal_forms_go():
    assert names.person_name("Dr. José") == "jose"
    assert names.person_name("John Q. Jr.") == "john q"
    assert names.person_name("O'Brien-Smith, Jr.") == "obrien smith"
    assert names.generation("Smith Senior") == "sr"
    assert names.generation("Smith") is None
    assert names.business_name("The Acme & Sons Co., Ltd.") == "acme and sons"
    assert names.person_name("N/A") is None


def test_whole_names_split():
    assert (names.first_of("Wang, Jie"), names.last_of("Wang, Jie")) == (" Jie", "Wang")
    assert (names.first_of("Mary Ann Lee"), names.last_of("Mary Ann Lee")) == ("mary ann", "lee")
    assert names.last_of("123") == ""


@pytest.mark.parametrize(
    ("whole", "first", "last"),
    [
        ("John Smith Jr.", "john", "smith jr"),
        ("John Smith, Jr.", "john", "smith jr"),
        ("Smith, John III", " John III", "Smith"),
        ("Smith Jr, John", " John", "Smith Jr"),
        ("Smith, John, MD", " John MD", "Smith"),
        ("Smith Jr", "", "smith jr"),
        ("Jr", "", "jr"),
        ("Jerry Lee", "jerry", "lee"),
    ],
)
def test_suffixes_of_whole_names_are_no_last_names(whole, first, last):
    assert (names.first_of(whole), names.last_of(whole)) == (first, last)


def test_addresses_lose_their_street_type_and_unit():
    line = addresses.address_line("7128 Johnson Road Apt 10, Springfield 32269")

    assert (addresses.house_number(line), addresses.street_name(line)) == ("7128 ", "johnson")
    assert addresses.postal_tail("7128 Johnson Road, Springfield 32269-1234") == "32269"


LONG = 250_000
"""Characters: what takes the square of that does not end."""


@pytest.mark.parametrize(
    ("normalise", "text", "result"),
    [
        (emails.email_address, "<" * LONG, None),
        (names.first_of, "a" * LONG + " b", "a" * LONG),
        (names.last_of, "a" * LONG + " b", "b"),
        (names.business_name, "Acme" + " co and" * LONG + " b", "acme" + " co and" * LONG + " b"),
        (names.business_name, "Acme" + " and co" * LONG, "acme"),
        (names.letters, "a@" * LONG, "a " * (LONG - 1) + "a"),
        (addresses.street_name, "1 " + "a" * LONG, "a" * LONG),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_long_values_take_no_time(normalise, text, result):
    assert normalise(text) == result


@SAME
@given(words=st.lists(st.sampled_from(["", "and", "co", "inc", "acme", "the"]), max_size=7))
def test_legal_forms_go_as_the_expression_says(words):
    text = " ".join(words)
    said = re.sub(f"( (and )?({names._LEGAL_FORMS}))+ *$", "", text, count=1)

    assert names._without_legal_forms(text).strip(" ") == said.strip(" ")

"""However much agrees, what close relatives share makes no pair certain."""

import numpy as np
import pytest

from openprofiles.resolution import features_of, score_pair, scoring
from openprofiles.resolution.attributes import pack
from openprofiles.resolution.doubt import DOUBT, doubtful
from openprofiles.resolution.levels import compare
from tests.resolution.conftest import run
from tests.resolution.test_levels import NOTHING

NAME = {"FirstName": "Ann", "LastName": "Kowalczyk"}
HOME = {"Address1": "7 Elm Road", "PostalCode": "10001", "HomePhoneNumber": "+12125550177"}
MAIL = {"EmailAddress": "x77@y.io"}
FIRM = {"BusinessName": "Acme Dental", "EmailAddress": "info@x.io"}
SURE, DOUBTFUL = False, True


def _records(one, other, **more):
    return tuple(features_of(fields, NOTHING, **more) for fields in (one, other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NAME | HOME, NAME | HOME, DOUBTFUL),
        (NAME | HOME | MAIL, NAME | HOME | MAIL, SURE),
        (NAME | HOME | {"BirthDate": "1980-04-17"}, NAME | HOME, DOUBTFUL),
        (
            NAME | HOME | {"BirthDate": "1980-04-17"},
            NAME | HOME | {"BirthDate": "1980-04-17"},
            SURE,
        ),
        (
            NAME | MAIL | {"BirthDate": "1980-04-17"},
            NAME | MAIL | {"BirthDate": "1980-11-05"},
            DOUBTFUL,
        ),
        (NAME | MAIL, NAME | MAIL | {"LastName": "Lee"}, DOUBTFUL),
        ({"LastName": "Kowalczyk"} | MAIL, NAME | MAIL, DOUBTFUL),
        (NAME | MAIL, NAME | MAIL, SURE),
        (FIRM, FIRM, DOUBTFUL),
        (FIRM | {"PostalCode": "10001"}, FIRM | {"PostalCode": "10001"}, SURE),
    ],
)
def test_only_what_is_ones_own_makes_certain(one, other, expected):
    assert doubtful(compare(*_records(one, other))) == expected


def test_an_equal_identifier_makes_certain():
    one, other = _records(NAME | HOME, NAME | HOME, identifiers=["A1"])

    assert not doubtful(compare(one, other))


def test_a_doubtful_pair_keeps_a_rest_of_doubt_in_a_run_and_alone(customers, duckdb_engine):
    model = run(customers, duckdb_engine).model
    one, other = _records(NAME | HOME, NAME | HOME)
    pattern = np.array([pack(compare(one, other))])

    explained = score_pair(model, one, other)
    confidence, _ = scoring.score(model.weights, pattern)

    assert 0.9 < explained.confidence <= 1 - DOUBT
    assert confidence[0] == pytest.approx(explained.confidence, abs=1e-12)
    assert explained.relations["relative"] >= DOUBT * 0.99
    assert explained.is_doubtful
    assert "close relatives" in explained.as_text()

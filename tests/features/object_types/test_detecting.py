"""DetectProfileObjectType finds the type that fits samples (core reference §11)."""

import json

import pytest


@pytest.fixture
def detect(client, domain):
    """The detected types of samples, which must all be accepted as they are."""

    def detected(*samples):
        answer = client.detect_profile_object_type(
            DomainName=domain, Objects=[json.dumps(sample) for sample in samples]
        )["DetectedProfileObjectTypes"]
        for found in answer:
            if found["Keys"]:
                client.put_profile_object_type(
                    DomainName=domain, ObjectTypeName="Detected", Description="d", **found
                )
        return answer

    return detected


@pytest.fixture
def refusal(client, domain):
    """The sentence with which samples are refused."""

    def refuse(*objects):
        with pytest.raises(client.exceptions.BadRequestException) as failure:
            client.detect_profile_object_type(DomainName=domain, Objects=list(objects))
        return failure.value.response["Error"]["Message"]

    return refuse


def target_of(detected, name):
    return detected["Fields"][name]["Target"].removeprefix("_profile.")


@pytest.mark.parametrize(
    ("column", "target", "content_type"),
    [
        ("firstName", "FirstName", "NAME"),
        ("given_name", "FirstName", "NAME"),
        ("SURNAME", "LastName", "NAME"),
        ("MiddleName", "MiddleName", "NAME"),
        ("e-mail", "EmailAddress", "EMAIL_ADDRESS"),
        ("work_email", "BusinessEmailAddress", "EMAIL_ADDRESS"),
        ("tel", "PhoneNumber", "PHONE_NUMBER"),
        ("Mobile Phone", "MobilePhoneNumber", "PHONE_NUMBER"),
        ("dob", "BirthDate", "STRING"),
        ("sex", "Gender", "STRING"),
        ("company", "BusinessName", "STRING"),
        ("accountNumber", "AccountNumber", "STRING"),
        ("city", "Address.City", "STRING"),
        ("zip_code", "Address.PostalCode", "STRING"),
        ("shipping_city", "ShippingAddress.City", "STRING"),
        ("favourite", "Attributes.favourite", "STRING"),
    ],
)
def test_columns_are_known_by_their_names(detect, column, target, content_type):
    [found] = detect({column: "2024"})

    [field] = found["Fields"].values()
    assert field["Target"] == f"_profile.{target}"
    assert field["ContentType"] == content_type


def test_nested_columns_are_known_by_the_names_around_them(detect):
    [found] = detect(
        {
            "billing": {"address": {"street": "1 Main St", "zip": "98101"}},
            "name": {"first": "Ann", "last": "Lee"},
            "contact": {"mobile": "5"},
        }
    )

    assert target_of(found, "billing_address_street") == "BillingAddress.Address1"
    assert target_of(found, "billing_address_zip") == "BillingAddress.PostalCode"
    assert target_of(found, "name_first") == "FirstName"
    assert target_of(found, "contact_mobile") == "MobilePhoneNumber"
    assert found["Fields"]["name_first"]["Source"] == "_source.name.first"


def test_an_id_is_unique_and_contact_points_link(detect):
    [found] = detect(
        {"order_id": "o1", "id": 1, "email": "a@b.example", "phone": "5", "account": "x"},
        {"order_id": "o2", "id": 2, "email": "a@b.example"},
    )

    assert found["Keys"] == {
        "id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
        "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["email"]}],
        "_phone": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["phone"]}],
        "_account": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["account"]}],
    }


def test_an_id_links_too_where_nothing_else_always_does(detect):
    [found] = detect({"customerId": 1, "email": "a@b.example"}, {"customerId": 2})

    assert found["Keys"]["customerId"][0]["StandardIdentifiers"] == ["UNIQUE", "PROFILE"]


def test_an_id_that_repeats_is_not_unique(detect):
    [found] = detect({"id": 1, "email": "a@b.example"}, {"id": 1, "email": "c@d.example"})

    assert found["Keys"] == {
        "_email": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["email"]}]
    }


def test_without_anything_unique_there_are_no_keys(detect):
    [found] = detect({"colour": "red"})

    assert found["Keys"] == {}
    assert found["Fields"].keys() == {"colour"}


@pytest.mark.parametrize(
    ("text", "time_format"),
    [
        (1700000000123, "EpochMilli"),
        ("2024-01-02T03:04:05Z", "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        ("2024-01-02T03:04:05.678Z", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"),
        ("2024-01-02T03:04:05+01:00", "yyyy-MM-dd'T'HH:mm:ssXXX"),
        ("2024-01-02 03:04:05", "yyyy-MM-dd HH:mm:ss"),
        ("2024-01-02", "yyyy-MM-dd"),
    ],
)
def test_the_time_of_the_last_change_is_read(detect, text, time_format):
    [found] = detect({"id": 1, "updated_at": text}, {"id": 2})

    assert found["SourceLastUpdatedTimestampFormat"] == time_format
    assert target_of(found, "updated_at") == "SourceLastUpdatedTimestamp"


def test_a_time_that_no_format_reads_is_an_attribute(detect):
    [found] = detect({"id": 1, "LastModifiedDate": "yesterday", "updated": None})

    assert "SourceLastUpdatedTimestampFormat" not in found
    assert target_of(found, "LastModifiedDate") == "Attributes.LastModifiedDate"


def test_two_columns_for_one_place_share_it_with_the_attributes(detect):
    [found] = detect({"email": "a@b.example", "mail": "c@d.example"})

    assert target_of(found, "email") == "EmailAddress"
    assert target_of(found, "mail") == "Attributes.mail"


def test_odd_names_are_made_usable(detect):
    [found] = detect(
        {"1st name!": 1, "x.y": 2, "a b": 3, "a_b": 4, "tags": 5, "日": 6, "d" * 80: 7}
    )

    sources = {name: field["Source"] for name, field in found["Fields"].items()}
    assert sources == {
        "st_name_": "_source.1st name!",
        "x_y": "{{_source.[x.y]}}",
        "a_b": "_source.a b",
        "a_b_2": "_source.a_b",
        "tags_2": "_source.tags",
        "field": "_source.日",
        "d" * 64: f"_source.{'d' * 80}",
    }


def test_what_fits_no_field_is_left_out(detect):
    sample = {"list": [1], "a[b]": 1, "": 2, "long": "x" * 300, "n" * 1200: 1}

    assert detect(sample) == []


@pytest.mark.parametrize("text", ["{", "[]", '"text"', "1", " ", "[" * 100_000])
def test_what_is_no_json_object_is_refused(refusal, text):
    assert refusal('{"id": 1}', text) == "Could not parse object string into JSON"


def test_too_many_samples_are_refused(refusal):
    message = refusal(*["{}"] * 6)

    assert "Value at 'objects' failed to satisfy constraint" in message
    assert "Member must have length less than or equal to 5" in message


def test_120_attributes_are_the_most(detect, refusal):
    flat = {f"c{number}": 1 for number in range(60)}
    nested = {"inner": {f"d{number}": 1 for number in range(58)}, "list": [{"e": 1}, {"e": 2}]}
    detect({**flat, **nested})

    assert refusal(json.dumps({**flat, **nested, "more": 1})) == "Breached limit of 120 attributes"

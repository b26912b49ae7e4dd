"""What PutProfileObjectType refuses, and with which sentence (core reference §3.5 to §3.7)."""

import pytest


def key(*identifiers, fields=("account",)):
    return [{"StandardIdentifiers": list(identifiers), "FieldNames": list(fields)}]


def field(target=None, source="_source.x", **members):
    return {"Source": source, **({"Target": target} if target else {}), **members}


@pytest.mark.parametrize("name", ["_asset", "_mine"])
def test_names_of_types_do_not_begin_with_an_underscore(refusal, basic, name):
    assert "ObjectTypeName must not begin with _" in refusal(name, **basic)


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("AllowProfileCreation", {"AllowProfileCreation": False}),
        ("SourceLastUpdatedTimestampFormat", {"SourceLastUpdatedTimestampFormat": "EpochMilli"}),
        ("Fields", {"Fields": {"x": field()}}),
        ("Keys", {"Keys": {"x": key("UNIQUE")}}),
    ],
)
def test_a_template_cannot_be_combined_with_its_own_members(refusal, name, members):
    assert f"{name} must not be given with TemplateId" in refusal(TemplateId="CTR", **members)


@pytest.mark.parametrize("template_id", ["Nothing", "ctr", "_asset"])
def test_an_unusable_template_is_refused(refusal, template_id):
    assert "TemplateId names no template" in refusal(TemplateId=template_id)


@pytest.mark.parametrize("missing", ["Fields", "Keys"])
def test_fields_and_keys_come_together(refusal, basic, missing):
    del basic[missing]

    assert "Fields and Keys must both be given" in refusal(**basic)


def test_nothing_at_all_is_refused(refusal):
    assert "Fields and Keys must both be given" in refusal(Fields={}, Keys={})


def test_250_fields_are_the_most(put_type, refusal, basic):
    basic["Fields"].update({f"f{number}": field() for number in range(248)})
    put_type(**basic)
    basic["Fields"]["one-more"] = field()

    assert "Fields has more than 250 fields" in refusal(**basic)


@pytest.mark.parametrize("name", ["1st", "_x", "-x", ".x", "Tags", "tags"])
def test_field_names_follow_their_rules(refusal, basic, name):
    basic["Fields"][name] = field()

    assert refusal(**basic).startswith(f"Fields.{name}: ")


@pytest.mark.parametrize("name", ["a", "A.b-c_9", "Tags2"])
def test_field_names_may_have_dots_dashes_and_digits(put_type, basic, name):
    basic["Fields"][name] = field()

    assert name in put_type(**basic)["Fields"]


def test_a_field_needs_a_source(refusal, basic):
    basic["Fields"]["x"] = {"Target": "_profile.FirstName"}

    assert refusal(**basic) == "Fields.x: Source must be given"


@pytest.mark.parametrize(
    "source", ["_profile.FirstName", "_source", "{{first}}", "{{#if _source.a}}", "{{_source.a"]
)
def test_sources_must_parse(refusal, basic, source):
    basic["Fields"]["x"] = field(source=source)

    assert refusal(**basic).startswith("Fields.x: Source ")


@pytest.mark.parametrize(
    "target",
    [
        "FirstName",
        "_profile",
        "_person.FirstName",
        "_profile.Nothing",
        "_profile.FirstName.More",
        "_profile.Address.Nothing",
        "_profile.Address[].City",
        "_order.OrderItems.Title",
        "_order.OrderItems[].Nothing",
        "_order.OrderItems[].Title.More",
        "_profile.EngagementPreferences.Phone[].KeyName[].x",
        "_profile.Attributes.",
        "_profile.Attributes.a[b]",
        "_profile.Attributes. ",
        f"_profile.Attributes.{'a' * 256}",
        "_communicationRecord.Events.{{campaign_event_type}}.EventId",
    ],
)
def test_targets_must_exist(refusal, basic, target):
    basic["Fields"]["x"] = field(target)

    assert refusal(**basic).startswith("Fields.x: Target ")


@pytest.mark.parametrize(
    "target",
    [
        "_profile.ProfileId",
        "_profile.ImportIds",
        "_profile.FoundByItems",
        "_asset.AssetId",
        "_case.CaseId",
        "_order.OrderId",
        "_communicationRecord.CommunicationRecordId",
        "_airPreference.PreferenceId",
        "_hotelPreference.PreferenceId",
        "_airBooking.BookingId",
        "_airSegment.SegmentId",
        "_hotelReservation.ReservationId",
        "_hotelStayRevenue.StayRevenueId",
        "_loyalty.LoyaltyId",
        "_loyaltyTransaction.TransactionId",
        "_loyaltyPromotion.PromotionId",
        "_device.DeviceId",
        "_webAnalytics.EventId",
    ],
)
def test_what_the_service_sets_cannot_be_targeted(refusal, basic, target):
    basic["Fields"]["x"] = field(target)

    assert f"Target {target} is set by the service" in refusal(**basic)


@pytest.mark.parametrize(
    "target",
    [
        "_profile.FirstName",
        "_profile.Address",
        "_profile.BillingAddress.City",
        "_profile.Attributes",
        "_profile.Attributes.Favourite colour_1-a",
        "_profile.Attributes.a.b",
        "_profile.EngagementPreferences.Phone[].KeyName",
    ],
)
def test_places_of_the_profile_can_be_targeted(put_type, basic, target):
    basic["Fields"]["x"] = field(target)

    assert put_type(**basic)["Fields"]["x"]["Target"] == target


@pytest.mark.parametrize("name", ["Gender", "PartyType"])
def test_of_a_pair_one_is_targeted(put_type, refusal, basic, name):
    basic["Fields"]["x"] = field(f"_profile.{name}")
    put_type(**basic)
    basic["Fields"]["y"] = field(f"_profile.{name}String")

    assert f"either _profile.{name} or _profile.{name}String" in refusal(**basic)


def test_the_source_time_needs_a_format(put_type, refusal, basic):
    basic["Fields"]["x"] = field("_profile.SourceLastUpdatedTimestamp")

    assert "SourceLastUpdatedTimestampFormat must be given" in refusal(**basic)
    assert "has the letter Y" in refusal(**basic, SourceLastUpdatedTimestampFormat="YYYY")
    put_type(**basic, SourceLastUpdatedTimestampFormat="EPOCHMILLI")


def test_the_source_time_of_a_record_needs_no_format(put_type, basic):
    basic["Fields"]["x"] = field("_case.SourceLastUpdatedTimestamp")
    basic["Keys"]["case"] = key("CASE")

    put_type(**basic)


def test_a_format_may_be_given_without_use_but_must_be_valid(put_type, refusal, basic):
    put_type(**basic, SourceLastUpdatedTimestampFormat="yyyy-MM-dd")

    assert "not closed" in refusal(**basic, SourceLastUpdatedTimestampFormat="yyyy 'open")


def test_ten_entries_of_keys_are_the_most(put_type, refusal, basic):
    basic["Keys"]["many"] = key("PROFILE") * 8
    put_type(**basic)
    basic["Keys"]["more"] = key("PROFILE")

    assert refusal(**basic) == "Keys has more than 10 entries"


@pytest.mark.parametrize("name", ["1st", "-x", "Tags", "tags", "_mine"])
def test_key_names_follow_their_rules(refusal, basic, name):
    basic["Keys"][name] = key("PROFILE")

    assert refusal(**basic).startswith(f"Keys.{name}: ")


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([], "a key needs at least one entry"),
        ([{"StandardIdentifiers": ["PROFILE"]}], "FieldNames must name at least one field"),
        (key("PROFILE", fields=["nothing"]), "FieldNames has nothing, which is not in Fields"),
        (key("UNIQUE", "LOOKUP_ONLY"), "UNIQUE cannot be combined"),
        (key("UNIQUE", "PROFILE", "NEW_ONLY"), "UNIQUE cannot be combined"),
        (key("PROFILE", "NEW_ONLY", "LOOKUP_ONLY"), "exclude each other"),
        (key("SECONDARY"), "SECONDARY needs PROFILE"),
        (key("ASSET", "SECONDARY"), "SECONDARY needs PROFILE"),
        (key("LOOKUP_ONLY"), "need PROFILE or the identifier"),
        (key("NEW_ONLY"), "need PROFILE or the identifier"),
    ],
)
def test_entries_of_keys_follow_their_rules(refusal, basic, entries, sentence):
    basic["Keys"]["k"] = entries

    message = refusal(**basic)

    assert message.startswith("Keys.k: ")
    assert sentence in message


@pytest.mark.parametrize(
    "identifiers",
    [
        ["PROFILE", "SECONDARY"],
        ["PROFILE", "LOOKUP_ONLY"],
        ["PROFILE", "SECONDARY", "NEW_ONLY"],
        ["ASSET", "LOOKUP_ONLY"],
        ["PROFILE", "LOYALTY"],
        ["AIR_SEGMENT"],
        [],
    ],
)
def test_these_identifiers_go_together(put_type, basic, identifiers):
    basic["Keys"]["k"] = key(*identifiers)

    assert put_type(**basic)["Keys"]["k"] == key(*identifiers)


@pytest.mark.parametrize("name", ["_profileId", "_assetId", "_caseId", "_orderId"])
def test_ids_that_the_service_makes_are_only_looked_up(put_type, refusal, basic, name):
    identifier = {"_profileId": "PROFILE", "_assetId": "ASSET", "_caseId": "CASE"}.get(
        name, "ORDER"
    )
    basic["Keys"][name] = key(identifier)

    assert "must be LOOKUP_ONLY" in refusal(**basic)

    basic["Keys"][name] = key(identifier, "LOOKUP_ONLY")
    put_type(**basic)


def test_there_is_exactly_one_unique_key(refusal, basic):
    basic["Keys"]["_account"] = key("PROFILE")
    assert "exactly one entry with UNIQUE, and has 0" in refusal(**basic)

    basic["Keys"]["_account"] = key("PROFILE", "UNIQUE")
    basic["Keys"]["other"] = key("UNIQUE")
    assert "exactly one entry with UNIQUE, and has 2" in refusal(**basic)


def test_there_is_a_profile_key(refusal, basic):
    basic["Keys"]["_account"] = key("UNIQUE")

    assert refusal(**basic) == "Keys must have at least one entry with PROFILE"


@pytest.mark.parametrize("restriction", ["LOOKUP_ONLY", "NEW_ONLY"])
def test_profiles_that_are_created_must_be_found_again(put_type, refusal, basic, restriction):
    basic["Keys"] = {"account": key("UNIQUE"), "k": key("PROFILE", restriction)}
    assert "PROFILE entry without LOOKUP_ONLY and NEW_ONLY" in refusal(**basic)

    put_type("Other", **{**basic, "AllowProfileCreation": False})
    basic["Keys"]["plain"] = key("PROFILE")
    put_type(**basic)


def test_a_profile_id_key_does_not_need_another(put_type, basic):
    basic["Keys"] = {"account": key("UNIQUE"), "_profileId": key("PROFILE", "LOOKUP_ONLY")}

    put_type(**basic)


def test_the_ticket_example_of_the_guide_is_valid(put_type):
    """Core reference §4.5 [D23]."""
    put_type(
        "Ticket",
        AllowProfileCreation=True,
        Fields={
            "email": {"Source": "_source.email", "ContentType": "EMAIL_ADDRESS"},
            "timestamp": {"Source": "_source.timestamp"},
        },
        Keys={
            "_email": key("PROFILE", "LOOKUP_ONLY", fields=["email"]),
            "ticketEmail": key("PROFILE", "SECONDARY", "NEW_ONLY", fields=["email"]),
            "uniqueTicket": key("UNIQUE", fields=["email", "timestamp"]),
        },
    )


def test_a_targeted_record_needs_a_key_with_its_identifier(put_type, refusal, basic):
    basic["Fields"]["x"] = field("_airBooking.Status")
    assert refusal(**basic) == (
        "Keys must have an entry with AIR_BOOKING, as a field targets _airBooking"
    )

    basic["Keys"]["booking"] = key("AIR_BOOKING")
    put_type(**basic)


def test_entries_of_one_key_have_the_same_content_types(refusal, basic):
    basic["Keys"]["k"] = [*key("PROFILE"), *key("PROFILE", fields=["email"])]

    assert "Keys.k: its entries have fields of different content types" in refusal(**basic)


@pytest.mark.parametrize(
    ("name", "content_type", "is_taken"),
    [
        ("_phone", "PHONE_NUMBER", True),
        ("_phone", "STRING", True),
        ("_phone", "EMAIL_ADDRESS", False),
        ("_account", "NUMBER", True),
        ("_account", "NAME", False),
        ("_fullName", "NAME", True),
        ("_salesforceAccountId", "STRING", True),
    ],
)
def test_predefined_keys_take_fields_of_their_type(
    put_type, refusal, basic, name, content_type, is_taken
):
    basic["Fields"]["x"] = field(ContentType=content_type)
    basic["Keys"] = {"k": key("UNIQUE", "PROFILE"), name: key(fields=["x"])}

    if is_taken:
        put_type(**basic)
    else:
        assert f"Keys.{name}: this predefined key takes fields of type" in refusal(**basic)


def test_predefined_keys_take_one_field_except_the_full_name(put_type, refusal, basic):
    basic["Fields"]["x"] = field()
    basic["Keys"]["_fullName"] = key(fields=["account", "x"])
    put_type(**basic)
    basic["Keys"]["_phone"] = key(fields=["account", "x"])

    assert "Keys._phone: this predefined key takes one field" in refusal(**basic)


def test_a_key_of_the_domain_keeps_its_content_types(client, domain, put_type, refusal, basic):
    basic["Keys"]["shared"] = key("PROFILE", fields=["email"])
    put_type("First", **basic)
    basic["Fields"]["email"]["ContentType"] = "STRING"

    assert refusal("Second", **basic) == (
        "Keys._email: the domain has this key with content types EMAIL_ADDRESS; "
        "the fields here have STRING"
    )
    del basic["Keys"]["_email"]
    assert refusal("Second", **basic).startswith("Keys.shared: the domain has this key")

    client.delete_profile_object_type(DomainName=domain, ObjectTypeName="First")
    put_type("Second", **basic)


def test_a_type_that_alone_uses_a_key_may_change_its_content_types(put_type, refusal, basic):
    basic["Keys"]["own"] = key(fields=["email"])
    put_type(**basic)
    basic["Fields"]["email"]["ContentType"] = "NAME"
    del basic["Keys"]["_email"]
    put_type(**basic)

    basic["Fields"]["email"]["ContentType"] = "STRING"
    assert "content types NAME" in refusal("Other", **basic)


def test_a_key_that_no_type_uses_any_more_is_forgotten(client, domain, put_type, basic):
    basic["Keys"]["own"] = key(fields=["email"])
    put_type(**basic)
    client.search_profiles(DomainName=domain, KeyName="own", Values=["x"])
    del basic["Keys"]["own"]
    put_type(**basic)

    with pytest.raises(client.exceptions.BadRequestException):
        client.search_profiles(DomainName=domain, KeyName="own", Values=["x"])


def test_counts_of_all_types_stay_within_those_of_a_profile(
    client, domain, put_type, refusal, basic
):
    put_type("First", **basic, MaxProfileObjectCount=600)
    assert "must not add up to more than 1000" in refusal(
        "Second", **basic, MaxProfileObjectCount=401
    )

    second = put_type("Second", **basic, MaxProfileObjectCount=400)
    assert second["MaxAvailableProfileObjectCount"] == 0
    first = put_type("First", **basic, MaxProfileObjectCount=100)
    assert first["MaxAvailableProfileObjectCount"] == 500
    items = client.list_profile_object_types(DomainName=domain)["Items"]
    assert [item["MaxAvailableProfileObjectCount"] for item in items] == [500, 500]


def test_the_encryption_key_stays_while_the_data_store_is_on(
    client, domain, put_type, refusal, basic
):
    put_type(**basic, EncryptionKey="key/1")
    put_type(**basic, EncryptionKey="key/2")
    client.update_domain(DomainName=domain, DataStore={"Enabled": True})

    assert "EncryptionKey cannot be changed" in refusal(**basic, EncryptionKey="key/3")
    assert "EncryptionKey cannot be changed" in refusal(**basic)
    put_type(**basic, EncryptionKey="key/2")
    put_type("Other", **basic, EncryptionKey="key/3")


@pytest.mark.parametrize("text", ["a\0b", "_source.a\0b"])
def test_what_cannot_be_stored_is_refused(refusal, basic, text):
    refusal(**basic, Description=text)

    basic["Fields"]["x"] = field(source=text)
    refusal(**basic)


def test_a_refused_type_leaves_nothing_behind(client, domain, refusal, basic):
    basic["Keys"]["own"] = key(fields=["email"])
    refusal(**basic, MaxProfileObjectCount=1001)

    assert client.list_profile_object_types(DomainName=domain)["Items"] == []
    with pytest.raises(client.exceptions.BadRequestException):
        client.search_profiles(DomainName=domain, KeyName="own", Values=["x"])


def test_the_number_of_types_of_a_domain_is_a_setting(client_with, domain, basic):
    client = client_with(object_types_per_domain=1)
    one = {"DomainName": domain, "ObjectTypeName": "One", "Description": "d", **basic}
    client.put_profile_object_type(**one)
    client.put_profile_object_type(**one)

    with pytest.raises(client.exceptions.BadRequestException) as failure:
        client.put_profile_object_type(**{**one, "ObjectTypeName": "Two"})

    message = failure.value.response["Error"]["Message"]
    assert message == "The domain has 1 object types, the most that are allowed"


def test_the_number_of_key_entries_is_a_setting(client_with, domain, basic):
    client = client_with(keys_per_object_type=1)

    with pytest.raises(client.exceptions.BadRequestException) as failure:
        client.put_profile_object_type(
            DomainName=domain, ObjectTypeName="One", Description="d", **basic
        )

    assert failure.value.response["Error"]["Message"] == "Keys has more than 1 entries"

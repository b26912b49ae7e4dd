"""Types of members that operations of our own share, with the constraints of AWS's own."""

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

DomainName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+\Z")]
ObjectTypeName = Annotated[
    str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z_][a-zA-Z_0-9-]*\Z")
]
ProfileId = Annotated[str, Meta(pattern=r"^[a-f0-9]{32}\Z")]
Token = Annotated[str, Meta(min_length=1, max_length=1024)]
PageSize = Annotated[int, Meta(ge=1, le=100)]


class FieldSources(TypedDict):
    """FieldSourceProfileIds of MergeProfiles: from which profile each field is taken."""

    AccountNumber: NotRequired[ProfileId]
    AdditionalInformation: NotRequired[ProfileId]
    PartyType: NotRequired[ProfileId]
    BusinessName: NotRequired[ProfileId]
    FirstName: NotRequired[ProfileId]
    MiddleName: NotRequired[ProfileId]
    LastName: NotRequired[ProfileId]
    BirthDate: NotRequired[ProfileId]
    Gender: NotRequired[ProfileId]
    PhoneNumber: NotRequired[ProfileId]
    MobilePhoneNumber: NotRequired[ProfileId]
    HomePhoneNumber: NotRequired[ProfileId]
    BusinessPhoneNumber: NotRequired[ProfileId]
    EmailAddress: NotRequired[ProfileId]
    PersonalEmailAddress: NotRequired[ProfileId]
    BusinessEmailAddress: NotRequired[ProfileId]
    Address: NotRequired[ProfileId]
    ShippingAddress: NotRequired[ProfileId]
    MailingAddress: NotRequired[ProfileId]
    BillingAddress: NotRequired[ProfileId]
    Attributes: NotRequired[dict[str, ProfileId]]
    ProfileType: NotRequired[ProfileId]
    EngagementPreferences: NotRequired[ProfileId]


MergedIds = Annotated[list[ProfileId], Meta(min_length=1, max_length=20)]
"""ProfileIdsToBeMerged of MergeProfiles."""

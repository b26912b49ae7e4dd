"""Types of members that operations of our own share, with the constraints of AWS's own."""

from typing import Annotated

from msgspec import Meta

DomainName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+\Z")]
ObjectTypeName = Annotated[
    str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z_][a-zA-Z_0-9-]*\Z")
]
ProfileId = Annotated[str, Meta(pattern=r"^[a-f0-9]{32}\Z")]
Token = Annotated[str, Meta(min_length=1, max_length=1024)]
PageSize = Annotated[int, Meta(ge=1, le=100)]

"""What a merge would make, before it is done."""

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound


@pytest.fixture
def preview(merging, invoke, caller):
    """PreviewMerge in the world's domain."""

    def ask(main_id, *merged_ids, **sources):
        parameters = {
            "DomainName": merging.world.name,
            "MainProfileId": main_id,
            "ProfileIdsToBeMerged": list(merged_ids),
            "FieldSourceProfileIds": sources,
        }
        return invoke("PreviewMerge", parameters, caller)

    return ask


def test_a_preview_says_what_the_merge_then_makes(merging, preview):
    create, domain = merging.world.client.create_profile, merging.world.name
    ann = create(DomainName=domain, FirstName="Ann", LastName="Lee")["ProfileId"]
    anne = create(DomainName=domain, FirstName="Anne", PhoneNumber="2065550100")["ProfileId"]

    made = preview(ann, anne, FirstName=anne)

    assert made["LostValues"] == {"FirstName": {ann: "Ann"}}
    assert made["IsTooLarge"] is False
    merging.merge(ann, anne, FirstName=anne)
    [merged] = merging.world.client.search_profiles(
        DomainName=domain, KeyName="_profileId", Values=[ann]
    )["Items"]
    shown = {name: value for name, value in made["Profile"].items() if value is not None}
    assert {**shown, "FoundByItems": merged["FoundByItems"]} == merged


def test_a_preview_refuses_what_the_merge_would(merging, preview):
    create, domain = merging.world.client.create_profile, merging.world.name
    ann, anne, other = (create(DomainName=domain)["ProfileId"] for _ in range(3))

    with pytest.raises(BadRequest, match="among ProfileIdsToBeMerged"):
        preview(ann, ann)
    with pytest.raises(BadRequest, match="none of the merged"):
        preview(ann, anne, FirstName=other)
    with pytest.raises(ResourceNotFound, match="not found"):
        preview(ann, "0" * 32)

"""Merges as people at a browser see them, and undo them."""

import re

import pytest

from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN
from tests.console.test_openid import sign_in


@pytest.fixture
def merge(street):
    """A merge that somebody called for; its path."""
    one, other = street.settle(ANNA, ANNA_AGAIN)
    street.ask("MergeProfiles", MainProfileId=one, ProfileIdsToBeMerged=[other])
    return f"{street.path}/merges/{street.merges()[0]['MergeId']}"


def test_merges_are_listed_with_who_and_why(anybody, street, merge):
    page = anybody.get(f"{street.path}/merges").text

    assert "Anneliese Krawczynski" in page
    assert "A call of MergeProfiles" in page
    assert merge in page


def test_merges_of_one_profile_are_listed(anybody, street, merge):
    street.settle(BELA)

    found = anybody.get(f"{street.path}/merges?profile={street.ids[1]}").text
    none = anybody.get(f"{street.path}/merges?profile={street.ids[2]}").text

    assert merge in found
    assert "Nothing was merged yet" in none


def test_a_merge_of_a_match_says_how_sure_it_was(anybody, street):
    main, other = street.settle(ANNA, ANNA_AGAIN)
    street.run()
    [match_id] = street.waiting()
    merging = {"MainProfileId": main, "ProfileIdsToBeMerged": [other]}
    merge_id = street.ask("DecideReview", MatchId=match_id, Merge=merging)["MergeId"]

    listed = anybody.get(f"{street.path}/merges").text
    receipt = anybody.get(f"{street.path}/merges/{merge_id}").text

    assert "Somebody who reviewed a match" in listed
    assert "% sure" in listed
    assert "<dt>Model</dt>" in receipt
    assert "<dt>Confidence</dt>" in receipt


def test_a_merge_by_a_rule_says_which_rule(anybody, street):
    street.client.update_domain(
        DomainName=street.domain,
        RuleBasedMatching={
            "Enabled": True,
            "MatchingRules": [{"Rule": ["PhoneNumber"]}],
            "MaxAllowedRuleLevelForMerging": 1,
        },
    )
    street.settle(BELA, BELA_AGAIN)

    listed = anybody.get(f"{street.path}/merges").text

    assert "Rule level 1" in listed


def test_a_receipt_says_what_lost_and_what_agreed(anybody, merge):
    page = anybody.get(merge).text

    assert "<del>Krawczynsky</del>" in page
    assert "<dt>First name</dt><dd>Anneliese</dd>" in page
    assert "<dt>tier</dt><dd><del>silver</del></dd>" in page


def test_a_part_of_an_address_is_told_with_its_address(anybody, street):
    moved = {"Address": {"City": "Ashford"}, "ShippingAddress": {"City": "Bray"}}
    one, other = street.settle(ANNA | moved, ANNA | {"ShippingAddress": {"City": "Cork"}})
    street.ask("MergeProfiles", MainProfileId=one, ProfileIdsToBeMerged=[other])

    page = anybody.get(f"{street.path}/merges/{street.merges()[0]['MergeId']}").text

    assert "<dt>Shipping address, City</dt><dd><del>Cork</del></dd>" in page


def test_an_undo_is_looked_at_and_then_done(anybody, street, merge):
    preview = anybody.get(f"{merge}/undo").text
    done = anybody.post(f"{merge}/undo", on=f"{merge}/undo")

    assert "1 profile comes back under its own id" in preview
    assert "Comes back: Anneliese Krawczynsky" in preview
    assert "The merge is undone." in anybody.get(done.location).text
    assert street.merges()[0]["UndoneAt"]
    assert "undone" in anybody.get(f"{street.path}/merges").text


def test_what_was_written_since_stays_and_is_named(anybody, street, merge):
    street.client.update_profile(
        DomainName=street.domain, ProfileId=street.ids[0], LastName="Newname", MiddleName="Added"
    )

    preview = anybody.get(f"{merge}/undo").text

    assert "Written since the merge, stays with the main profile" in preview
    assert "Last name: Newname; Middle name: Added" in preview


def test_an_undo_by_the_second_steward_is_not_done_twice(anybody, admin, street, merge):
    admin.post(f"{merge}/undo", on=f"{merge}/undo")

    late = anybody.post(f"{merge}/undo", on=f"{street.path}/merges")
    looked = anybody.get(f"{merge}/undo")

    assert (late.status_code, looked.status_code) == (400, 400)
    assert "is undone already" in late.text


def test_an_undo_that_needs_another_one_first_says_so(anybody, street, merge):
    [third] = street.settle(BELA)
    street.ask("MergeProfiles", MainProfileId=third, ProfileIdsToBeMerged=[street.ids[0]])

    looked = anybody.get(f"{merge}/undo").text
    listed = anybody.get(f"{street.path}/merges").text
    receipt = anybody.get(merge).text

    assert "This merge cannot be undone" in looked
    assert "A profile that is gone" in listed
    assert re.search(r"<h1>Merge</h1>", receipt)


def test_who_may_only_look_is_told_who_undoes(federated, merge):
    agent = federated()
    sign_in(agent)

    assert "Stewards undo merges; you may look." in agent.get(f"{merge}/undo").text
    assert agent.post(f"{merge}/undo", on=merge).status_code == 403

"""The queue of duplicates and one match of it, as people at a browser see and decide them."""

import re

import pytest

from tests.console.conftest import signed_in
from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO
from tests.console.test_openid import sign_in
from tests.console.visiting import Visitor

NEVER = "0" * 32


def cells(text: str) -> list[str]:
    """What the first column of a table says, without tags."""
    found = re.findall(r'<th scope="row">(.*?)</th>', text, re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", " ", cell).split()) for cell in found]


def decide(visitor, street, match_id, act, **form):
    path = f"{street.path}/duplicates/{match_id}"
    given = {"act": act, "seen": street.ids, "in": street.ids, "main": street.ids[0], **form}
    return visitor.post(path, on=path, **given)


@pytest.fixture
def pair(street):
    """Two profiles of one person, and the MatchId under which they wait."""
    street.settle(ANNA, ANNA_AGAIN)
    street.run()
    [match_id] = street.waiting()
    return match_id


@pytest.fixture
def three(street):
    """Three profiles of one person, and the MatchId under which they wait."""
    street.settle(BELA, BELA_AGAIN, BELA_TOO)
    street.run()
    [match_id] = street.waiting()
    return match_id


def test_what_gains_most_stands_first_and_the_page_says_what_gain_is(anybody, street):
    street.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO)
    street.run()

    page = anybody.get(f"{street.path}/duplicates").text

    first, second = cells(page)
    assert first.startswith("Bela Tarkowski")
    assert second.startswith("Anneliese Krawczynski · Anneliese Krawczynsky a.kraw@kraw.example")
    assert "all but one of its profiles, times its confidence" in page
    assert "<strong>2</strong> matches wait" in page


def test_a_queue_is_filtered_by_confidence(anybody, street, pair):
    nothing = anybody.get(f"{street.path}/duplicates?confidence=doubtful").text
    sure = anybody.get(f"{street.path}/duplicates?confidence=sure").text
    all_of_them = anybody.get(f"{street.path}/duplicates?confidence=nonsense&kind=nonsense").text

    assert "No match is in this range" in nothing
    assert f"/duplicates/{pair}?confidence=sure" in sure
    assert len(cells(all_of_them)) == 1


def test_a_place_of_an_earlier_run_leads_to_the_beginning(anybody, street, pair):
    assert street.waiting() == [pair]
    page = anybody.get(f"{street.path}/duplicates?after=nonsense")

    assert (page.status_code, len(cells(page.text))) == (200, 1)
    assert anybody.get(f"{street.path}-none/duplicates").status_code == 404


def test_a_queue_without_a_run_says_what_to_do(anybody, street):
    off = anybody.get(f"{street.path}/duplicates").text
    street.client.update_domain(DomainName=street.domain, Matching={"Enabled": True})
    on = anybody.get(f"{street.path}/duplicates").text

    assert "Matching is off" in off
    assert "nothing is merged by that" in off
    assert "Nobody has looked for duplicates yet" in on


def test_a_run_is_started_watched_and_cancelled(anybody, street):
    queue = f"{street.path}/duplicates"
    assert anybody.post(f"{queue}/runs", on=queue).status_code == 303
    page = anybody.get(queue).text
    assert "Waits for a job worker" in page
    [cancel] = re.findall(r'action="([^"]*/cancel)"', page)
    watch = cancel.removesuffix("/cancel")

    again = anybody.post(f"{queue}/runs", on=queue)
    assert "is under way" in anybody.get(again.location).text
    assert "Waits for a job worker" in anybody.part(watch).text
    assert anybody.get(watch).location == queue

    cancelled = anybody.post(cancel, on=queue)
    assert "The run is cancelled." in anybody.get(cancelled.location).text
    assert "The last run did not come to its end: The job was cancelled." in anybody.get(queue).text
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    part = anybody.send(cancel, {"csrf_token": anybody.proof(queue)}, **headers)
    assert "did not come to its end" in part.text


def test_a_run_that_has_ended_says_what_it_found(anybody, street):
    street.settle(ANNA, ANNA_AGAIN)
    job_id = street.run()

    part = anybody.part(f"{street.path}/duplicates/runs/{job_id}").text

    assert "2 profiles compared, 1 matches found" in part
    # The part takes the place of what asked for it, inside the card of the page.
    assert "card" not in part


def test_when_all_is_decided_the_queue_says_so(anybody, street, pair):
    one, other = street.ids
    assert street.waiting() == [pair]
    street.ask("DecideNotSame", ProfileId=one, OtherProfileId=other)

    page = anybody.get(f"{street.path}/duplicates").text

    assert "All is decided" in page


def test_what_rules_find_waits_with_its_rule(anybody, street):
    assert "Rules are off" in anybody.get(f"{street.path}/duplicates?kind=rules").text
    street.rules()
    assert "The rules match nobody" in anybody.get(f"{street.path}/duplicates?kind=rules").text
    street.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN)

    page = anybody.get(f"{street.path}/duplicates?kind=rules").text

    assert len(cells(page)) == 2
    assert "level 1" in page
    assert "PhoneNumber + LastName" in page


def test_matches_of_rules_lead_on_and_back(anybody, street):
    street.rules()
    street.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN)
    one, other = street.waiting(Kind="RULES")

    first = anybody.get(f"{street.path}/duplicates/{one}?kind=rules").text
    [onward] = re.findall(r'href="([^"]*)" rel="next"', first)
    second = anybody.get(onward.replace("&amp;", "&")).text

    assert "EmailAddress agree." in first
    assert other in onward
    assert re.search(rf'href="[^"]*/{one}\?kind=rules" rel="prev"', second)
    assert "Show the evidence" not in second


def test_a_match_shows_what_agrees_and_what_differs(anybody, street, pair):
    page = anybody.get(f"{street.path}/duplicates/{pair}").text

    assert "1 Oak Street\n90001 Ashford" in page
    assert page.count("differs from the main profile") == 2 * 2
    assert "the main profile has none" in page
    assert 'name="from.Attributes.tier"' in page
    assert 'name="from.FirstName"' not in page
    assert "2 fields differ" in page


def test_the_result_follows_what_is_chosen(anybody, street, pair):
    one, other = street.ids
    path = f"{street.path}/duplicates/{pair}"
    form = {
        "csrf_token": anybody.proof(path),
        "main": one,
        "in": street.ids,
        "from.LastName": other,
        "from.Attributes.tier": other,
        "from.FirstName": NEVER,
    }

    part = anybody.send(f"{path}/preview", form).text

    assert '<span class="value">Krawczynsky</span> <del>' in part
    assert '<span class="value">silver</span> <del>' in part
    assert "2 values lose" in part


def test_the_result_is_shown_on_the_whole_page_without_scripts(anybody, street, pair):
    other = street.ids[1]

    page = decide(anybody, street, pair, "preview", main=other)

    assert page.status_code == 200
    assert re.search(rf'name="main" value="{other}" checked', page.text)
    assert '<span class="value">Krawczynsky</span> <del>' in page.text


def test_a_match_is_merged_as_chosen_and_can_be_undone(anybody, street, pair):
    one, other = street.ids

    done = decide(anybody, street, pair, "merge", main=other, **{"from.LastName": one})

    [merge] = street.merges()
    assert (merge["MainProfileId"], merge["Cause"]) == (other, "review")
    assert done.location == f"{street.path}/duplicates?merged={merge['MergeId']}"
    assert f"/merges/{merge['MergeId']}/undo" in anybody.get(done.location).text
    receipt = street.ask("GetMerge", MergeId=merge["MergeId"])
    assert receipt["LostValues"]["LastName"] == {other: "Krawczynsky"}


def test_after_a_decision_the_next_match_comes(anybody, street):
    annas = street.settle(ANNA, ANNA_AGAIN)
    street.settle(BELA, BELA_AGAIN, BELA_TOO)
    street.run()
    first, second = street.waiting()
    belas = street.ids[2:]

    done = decide(anybody, street, first, "merge", seen=belas, main=belas[0], **{"in": belas})

    assert done.location.startswith(f"{street.path}/duplicates/{second}?merged=")
    page = anybody.get(done.location).text
    assert "This is the next match." in page
    assert annas[0] in page


def test_a_match_is_left_for_later_and_stands_at_the_end(anybody, street):
    street.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO)
    street.run()
    first, second = street.waiting()

    onward = decide(anybody, street, first, "later")

    assert onward.location == f"{street.path}/duplicates/{second}"
    one, other = cells(anybody.get(f"{street.path}/duplicates").text)
    assert "left for later" not in one
    assert other.startswith("Bela Tarkowski left for later")
    assert street.waiting() == [first, second]


def test_a_match_is_decided_apart_for_good(anybody, street, pair):
    done = decide(anybody, street, pair, "apart")

    assert "decided not to be the same" in anybody.get(done.location).text
    assert street.waiting() == []
    street.run()
    assert street.waiting() == []


def test_one_of_three_is_left_out_and_remembered(anybody, street, three):
    one, other, _ = street.ids

    decide(anybody, street, three, "merge", left_out_apart="yes", **{"in": [one, other]})

    assert street.merges()[0]["MergedProfileIds"] == [other]
    assert street.waiting() == []
    page = anybody.get(f"{street.path}/duplicates/{three}").text
    assert "not the same as" in page


def test_one_of_three_is_left_out_and_waits_on(anybody, street, three):
    one, other, _ = street.ids
    sources = {"from.AccountNumber": street.ids[2]}

    decide(anybody, street, three, "merge", main=other, **{"in": [one], **sources})

    assert street.merges()[0]["MergedProfileIds"] == [one]
    assert street.waiting() == [three]


def test_one_profile_alone_cannot_be_merged(anybody, street, three):
    one = street.ids[0]

    refused = decide(anybody, street, three, "merge", **{"in": [one]})
    part = anybody.send(
        f"{street.path}/duplicates/{three}/preview",
        {"csrf_token": anybody.proof(f"{street.path}/duplicates"), "main": one, "in": [one]},
    )

    assert refused.status_code == 422
    assert "Choose two profiles at least" in refused.text
    assert "Choose two profiles at least" in part.text
    assert street.merges() == []
    assert decide(anybody, street, three, "merge", seen=[]).status_code == 422


def test_the_second_steward_is_told_who_merged_meanwhile(anybody, admin, street, three):
    one, other, _ = street.ids
    decide(admin, street, three, "merge", **{"in": [one, other]})

    late = decide(anybody, street, three, "merge", main=other)

    assert late.status_code == 409
    assert "Somebody was quicker." in late.text
    assert "Merged by <strong>ada</strong>" in late.text
    assert len(street.merges()) == 1


def test_the_second_steward_is_told_that_they_were_parted(anybody, admin, street, pair):
    decide(admin, street, pair, "apart")

    late = decide(anybody, street, pair, "merge")

    assert late.status_code == 409
    assert "were decided not to be the same" in late.text
    assert street.merges() == []


def test_who_is_late_for_a_whole_match_is_told(anybody, admin, street, pair):
    decide(admin, street, pair, "merge")

    path = f"{street.path}/duplicates/{pair}"
    form = {"csrf_token": anybody.proof(f"{street.path}/duplicates"), "act": "apart"}
    late = anybody.send(path, {**form, "seen": street.ids, "main": street.ids[0]})
    looked = anybody.get(path)

    assert (late.status_code, looked.status_code) == (409, 404)
    assert "There is no such match any more" in late.text
    assert "Merged by <strong>ada</strong>" in looked.text
    assert len(street.merges()) == 1


def test_evidence_is_drawn_and_told(anybody, street, pair):
    path = f"{street.path}/duplicates/{pair}/evidence"

    page, part = anybody.get(path).text, anybody.part(path).text

    assert "<svg" in page
    assert "The evidence adds up to" in page
    assert "<td>same, held by one person</td>" in part
    assert "One household" in part
    assert "<html" not in part


def test_each_pair_of_three_has_its_evidence(anybody, street, three):
    path = f"{street.path}/duplicates/{three}/evidence"
    _, other, third = street.ask("GetReview", MatchId=three)["ProfileIds"]

    first = anybody.part(path).text
    last = anybody.part(f"{path}?one={other}&other={third}").text

    assert re.search('aria-current="true">A and B<', first)
    assert re.search('aria-current="true">B and C<', last)


def test_evidence_that_is_not_there_is_said(anybody, street):
    street.rules()
    street.settle(ANNA, ANNA_AGAIN)
    [match_id] = street.waiting(Kind="RULES")

    page = anybody.get(f"{street.path}/duplicates/{match_id}/evidence?kind=rules").text

    assert "Nothing is known of this domain yet" in page


def test_decisions_are_listed_and_taken_back(anybody, street, pair):
    listed = f"{street.path}/duplicates/not-the-same"
    assert "Nobody was decided apart" in anybody.get(listed).text
    decide(anybody, street, pair, "apart")
    one, other = street.ids
    assert len(cells(anybody.get(listed).text)) == 1

    back = anybody.post(listed, on=listed, one=one, other=other)
    assert "The decision is taken back" in anybody.get(back.location).text
    again = anybody.post(listed, on=f"{street.path}/duplicates", one=one, other=other)
    assert "Somebody took it back already." in anybody.get(again.location).text
    assert street.waiting() == [pair]


def test_a_decision_about_a_profile_that_is_gone_is_still_listed(anybody, street):
    one, other, main = street.settle(BELA, {}, {})
    street.ask("DecideNotSame", ProfileId=one, OtherProfileId=other)
    street.ask("MergeProfiles", MainProfileId=main, ProfileIdsToBeMerged=[one])

    [cell] = cells(anybody.get(f"{street.path}/duplicates/not-the-same").text)

    assert "A profile that is gone" in cell
    assert "Without a name" in cell


def test_who_may_only_look_sees_no_buttons_and_is_told(federated, street, pair):
    agent = federated()
    sign_in(agent)

    page = agent.get(f"{street.path}/duplicates/{pair}").text

    assert "You may look at matches." in page
    assert 'value="merge"' not in page


def test_who_may_not_list_merges_is_still_told_what_happened(console, keys, street, pair):
    one, other = street.ids
    street.ask("MergeProfiles", MainProfileId=one, ProfileIdsToBeMerged=[other])
    narrow = signed_in(Visitor(console), keys.make(name="narrow", PolicyDocument=ONLY_REVIEWS))

    page = narrow.get(f"{street.path}/duplicates/{pair}")

    assert page.status_code == 404
    assert "Merged by" not in page.text


ONLY_REVIEWS = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",
"Action": ["profile:GetReview", "profile:ListReviews"]}]}"""


def test_a_large_group_comes_in_parts_beside_its_first_profile(anybody, street):
    street.settle(*([ANNA] * 23))
    street.run()
    [match] = street.waiting()
    here = f"{street.path}/duplicates/{match}"
    ids = street.ask("GetReview", MatchId=match)["ProfileIds"]

    first, second = anybody.get(here).text, anybody.get(f"{here}?part=1").text
    beyond = anybody.get(f"{here}?part=9").text
    form = {"main": ids[0], "in": [ids[0], *ids[20:]], "seen": [ids[0], *ids[20:]], "act": "merge"}
    anybody.post(f"{here}?part=1", on=here, **form)

    assert 'aria-current="true">1 to 20</a>' in first
    assert 'aria-current="true">21 to 23</a>' in second
    shown = [one for one in ids if f'name="main" value="{one}"' in second]
    assert shown == [ids[0], *ids[20:]]
    assert 'aria-current="true">1 to 20</a>' in beyond
    assert set(street.merges()[0]["MergedProfileIds"]) == set(ids[20:])

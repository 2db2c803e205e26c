"""The page of absences, the notice that one is away, and what deputies see of it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from approvals.models import Absence, ApprovalRequest, Decision
from tests.factories import absence, approval_request, person, policy, read_for_search, run, submission
from tests.policies import opened, step
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
PAGE = "/account/away/"


@pytest.fixture
def anna(signed_in: SignIn) -> Client:
    """The browser of somebody who decides, with a colleague to name."""
    person("ben", "finance", last_name="Berg")
    person("anna", "managers", time_zone="Europe/Lisbon")
    return signed_in("anna", "managers")


def typed(**fields: object) -> dict[str, object]:
    return {"deputy": "ben", "until": f"{timezone.now() + timedelta(days=3):%Y-%m-%dT%H:%M}", **fields}


def decide(client: Client, request: ApprovalRequest, choice: str = "approved") -> None:
    shown = client.get(f"/requests/{request.approval_id}/").context["shown"]
    client.post(f"/requests/{request.approval_id}/decide/", {"choice": choice, "comment": "", "shown": shown})


def test_a_deputy_is_named_on_the_page_and_a_banner_says_so_everywhere(anna: Client) -> None:
    answer = anna.post(PAGE, typed(workflows=["expense", "loan"], reason="Leave"))
    assert answer["Location"] == PAGE
    assert Absence.objects.get().only == ("expense", "loan")
    page = anna.get(PAGE).text
    assert "answers for you until" in page
    assert "Only for: expense, loan" in page
    home = anna.get("/").text
    assert "Ben Berg is in none of your groups; they answer for you all the same." in page
    assert "You are away until" in home
    assert "<bdi>Ben Berg</bdi> answers for you (expense, loan)" in home


def test_a_deputy_of_ones_own_group_needs_no_warning(anna: Client) -> None:
    person("mia", "managers")
    anna.post(PAGE, typed(deputy="mia"))
    assert "none of your groups" not in anna.get(PAGE).text


@pytest.mark.parametrize(
    ("zone", "begin", "end"), [("Europe/Lisbon", "18:00", "09:30"), ("Africa/Cairo", "16:00", "07:30")]
)
def test_times_are_of_the_persons_zone(signed_in: SignIn, zone: str, begin: str, end: str) -> None:
    person("ben")
    person("anna", time_zone=zone)
    # Lisbon is on UTC in winter, Cairo two hours ahead of it.
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC)):
        signed_in("anna").post(PAGE, typed(starts_at="2026-12-24T18:00", until="2026-12-31T09:30"))
    made = Absence.objects.get()
    assert (f"{made.starts_at:%H:%M}", f"{made.until:%H:%M}") == (begin, end)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"deputy": "anna"}, "Nobody is their own deputy. Choose somebody else."),
        ({"deputy": "zed"}, "Nobody here is called zed. Write a full name or a username."),
        ({"until": "2020-01-01T10:00"}, "This time is over. Choose one that is still to come."),
        ({"until": "soon"}, "Write day and time as year-month-day hours:minutes"),
        ({"workflows": ["lunch"]}, "lunch is not one of the available choices"),
        ({"reason": "x" * 201}, "This is too long: it has 201 characters"),
        ({"until": ""}, "Say until when you are away: write day and time, such as 2026-12-24 18:00."),
        ({"deputy": ""}, "Say who answers meanwhile: write a full name or a username."),
        ({"deputy": ""}, "Nothing was saved yet. Please look at this point:"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    anna: Client, fields: dict[str, object], words: str
) -> None:
    answer = anna.post(PAGE, typed(**fields))
    assert answer.status_code == 422
    assert words in answer.text
    assert not Absence.objects.exists()


def test_people_are_found_by_the_beginning_of_a_name_from_the_second_letter_on(anna: Client) -> None:
    person("bert", is_active=False)
    assert "<option" not in anna.get(f"{PAGE}people/?deputy=b").text
    listed = anna.get(f"{PAGE}people/?deputy=be").text
    assert '<option value="Ben Berg (ben)"></option>' in listed
    assert "bert" not in listed
    assert "anna" not in anna.get(f"{PAGE}people/?deputy=an").text


def test_it_is_ended_from_the_banner_and_only_by_a_post_of_ones_own(anna: Client, signed_in: SignIn) -> None:
    made = absence("anna", "ben")
    assert anna.get(f"{PAGE}{made.pk}/end/").status_code == 405
    assert signed_in("ben").post(f"{PAGE}{made.pk}/end/").status_code == 404
    assert anna.post(f"{PAGE}{made.pk}/end/")["Location"] == PAGE
    made.refresh_from_db()
    assert made.ended_at is not None
    page = anna.get(PAGE).text
    assert "Ended early" in page
    assert "You are away until" not in page


def test_what_is_to_come_is_changed_and_what_runs_is_not(anna: Client) -> None:
    begin = timezone.now() + timedelta(days=2)
    coming = absence("anna", "ben", starts_at=begin, until=begin + timedelta(days=1))
    page = anna.get(f"{PAGE}{coming.pk}/")
    assert 'value="ben"' in page.text
    person("carl")
    answer = anna.post(f"{PAGE}{coming.pk}/", typed(deputy="carl", starts_at=f"{begin:%Y-%m-%dT%H:%M}"))
    assert answer["Location"] == PAGE
    coming.refresh_from_db()
    assert coming.deputy.username == "carl"
    running = absence("anna", "ben")
    assert anna.get(f"{PAGE}{running.pk}/")["Location"] == PAGE


def test_the_queue_marks_what_the_deputy_answers_for_somebody(signed_in: SignIn) -> None:
    theirs = approval_request(title="Train to Porto")
    own = approval_request(title="Own affair", policy=policy("finance"))
    person("anna", "managers")
    ben = signed_in("ben", "finance")
    absence("anna", "ben")
    page = ben.get("/queue/")
    marks = {row.pk: getattr(row, "waits_for_person", None) for row in page.context["rows"]}
    assert marks == {theirs.pk: person("anna"), own.pk: None}
    assert page.text.count("for <bdi>Anna</bdi>") == 1
    assert '2<span class="visually-hidden"> waiting for you' in page.text
    assert "for <bdi>Anna</bdi>" in ben.get("/").text
    found = ben.get("/queue/?tab=all")
    assert {row.pk for row in found.context["rows"]} == {theirs.pk, own.pk}


def test_of_several_who_are_away_the_mark_names_the_one_whose_answer_it_is(signed_in: SignIn) -> None:
    request = approval_request(policy=policy("managers", required=2))
    for name in ("anna", "adam"):
        person(name, "managers")
        absence(name, "ben")
    adam = signed_in("anna")
    decide(adam, request)
    [row] = signed_in("ben").get("/queue/").context["rows"]
    assert row.waits_for_person == person("adam")


def test_the_page_of_a_request_says_for_whom_and_the_answer_shows_both(signed_in: SignIn) -> None:
    begun = run(requester="rita")
    sent = submission(person("rita"), state="submitted", run_name=begun.run_name, submitted_at=timezone.now())
    request = approval_request(run_name=begun.run_name)
    person("anna", "managers")
    person("ben")
    absence("anna", "ben")
    ben = signed_in("ben")
    waits = signed_in("rita").get(f"/submissions/{sent.ref}/").text
    assert "away; <bdi>Ben</bdi> may answer" in waits
    page = ben.get(f"/requests/{request.approval_id}/").text
    assert "You answer for Anna, who is away until" in page
    decide(ben, request)
    assert Decision.objects.get().for_person == person("anna")
    after = ben.get(f"/requests/{request.approval_id}/").text
    assert "<bdi>Ben for Anna</bdi>" in after
    rita = signed_in("rita")
    way = rita.get(f"/submissions/{sent.ref}/").text
    assert '<bdi>Ben</bdi></span> for <span class="person" title="anna">' in way
    told = rita.get(f"/requests/{request.approval_id}/").text
    assert "Ben for Anna" in told
    late = signed_in("anna").get(f"/requests/{request.approval_id}/").text
    assert "Ben for Anna" in late


def test_what_was_settled_elsewhere_shows_both_from_the_item(signed_in: SignIn) -> None:
    votes = [{"by": "ben", "for": "anna", "decision": "approved"}]
    decision = {"decision": "approved", "decided_by": "ben", "comments": "", "votes": votes}
    request = approval_request(status="approved", decision=decision, settled_at=timezone.now())
    person("ben"), person("anna")
    assert request.decided_for == "anna"
    page = signed_in("rita").get(f"/requests/{request.approval_id}/").text
    assert '<bdi>Ben</bdi></span> for <span class="person" title="anna">' in page


def test_somebody_who_is_neither_sees_nothing_of_it(signed_in: SignIn) -> None:
    person("anna", "managers")
    absence("anna", "ben")
    page = signed_in("zoe").get(PAGE).text
    assert "Anna" not in page
    assert "You are away" not in page


def test_a_search_finds_what_the_deputy_answers(signed_in: SignIn) -> None:
    approval_request(title="Train to Porto")
    person("anna", "managers")
    absence("anna", "ben")
    read_for_search()
    ben = signed_in("ben")
    assert "Train to Porto" in ben.get("/queue/?q=porto").text
    assert "Train to Porto" not in ben.get("/queue/?q=lyon").text


def test_the_explanation_says_why_a_deputy_may(signed_in: SignIn) -> None:
    request = approval_request()
    person("anna", "managers")
    absence("anna", "ben")
    page = signed_in("ben").get(f"/requests/{request.approval_id}/explain/").text
    assert "They answer for somebody who is away" in page
    assert "Anna is away until" in page


def test_a_row_that_the_deputy_answered_says_so_to_whoever_looks_and_leaves(signed_in: SignIn) -> None:
    request = approval_request(policy=policy("managers", required=2))
    anna = signed_in("anna", "managers")
    seen = anna.get("/queue/").context
    absence("anna", "ben")
    decide(signed_in("ben"), request)
    address = f"/queue/?seen={seen['digest']}&rows={seen['shown']}"
    assert "Ben has answered for you" in anna.get(address, headers={"HX-Request": "true"}).text


def test_what_a_request_waits_for_names_the_groups_of_its_step(signed_in: SignIn) -> None:
    person("fay", "finance")
    request = opened(step("finance"), request={"policy": policy("managers", "finance")})
    waiting = signed_in("rita").get(f"/requests/{request.approval_id}/").context["waiting"]
    assert (waiting.groups, [one.person.username for one in waiting.people]) == (["finance"], ["fay"])


def test_a_deputy_whose_time_ended_over_an_open_page_is_told_so_and_loses_no_word(signed_in: SignIn) -> None:
    request = approval_request()
    person("anna", "managers")
    away = absence("anna", "ben")
    ben = signed_in("ben", "finance")
    address = f"/requests/{request.approval_id}/"
    shown = ben.get(address).context["shown"]
    Absence.objects.filter(pk=away.pk).update(ended_at=timezone.now())
    form = {"shown": shown, "choice": "rejected", "comment": "No receipt."}
    late = ben.post(f"{address}decide/", form)
    assert late.status_code == 403
    assert "This is not yours to answer any more" in late.text
    assert "No receipt." in late.text
    assert not Decision.objects.exists()
    # Nobody learns of a request so that they were never shown.
    assert signed_in("cleo").post(f"{address}decide/", form).status_code == 404


def test_many_answered_at_once_say_for_whom_before_and_after(signed_in: SignIn) -> None:
    theirs, own = approval_request(), approval_request(policy=policy("finance"))
    person("anna", "managers")
    absence("anna", "ben")
    ben = signed_in("ben", "finance")
    shown = ben.get("/queue/many/", {"choice": "approved", "pick": [theirs.pk, own.pk], "query": "tab=mine"})
    assert shown.text.count("for <bdi>Anna</bdi>") == 1
    ben.post("/queue/many/decide/", {"sealed": shown.context["sealed"], "comment": "", "query": "tab=mine"})
    given = dict(Decision.objects.values_list("request__pk", "for_person__username"))
    assert given == {theirs.pk: "anna", own.pk: None}

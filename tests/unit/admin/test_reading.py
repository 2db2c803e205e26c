"""The record looks and reads like the rest of the portal."""

import ast
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

import approvals
from approvals.admin.words import ACTIONS, PARTS, action_words
from approvals.models import AuditEvent, Delivery, Pulse, User
from approvals.models.audit import Actor
from approvals.models.mirror import RunStatus
from tests.factories import approval_request, person, policy, run

pytestmark = pytest.mark.django_db
PAGES = ["/admin/", "/admin/approvals/auditevent/", "/admin/password_change/", "/admin/approvals/user/add/"]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_the_portals_header_stands_above_every_page(as_admin: Client, address: str) -> None:
    text = page(as_admin, address)
    assert '<nav class="nav" aria-label="Main">' in text
    assert re.search(r'href="/admin/" aria-current="page">Admin<', text)
    assert "admin/css/base.css" not in text
    assert "<style" not in text
    assert "Welcome" not in text


def test_tabs_lead_to_what_the_person_may_read(auditor: Client) -> None:
    text = page(auditor, "/admin/approvals/auditevent/")
    assert 'href="/admin/approvals/auditevent/" aria-current="page"' in text
    assert 'href="/admin/approvals/decision/"' in text
    assert 'href="/admin/approvals/user/"' not in text


def test_admins_find_the_accounts_among_the_tabs(as_admin: Client) -> None:
    assert 'href="/admin/approvals/user/"' in page(as_admin, "/admin/")


def test_the_page_of_all_subjects_is_the_overview(auditor: Client) -> None:
    assert auditor.get("/admin/approvals/")["Location"] == "/admin/"


def test_a_failed_run_needs_an_admin_here_as_on_the_first_page(auditor: Client) -> None:
    run(title="Broken on the way", status=RunStatus.FAILED)
    for address in ("/", "/admin/"):
        text = page(auditor, address)
        assert "Broken on the way" in text
        assert "Nothing is stuck" not in text


def test_a_booking_that_could_not_be_cancelled_stands_among_what_needs_attention(auditor: Client) -> None:
    person("otto", "operators")
    asked = {"workflow": "travel", "stage": "undo-hotel", "kind": "question", "policy": policy("operators")}
    open_one = approval_request(title="Cancel the hotel of Ada Obi: Oslo to Lyon", **asked)
    approval_request(title="Cancel the car of long ago", status="approved", **asked)
    for address in ("/", "/admin/"):
        text = page(auditor, address)
        assert f'href="/requests/{open_one.approval_id}/"' in text
        assert "Operators are asked" in text
        assert "Cancel the car of long ago" not in text


def test_signs_of_life_have_names(auditor: Client) -> None:
    Pulse.objects.create(name="aws", at=timezone.now())
    assert "<strong>AWS</strong>" in page(auditor, "/admin/")


def test_a_line_tells_its_action_and_actor_in_words_with_the_code_beside(auditor: Client) -> None:
    AuditEvent.objects.record(Actor.system("outbox"), "request.voted", "request:expense-aaa1.manager", "approved")
    rows = page(auditor, "/admin/approvals/auditevent/").split('id="result_list"')[1]
    assert '<span title="request.voted">Answered</span>' in rows
    assert '<bdi title="system:outbox">Countersign (outbox)</bdi>' in rows


def test_times_are_one_line_in_the_readers_zone(client: Client) -> None:
    client.force_login(person("olga", "auditors", time_zone="Asia/Tokyo"))
    AuditEvent.objects.record(Actor("anna"), "request.voted", "request:expense-aaa1.manager")
    request = approval_request()
    for subject in ("auditevent", "approvalrequest"):
        rows = page(client, f"/admin/approvals/{subject}/").split('id="result_list"')[1]
        assert re.search(r">\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d:\d\d JST<", rows), subject
    assert "JST" in page(client, f"/admin/approvals/approvalrequest/{request.pk}/change/")


def test_filters_speak_words(auditor: Client) -> None:
    AuditEvent.objects.record(Actor("anna"), "request.voted", "request:expense-aaa1.manager")
    assert re.search(r'\?done=request.voted"[^>]*>Answered<', page(auditor, "/admin/approvals/auditevent/"))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("request.vote_refused", "Answer refused"),
        ("attachment.remove_refused", "Removal refused"),
        ("parcel.left_behind", "Parcel left behind"),
    ],
)
def test_a_code_without_words_of_its_own_still_reads(code: str, words: str) -> None:
    assert action_words(code) == words


def test_every_code_that_the_product_records_has_words() -> None:
    codes, parts = set(), set()
    for source in Path(approvals.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(source.read_text())):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if call.func.attr in {"record", "line"}:
                codes.update(text for text in texts if re.fullmatch(r"[a-z]+\.[a-z_]+", text))
            if call.func.attr == "system":
                parts.update(f"system:{text}" for text in texts)
    assert len(codes) > 15
    assert {code for code in codes if code not in ACTIONS and not code.endswith("_refused")} == set()
    assert parts <= PARTS.keys()


def test_an_admin_puts_a_person_into_a_group_by_ticking_it(as_admin: Client) -> None:
    person("anna", "managers")
    text = page(as_admin, f"/admin/approvals/user/{User.objects.get(username='anna').pk}/change/")
    assert re.search(r'<input type="checkbox" name="groups"[^>]* checked', text)


def test_a_stuck_delivery_can_be_sent_again_from_the_list(as_admin: Client) -> None:
    Delivery.objects.create(
        key="start:expense-aaa1", kind="start", state=Delivery.State.STUCK, payload="{}", next_try_at=timezone.now()
    )
    text = page(as_admin, "/admin/approvals/delivery/")
    assert "Send the stuck ones again" in text
    assert 'src="/static/admin/js/actions.js"' in text

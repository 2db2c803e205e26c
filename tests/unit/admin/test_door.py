"""Who gets into the record."""

import pytest
from django.test import Client

from approvals.models import AuditEvent, User
from tests.factories import approval_request, person

pytestmark = pytest.mark.django_db

SUBJECTS = ["approvalrequest", "run", "submission", "comment", "decision", "vote", "delivery", "auditevent"]


def test_a_stranger_is_sent_to_the_portals_own_sign_in(client: Client) -> None:
    answer = client.get("/admin/approvals/run/", follow=False)
    assert answer.status_code == 302
    assert "next=" in answer["Location"]


def test_an_approver_is_refused_and_the_attempt_is_on_the_record(client: Client) -> None:
    client.force_login(person("anna", "managers"))
    assert client.get("/admin/approvals/run/", follow=True).status_code == 403
    event = AuditEvent.objects.get(action="admin.refused")
    assert (event.actor, event.data["why"], event.object_id) == ("anna", "not_auditor", "/admin/approvals/run/")


def test_staff_without_the_group_is_refused(client: Client) -> None:
    client.force_login(person("sam", is_staff=True))
    assert client.get("/admin/", follow=True).status_code == 403


def test_leaving_the_group_closes_the_door_at_the_next_request(auditor: Client) -> None:
    assert auditor.get("/admin/").status_code == 200
    User.objects.get(username="olga").groups.clear()
    assert auditor.get("/admin/", follow=True).status_code == 403


def test_an_account_made_inactive_is_out_at_the_next_request(auditor: Client) -> None:
    User.objects.filter(username="olga").update(is_active=False)
    assert auditor.get("/admin/approvals/run/").status_code == 302


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_auditor_reads_every_subject(auditor: Client, subject: str) -> None:
    assert auditor.get(f"/admin/approvals/{subject}/").status_code == 200


@pytest.mark.parametrize("subject", SUBJECTS)
def test_nobody_adds_to_the_record_by_hand(as_admin: Client, subject: str) -> None:
    assert as_admin.get(f"/admin/approvals/{subject}/add/").status_code == 403


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_nobody_changes_or_deletes_a_request(as_admin: Client, verb: str) -> None:
    request = approval_request()
    assert (
        as_admin.post(f"/admin/approvals/approvalrequest/{request.pk}/{verb}/", {"status": "approved"}).status_code
        == 403
    )
    request.refresh_from_db()
    assert request.status == "pending"


@pytest.mark.parametrize("page", ["/admin/approvals/user/", "/admin/auth/group/", "/admin/approvals/user/add/"])
def test_accounts_are_for_admins_only(auditor: Client, page: str) -> None:
    assert auditor.get(page).status_code == 403


def test_an_admin_sees_accounts(as_admin: Client) -> None:
    assert as_admin.get("/admin/approvals/user/").status_code == 200
    assert as_admin.get("/admin/auth/group/").status_code == 200

"""What an e-mail says: plain text, no more of the request than its title, and a link to the page that has the rest."""

from django.conf import settings
from django.template.loader import render_to_string

from approvals.models import Mail, Submission
from approvals.models.text import clean, one_line

LONGEST_SUBJECT = 120


def letter(mail: Mail) -> tuple[str, str]:
    """Return subject and text."""
    request, person = mail.request, mail.recipient
    is_requester = person.username == request.requester
    submission = Submission.objects.filter(run_name=request.run_name, requester=person).first()
    title = one_line(clean(request.title)) or request.approval_id
    context = {
        "name": person.first_name or person.username,
        "title": title,
        "how": request.orphaned,
        "is_requester": is_requester,
        "again": f"{settings.PORTAL_URL}/submissions/{submission.ref}/" if is_requester and submission else "",
        "page": f"{settings.PORTAL_URL}/requests/{request.approval_id}/",
    }
    subject = f"{'Ended without an answer' if is_requester else 'No longer needs you'}: {title}"
    return subject[:LONGEST_SUBJECT], render_to_string("approvals/mail/orphaned.txt", context)

"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from approvals.web import (
    account,
    attachments,
    comments,
    decide,
    email_links,
    home,
    notification_preferences,
    notifications,
    queue,
    requests,
    runs,
    sign_in,
    submissions,
    submit,
    theme,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/notifications/", notification_preferences.preferences, name="notification_preferences"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.mark_read, name="read_notifications"),
    path("notifications/<int:key>/", notifications.open_notification, name="notification"),
    # What this begins with is kept out of logs (portal/logs.py).
    path("by-mail/<str:token>/", email_links.open_link, name="email_link"),
    path("theme/", theme.set_theme, name="theme"),
    path("queue/", queue.queue, name="queue"),
    # An id is the producer's to choose and may hold a slash, so the plain address comes last.
    path("requests/<path:approval_id>/decide/", decide.decide_request, name="decide"),
    path("requests/<path:approval_id>/close/", decide.close, name="close_request"),
    path("requests/<path:approval_id>/comments/", comments.add_comment, name="comment"),
    path("requests/<path:approval_id>/receipt/", requests.receipt, name="receipt"),
    path("requests/<path:approval_id>/live/", requests.live, name="request_live"),
    path("requests/<path:approval_id>/", requests.request_page, name="request"),
    path("submit/", submit.choose, name="submit"),
    path("submit/<slug:workflow>/", submit.submit_form, name="submit_form"),
    path("submit/<slug:workflow>/receipts/", submit.upload, name="upload"),
    path("submissions/", submissions.submissions, name="submissions"),
    path("submissions/<slug:ref>/", submissions.submission, name="submission"),
    path("submissions/<slug:ref>/live/", submissions.submission_live, name="submission_live"),
    path("submissions/<slug:ref>/edit/", submit.edit_draft, name="edit_draft"),
    path("submissions/<slug:ref>/discard/", submissions.discard, name="discard_draft"),
    path("submissions/<slug:ref>/withdraw/", submissions.withdraw, name="withdraw"),
    path("submissions/<slug:ref>/copy/", submissions.copy, name="copy_submission"),
    path("attachments/<uuid:attachment_id>/", attachments.attachment, name="attachment"),
    path("runs/<slug:run_name>/", runs.run, name="run"),
    path("runs/<slug:run_name>/live/", runs.run_live, name="run_live"),
]

"""The app's entry in Django."""

from typing import override

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Countersign's one Django app."""

    name = "approvals"
    verbose_name = "Countersign"

    @override
    def ready(self) -> None:
        from approvals.delivery import prompt
        from approvals.web import sign_in_record

        prompt.connect()
        sign_in_record.connect()

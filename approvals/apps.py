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

        prompt.connect()

"""``manage.py stackenv STACK``: the portal's environment variables, from the stack's outputs."""

import shlex
from argparse import ArgumentParser
from typing import Any, override

from django.core.management.base import BaseCommand, CommandError

from approvals.aws.faults import AwsError
from approvals.aws.stack import outputs


class Command(BaseCommand):
    """Print exports for a shell, or lines for an env file."""

    help = "Print the portal's environment variables from the outputs of a deployed stack, on AWS or locally."
    requires_system_checks = ()

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("stack", help="name of the CloudFormation stack")
        parser.add_argument("--plain", action="store_true", help="NAME=value without export, for an env file")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = outputs(options["stack"])
        except AwsError as fault:
            raise CommandError(str(fault)) from None
        prefix = "" if options["plain"] else "export "
        for name, value in sorted(found.items()):
            self.stdout.write(f"{prefix}{name}={shlex.quote(value)}")

#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys


def main() -> None:
    """Run a management command; a configuration fault ends in one line, not a traceback."""
    if sys.argv[1:2] == ["stackenv"]:
        stackenv()
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        sys.exit(f"Configuration: {fault}")


def stackenv() -> None:
    """Run the command that prints what the settings ask for, and so cannot ask them."""
    from django.conf import settings

    from approvals.management.commands.stackenv import Command

    settings.configure(AWS_REGION=os.environ.get("AWS_REGION", "us-east-1"))
    Command().run_from_argv(sys.argv)


if __name__ == "__main__":
    main()

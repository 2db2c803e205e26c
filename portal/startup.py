"""Starting a server: a configuration fault ends in one line that names the variable, not in a traceback."""

import gc
import os
import sys
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

# gunicorn's exit code for "do not start me again".
CANNOT_BOOT = 3


def started[Application](get_application: Callable[[], Application]) -> Application:
    """Return the application, or end the process with the fault in one line on standard error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        application = get_application()
    except ImproperlyConfigured as fault:
        sys.stderr.write(f"Configuration: {fault}\n")
        sys.exit(CANNOT_BOOT)
    # What is loaded stays. Walking all of it in the middle of a request would take longer than the request.
    gc.collect()
    gc.freeze()
    return application

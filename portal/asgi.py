"""The ASGI application. Under load WSGI is several times faster here (docs/operations.md); prefer it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_asgi_application()

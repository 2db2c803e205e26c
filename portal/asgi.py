"""The ASGI application. Under load WSGI is several times faster here (docs/operations.md); prefer it."""

from django.core.asgi import get_asgi_application

from portal.startup import started

application = started(get_asgi_application)

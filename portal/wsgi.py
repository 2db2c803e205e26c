"""The WSGI application that gunicorn serves."""

from django.core.wsgi import get_wsgi_application

from portal.startup import started

application = started(get_wsgi_application)

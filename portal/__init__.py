"""The Django project: settings, URLs, health, WSGI."""

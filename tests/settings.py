"""The portal's own settings under the environment of the suite; the variables are set before they are read."""

import os

from tests.databases import address, for_tests
from tests.scratch import use_memory

use_memory()

# Nothing that the caller's shell has sourced, such as .local/aws.env, reaches a test.
for sourced in [name for name in os.environ if name.startswith("AWS_") or name.endswith("_WORKFLOW_ARN")]:
    del os.environ[sourced]
for sourced in ("PORTAL_URL", "DEMO", "DEBUG", "MEDIA_ROOT", "ALLOWED_HOSTS", "EMAIL_URL", "DEFAULT_FROM_EMAIL"):
    os.environ.pop(sourced, None)
os.environ["DATABASE_URL"] = address()
for name, value in {
    "SECRET_KEY": "only-for-tests-and-long-enough-to-please-the-deployment-check-0123456789",
    "APPROVALS_TABLE_NAME": "ApprovalRequests",
    "RUNS_TABLE_NAME": "WorkflowRuns",
    "CHANGES_QUEUE_URL": "http://127.0.0.1:9/000000000000/changes",
    "CHANGES_DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:9/000000000000/changes-dead",
    "EXPENSE_WORKFLOW_ARN": "arn:aws:lambda:us-east-1:000000000000:function:expense:live",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "PROMPT_DELIVERY": "false",
}.items():
    os.environ[name] = value

from portal.settings import *  # noqa: E402, F403

DATABASES = {"default": for_tests(DATABASES["default"])}  # noqa: F405
# Django keeps what is sent here; whether the portal sends any, a test says.
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A test's own client starts the portal anew: listing all static files each time took longer than most tests.
WHITENOISE_AUTOREFRESH = True

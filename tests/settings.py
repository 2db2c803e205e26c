"""The portal's own settings under the environment of the suite; the variables are set before they are read."""

import os

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
    os.environ.setdefault(name, value)

from portal.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

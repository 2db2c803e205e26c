"""What tests of pages share: somebody signed in, at a browser."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories import person

SignIn = Callable[..., Client]


@pytest.fixture
def signed_in(db: None) -> SignIn:
    """Return a function that gives the browser of a person in these groups, signed in."""

    def browser(username: str, *groups: str) -> Client:
        client = Client()
        client.force_login(person(username, *groups), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser

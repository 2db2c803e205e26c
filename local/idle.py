"""`python -m local.idle`: fails with a sentence while a demo of this checkout runs."""

import sys

from local.demo_lock import only_one
from local.demo_settings import SettingsError

if __name__ == "__main__":
    try:
        with only_one():
            pass
    except SettingsError as error:
        sys.exit(str(error))

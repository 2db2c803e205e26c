"""The garbage collector, eased for processes that mirror."""

import gc


def ease() -> None:
    """Let the collector come less often, and never again walk what is there already.

    A page of items is ten thousand small dicts without cycles; walking them over and over took a third of the parser's
    time (docs/data.md). For processes that mirror, at their start.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)

"""The first try of a delivery, beside the request that made it."""


def connect() -> None:
    """Listen for committed deliveries."""

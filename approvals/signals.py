"""What the app tells whoever listens; actions send, delivery listens, and neither imports the other."""

from django.dispatch import Signal

# Sent after the commit that stored a delivery. Arguments: ``delivery_id`` (int).
delivery_queued = Signal()

# Sent after the commit that changed whose turn it is, or that noted the end of a step's time. Arguments:
# ``request_id`` (int), ``what`` (str): turn, due, escalated, expired.
step_changed = Signal()
# Sent inside the transaction that stored a comment, or its edit, by ``Comment``; roll back with it.
# Arguments: ``comment`` (Comment), ``people`` (list[User], named for the first time in it; each may see the request).
people_mentioned = Signal()

# Sent inside the transaction that stored a reminder of the requester, by ``Nudge``.
# Arguments: ``nudge`` (Nudge, with its request), ``people`` (list[User], those who may answer the request now).
request_nudged = Signal()

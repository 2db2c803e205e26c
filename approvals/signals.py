"""What the app tells whoever listens; actions send, delivery listens, and neither imports the other."""

from django.dispatch import Signal

# Sent after the commit that stored a delivery. Arguments: ``delivery_id`` (int).
delivery_queued = Signal()

# Sent after the commit that changed whose turn it is, or that noted the end of a step's time. Arguments:
# ``request_id`` (int), ``what`` (str): turn, due, escalated, expired.
step_changed = Signal()

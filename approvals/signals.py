"""What the app tells whoever listens; actions send, delivery listens, and neither imports the other."""

from django.dispatch import Signal

# Sent after the commit that stored a delivery. Arguments: ``delivery_id`` (int).
delivery_queued = Signal()

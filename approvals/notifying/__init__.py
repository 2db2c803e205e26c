"""From an occasion to each person's notification and letter. Sends nothing: that is ``approvals.mailing``."""

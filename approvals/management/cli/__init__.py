"""The parts of ``manage.py approvals``."""

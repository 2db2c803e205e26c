"""Full names for the usernames that items and the record hold."""

from approvals.models.names import names_of

__all__ = ["names_of"]

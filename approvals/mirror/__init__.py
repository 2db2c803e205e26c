"""Keeping the portal's copy of the DynamoDB items."""

"""Carrying intents from the outbox to AWS."""

"""Carrying intents from the outbox to AWS: claim, carry, record. Docs: docs/decision-protocol.md."""

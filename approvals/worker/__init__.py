"""The worker: mirror and outbox side by side, with patience, a pulse and a quick end."""

"""The portal in every language."""

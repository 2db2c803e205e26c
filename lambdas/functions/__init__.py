"""Plain Lambda functions beside the workflows."""

"""One module per durable function: the story top to bottom, its steps below it."""

"""The live timeline: an execution's history, fetched within AWS's rate, redacted, made operations and a picture."""

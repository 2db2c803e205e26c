"""The only package that knows boto3: clients, adapters and their typed errors."""

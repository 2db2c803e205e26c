"""What people do, one verb a file, one transaction each. Nothing here talks to AWS: a delivery is left behind."""

"""The local cloud: Countersign from form to finished run, without an AWS account."""

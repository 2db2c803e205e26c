"""AWS as the portal uses it. Nothing else knows boto3; what comes out is typed, what fails is a fault."""

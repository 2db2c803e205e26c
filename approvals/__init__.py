"""The app: requests, the people who answer them, and the record of what they did."""

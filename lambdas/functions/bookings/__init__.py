"""Bookings of a trip: flight, hotel and car, each with its own table and its own two functions."""

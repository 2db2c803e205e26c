"""Moments on one line, to the second, with the reader's zone; day and month cannot be mixed up."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i:s T"

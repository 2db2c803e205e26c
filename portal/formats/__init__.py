"""How Django writes values by itself, in the record."""

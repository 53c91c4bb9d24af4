"""How results look, for each medium; the only layer that knows about terminals and formats."""

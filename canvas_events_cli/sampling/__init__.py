"""A representative few of the events of a capture."""

"""Framing: where each record of a stream of bytes begins and ends."""

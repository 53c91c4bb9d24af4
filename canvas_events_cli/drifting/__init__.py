"""What a capture really contains, against what is documented, and against an earlier capture."""

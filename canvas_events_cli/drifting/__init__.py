"""What a capture really contains, against what is documented."""

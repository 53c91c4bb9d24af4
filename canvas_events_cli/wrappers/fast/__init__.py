"""What only makes the plain way of unwrapping faster."""

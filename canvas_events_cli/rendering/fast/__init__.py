"""What only makes reading faster."""

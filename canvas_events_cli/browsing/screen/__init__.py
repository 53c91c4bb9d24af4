"""What a person sees of it, and the keys."""

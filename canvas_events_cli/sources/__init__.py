"""Sources: where the bytes come from."""

"""What `cevents schema` does with schema files: check, compare and list them."""

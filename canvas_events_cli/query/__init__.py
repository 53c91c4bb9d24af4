"""Which events a person asks for: conditions on fields, and the byte search that passes over what cannot match."""

"""What holds where no option and no argument says otherwise; a leaf, since ``--help`` shows it and imports little."""

from typing import Literal

Engine = Literal["jsonschema-rs", "jsonschema"]
"""What validates: the package in Rust, or the reference in Python."""
DEFAULT_ENGINE: Engine = "jsonschema-rs"

DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024
"""A longer record is malformed, and not held."""
DEFAULT_MAX_FINDINGS = 100
DEFAULT_TOP = 10
"""How many rows the lists of ``summarize`` have."""

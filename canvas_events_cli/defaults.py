"""What holds where no option and no argument says otherwise; a leaf, since ``--help`` shows it and imports little."""

import os
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent
Engine = Literal["jsonschema-rs", "jsonschema"]
"""What validates: the package in Rust, or the reference in Python."""
DEFAULT_ENGINE: Engine = "jsonschema-rs"

DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024
"""A longer record is malformed, and not held."""
DEFAULT_MAX_FINDINGS = 100
DEFAULT_TOP = 10
"""How many rows the lists of ``summarize`` have."""


def available_cores() -> int:
    """Return how many cores this process may use: by its affinity, and by the quota of its container (cgroup 2)."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
    except (OSError, ValueError):
        return count
    return count if quota == "max" else max(1, min(count, round(int(quota) / int(period))))


def bundled_schemas() -> Path:
    """Return the folder of the schemas that come with cevents: inside the wheel, or beside the package's source."""
    installed = _PACKAGE / "_schemas"
    return installed if installed.is_dir() else _PACKAGE.parent / "schemas"

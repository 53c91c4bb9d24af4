"""Where the schemas are that come with cevents; by itself, since to read the catalogue takes longer to import."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled_schemas() -> Path:
    """Return the folder of the schemas that come with cevents: inside the wheel, or beside the package's source."""
    installed = _PACKAGE / "_schemas"
    return installed if installed.is_dir() else _PACKAGE.parent / "schemas"

"""What the README says where it is shown alone, as the package's description: no picture, no link to a file."""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PICTURE = re.compile(r"^!\[[^\]]*\]\((?!https:)[^)]*\)\n\n?", re.MULTILINE)
_LINK_TO_FILE = re.compile(r"\[([^\]]+)\]\((?!https:|#)([^)#]*)[^)]*\)")


def alone(readme: str) -> str:
    """Return *readme* without pictures, and with the name of a file in place of a link to it."""
    return _LINK_TO_FILE.sub(r"\1 (`\2`)", _PICTURE.sub("", readme))


class PackageReadme(MetadataHookInterface):
    """Puts the description into the package's metadata."""

    def update(self, metadata: dict[str, object]) -> None:
        """Set the description; hatchling calls this whenever it builds."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": alone(text)}

"""What a worker loads to seem to have another cevents, or none."""

import importlib.metadata
import os


def version(package: str) -> str:
    if os.environ["CEVENTS_THERE"] == "none":
        raise importlib.metadata.PackageNotFoundError(package)
    return os.environ["CEVENTS_THERE"]


importlib.metadata.version = version

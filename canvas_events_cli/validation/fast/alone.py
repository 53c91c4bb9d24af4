"""Verdicts on valid events by their types, one event at a time: for those who ask for more than a report of batches."""

from typing import TYPE_CHECKING

from canvas_events_cli.model import Record
from canvas_events_cli.validation.engines import ValidationSpec
from canvas_events_cli.validation.findings import Verdict

if TYPE_CHECKING:
    from canvas_events_cli.validation.fast.verdicts import VerdictTypes

_FEW = 50
"""Events that the engine is asked about first: it takes longer to make types."""


class Alone:
    """Tells of events that there is nothing to tell, in a tenth of the time that the engine takes."""

    def __init__(self, spec: ValidationSpec) -> None:
        self._spec = spec
        self._types: VerdictTypes | None = None
        self._left = _FEW if spec.engine == "jsonschema-rs" else -1

    def __call__(self, record: Record) -> Verdict | None:
        """Return the verdict on *record*, whose text is that of its event; None where the engine has to say it."""
        if self._types is None:
            self._left -= 1
            if self._left:
                return None
            from canvas_events_cli.validation.fast.verdicts import VerdictTypes  # few events do without

            self._types = VerdictTypes(self._spec)
        return self._types.clean(record.raw)

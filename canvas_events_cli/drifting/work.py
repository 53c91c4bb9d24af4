"""What a stream of records holds, to be compared with what is documented."""

from dataclasses import dataclass

from canvas_events_cli.drifting.report import DriftReport, observe_records
from canvas_events_cli.running.reading import Compiled
from canvas_events_cli.validation import ValidationSpec, compile_checker


@dataclass(frozen=True, slots=True)
class DriftWork:
    """What ``run`` needs to look at all that events hold; picklable."""

    spec: ValidationSpec
    examples: bool
    """Whether a value of each field is kept, which may be personal."""

    def compile(self) -> Compiled[DriftReport]:
        """Return what looks at events. Raises CeventsError for a schema that cannot be used."""
        checker = compile_checker(self.spec)
        return Compiled(
            lambda source_name, events: observe_records(checker, events, examples=self.examples), merges_slowly=True
        )

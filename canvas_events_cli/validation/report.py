"""What validation found, as a value that merges."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple, Self

from canvas_events_cli.defaults import DEFAULT_MAX_FINDINGS
from canvas_events_cli.model import NO_NAME, Finding
from canvas_events_cli.parse import moved
from canvas_events_cli.running.report import Report, most_frequent
from canvas_events_cli.validation.baseline import KIND_NAMES, Kind, Occurrence, kind_of, shown_kind
from canvas_events_cli.validation.findings import Verdict


class ReportOptions(NamedTuple):
    """What a validation report keeps, and how far reading goes."""

    max_findings: int = DEFAULT_MAX_FINDINGS
    """How many findings are kept; 0 keeps all."""
    kinds: bool = False
    """Tell how often each kind of finding occurred, and where."""
    baseline: frozenset[Kind] | None = None
    """The kinds of findings that are known: they are counted apart, and nothing fails for them."""
    learns: bool = False
    """Take every finding for a known one, unless its record is malformed."""
    by_source: bool = False
    """Tell the event types of each source, and how many findings each has."""
    fail_fast: bool = False
    """Stop after the first record that is invalid or malformed, and not known to be."""

    def is_known(self, finding: Finding) -> bool:
        """Tell whether *finding* is one of the baseline's; a malformed record's never is."""
        return finding.kind != "malformed" and (self.learns or kind_of(finding) in (self.baseline or ()))

    def new(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return those of *findings* that are not known."""
        if not (self.learns or self.baseline):
            return findings
        return [finding for finding in findings if not self.is_known(finding)]


@dataclass
class ValidationReport(Report):
    """What validation found in a part of the input, or in all of it. Append-only."""

    valid: int = 0
    invalid: int = 0
    event_types: Counter[str] = field(default_factory=Counter)
    undocumented_fields: Counter[str] = field(default_factory=Counter)
    """By ``EVENT_NAME /pointer``; the elements of an array are ``*`` there."""
    undocumented_events: Counter[str] = field(default_factory=Counter)
    missing_fields: Counter[str] = field(default_factory=Counter)
    """Expected fields that were absent or null, as ``undocumented_fields`` has them."""
    findings: list[Finding] = field(default_factory=list)
    """The first findings, in source order; ``findings_total`` counts all."""
    findings_total: int = 0
    kinds: dict[Kind, Occurrence] = field(default_factory=dict)
    """Of each kind of finding how often it occurred, and where, where these were asked for."""
    known: Counter[Kind] = field(default_factory=Counter)
    """Findings that the baseline knows, by kind; they are not among the findings, nor in their number."""
    excused: int = 0
    """Records that are invalid, but of which all findings are known."""
    has_baseline: bool = False
    """Whether there is a baseline; said of the whole, and not merged."""
    by_source: dict[str, Counter[str]] = field(default_factory=dict)
    """Of each source the event types, and how many malformed records, where these were asked for."""
    findings_by_source: dict[str, Counter[str]] = field(default_factory=dict)
    """Of each source how many findings its event types have, and its malformed records: all, not the kept ones."""

    @property
    def notes(self) -> int:
        """Count what there is to say of valid events, each time that it was met."""
        return self.undocumented_fields.total() + self.undocumented_events.total() + self.missing_fields.total()

    @property
    def events(self) -> int:
        """Count the records, malformed ones included."""
        return self.valid + self.invalid + self.malformed

    @property
    def passed(self) -> bool:
        """Whether there are events, all could be read, and all are valid, or known not to be."""
        return not (self.failing or self.failures) and self.events > 0

    @property
    def failing(self) -> int:
        """Count the records that are invalid or malformed, and not known to be."""
        return self.invalid + self.malformed - self.excused

    def to_dict(self) -> dict[str, Any]:
        """Return what ``validate -o json`` prints."""
        return self.document() | {"findings": [finding.to_dict() for finding in self.findings]}

    def document(self, *, statistics: bool = False) -> dict[str, Any]:
        """Return the same with the findings as they are: there can be a million; ``statistics`` where asked for."""
        document: dict[str, Any] = {
            "events": self.events,
            "valid": self.valid,
            "invalid": self.invalid,
            "malformed": self.malformed,
            "event_types": most_frequent(self.event_types),
            "notes": {
                "undocumented_fields": most_frequent(self.undocumented_fields),
                "undocumented_events": most_frequent(self.undocumented_events),
                "missing_fields": most_frequent(self.missing_fields),
            },
            "findings": self.findings,
            "findings_total": self.findings_total,
        }
        if self.has_baseline:
            document["known_findings"] = self.known.total()
        return document | ({"statistics": self.statistics_rows()} if statistics else {})

    def statistics_rows(self) -> list[dict[str, str | int]]:
        """Return a row for each event, pointer and keyword that findings share, the most frequent first."""
        rows: Counter[Kind] = Counter()
        for kind, occurrence in self.kinds.items():
            rows[(NO_NAME, "", "json") if kind[2] == "json" else kind] += occurrence.times
        ordered = sorted(rows.items(), key=lambda row: (-row[1], row[0]))
        return [{**dict(zip(KIND_NAMES, kind, strict=True)), "count": count} for kind, count in ordered]

    def kinds_by_count(self) -> list[tuple[Kind, Occurrence]]:
        """Return the kinds of findings, the most frequent first."""
        return sorted(self.kinds.items(), key=lambda row: (-row[1].times, row[0]))

    def add(self, source: str, verdict: Verdict, lines: Sequence[int], options: ReportOptions) -> None:
        """Add events of *source*, on *lines*, that have the same *verdict*."""
        name = verdict.event_name or NO_NAME
        self.event_types[name] += len(lines)
        for pointer in verdict.undocumented_fields:
            self.undocumented_fields[f"{name} {pointer}"] += len(lines)
        for pointer in verdict.missing_fields:
            self.missing_fields[f"{name} {pointer}"] += len(lines)
        if verdict.undocumented_event:
            self.undocumented_events[name] += len(lines)
        if verdict.findings:
            self.invalid += len(lines)
            self.add_findings(source, verdict.findings, lines, options)
        else:
            self.valid += len(lines)

    def add_findings(
        self, source: str, findings: Sequence[Finding], lines: Sequence[int], options: ReportOptions
    ) -> None:
        """Count *findings*, which the record on each of *lines* has, and keep as many as there is room for."""
        new = options.new(findings)
        if len(new) < len(findings):
            for finding in findings:
                if options.is_known(finding):
                    self.known[kind_of(finding)] += len(lines)
            self.excused += 0 if new else len(lines)
            findings = new
        self.findings_total += len(lines) * len(findings)
        for finding in findings:
            if options.kinds:
                self._add_kind(shown_kind(finding), Occurrence(len(lines), (source, min(lines)), (source, max(lines))))
            if options.by_source:
                self.findings_by_source.setdefault(source, Counter())[finding.shown_name] += len(lines)
        if not self.is_full(options.max_findings):
            kept = (replace(finding, source=source, line=line) for line in lines for finding in findings)
            self._keep(kept, options.max_findings)

    def _add_kind(self, kind: Kind, occurrence: Occurrence) -> None:
        earlier = self.kinds.get(kind)
        self.kinds[kind] = earlier.joined(occurrence) if earlier else occurrence

    def is_full(self, max_findings: int) -> bool:
        """Whether no further findings are kept."""
        return 0 < max_findings <= len(self.findings)

    def _keep(self, findings: Iterable[Finding], max_findings: int) -> None:
        self.findings += islice(findings, max_findings - len(self.findings) if max_findings else None)

    def merge(self, later: Self, max_findings: int = 0) -> Self:
        """Add what *later*, the part after this one, found, and return this report.

        Keeps the first *max_findings* findings; 0 keeps all.
        """
        self.valid += later.valid
        self.invalid += later.invalid
        self.event_types.update(later.event_types)
        self.undocumented_fields.update(later.undocumented_fields)
        self.undocumented_events.update(later.undocumented_events)
        self.missing_fields.update(later.missing_fields)
        if not self.is_full(max_findings):
            self._keep(later.findings, max_findings)
        self.findings_total += later.findings_total
        for kind, occurrence in later.kinds.items():
            self._add_kind(kind, occurrence)
        self.known.update(later.known)
        self.excused += later.excused
        for counts, more in (
            (self.by_source, later.by_source),
            (self.findings_by_source, later.findings_by_source),
        ):
            for source, names in more.items():
                counts.setdefault(source, Counter()).update(names)
        return super().merge(later)

    def shift(self, lines: int) -> None:
        """Move the findings so many *lines* further down."""
        super().shift(lines)
        self.findings = [
            replace(
                finding,
                line=finding.line + lines,
                message=moved(finding.message, lines) if finding.kind == "malformed" else finding.message,
            )
            for finding in self.findings
        ]
        self.kinds = {
            kind: Occurrence(count, (first[0], first[1] + lines), (last[0], last[1] + lines))
            for kind, (count, first, last) in self.kinds.items()
        }

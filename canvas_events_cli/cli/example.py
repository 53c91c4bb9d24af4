"""``cevents example``: write events that are made up from their schemas."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from canvas_events_cli.cli.options import OUTPUT, QUIET, Options, Schemas, argument, complete_event, grouped, option
from canvas_events_cli.cli.streams import Results, say_styled
from canvas_events_cli.errors import CeventsError, ExitCode, did_you_mean

if TYPE_CHECKING:
    from canvas_events_cli.example import Signer

_EVENTS = "Which events"


class Wanted(Options):
    """What is to be made up."""

    limit: int | None = option(
        _EVENTS,
        "--limit -n --max-count -m N",
        "Write N events of each name, or N stories; with --invalid N at most.",
        min=1,
        shown="1; with --invalid all",
    )
    seed: str = option(_EVENTS, "--seed TEXT", "Make other events; the same with the same.", "0")
    invalid: bool = option(
        _EVENTS,
        "--invalid",
        "Write an event for each kind of mistake that its schema can find, one in each; "
        "stderr names them by line, as 'cevents validate --strict' does of standard input.",
        False,
    )
    retry_story: bool = option(
        _EVENTS,
        "--retry-story",
        "Write all events of one story: the outcome alignments of a copied assignment fail to clone, a user "
        "presses retry one to three times, the last time succeeds. Takes no EVENT.",
        False,
    )


class Wrapped(Options):
    """What the events are put into."""

    wrap: str | None = option(
        OUTPUT,
        "--wrap KIND",
        "Put each event into what a consumer receives: sqs, sns, kinesis, eventbridge, lambda, jwt or another.",
    )
    key: Path | None = option(
        OUTPUT, "--key FILE", "With --wrap jwt: sign with the private key in FILE, RSA or EC, PEM or a JWK."
    )
    write_jwks: Path | None = option(
        OUTPUT, "--write-jwks FILE", "With --wrap jwt: write the public key to FILE, a JWK set."
    )

    def signer(self) -> "Signer | None":
        """Return what signs, where events are to be signed. Raises CeventsError for what does not fit together."""
        from canvas_events_cli.example import KINDS, load_signer

        if self.wrap is not None and self.wrap not in KINDS:
            hint = did_you_mean(self.wrap, KINDS)
            raise CeventsError(f"--wrap {self.wrap!r}: there is no such wrapper{hint} (there are {', '.join(KINDS)})")
        if self.wrap == "jwt" and self.key is None:
            raise CeventsError("--wrap jwt takes --key FILE: the private key to sign with")
        if self.wrap != "jwt" and (self.key or self.write_jwks):
            raise CeventsError("--key and --write-jwks go with --wrap jwt")
        return load_signer(self.key) if self.key else None


@grouped
def example(
    events: list[str] | None = argument(
        "[EVENT]…", "Names of events, or quoted globs; 'cevents schema list' lists them.", autocompletion=complete_event
    ),
    *,
    wanted: Wanted,
    schemas: Schemas,
    wrapped: Wrapped,
    quiet: bool = QUIET,
) -> int:
    """Write events that are made up from the examples and types of their schemas, one a line.

    All are valid under --strict, unless they are to be invalid. They tell of one school, which grows: students of its
    courses hand in under one id, and again with the next attempt. Times ascend, and as many fields lack as in what
    Canvas sends. The same options give the same bytes. Exits 0, or 2 for a wrong option, an unknown name or a schema of
    which nothing can be made up.

    For example:
    cevents example 'submission_*' -n 100 --wrap sqs > messages.ndjson  # as a queue gives them
    cevents example assignment_updated --invalid > wrong.ndjson  # each kind of mistake
    cevents example --retry-story -n 5 | cevents summarize  # five assignments that were retried until it worked
    """
    from canvas_events_cli.example import Examples, names_for, wrapper
    from canvas_events_cli.rendering.validation_text import finding_pieces

    if wanted.retry_story and (events or wanted.invalid):
        raise CeventsError("--retry-story tells one story: it takes neither EVENT nor --invalid")
    if not events and not wanted.retry_story:
        raise CeventsError("no EVENT given: name one, or a quoted glob ('cevents schema list' lists all)")
    signer = wrapped.signer()
    made = Examples(schemas.spec(strict=True), wanted.seed, wrapper(wrapped.wrap, signer) if wrapped.wrap else None)
    if wanted.retry_story:
        examples = made.stories(wanted.limit or 1)
    else:
        names = names_for(schemas.catalog, events or ())
        examples = made.invalid(names, wanted.limit) if wanted.invalid else made.valid(names, wanted.limit or 1)
    if signer is not None and wrapped.write_jwks:
        from canvas_events_cli.outputs import Destination, InputFile, OutputFile, refuse_clashes

        destination = Destination(f"--write-jwks {wrapped.write_jwks}", wrapped.write_jwks)
        keys = [InputFile(f"the key {wrapped.key}", wrapped.key)] if wrapped.key else []
        refuse_clashes([destination], [*keys, *schemas.files()])
        with OutputFile(destination) as output:
            output.write(signer.public())
            output.commit()
    results = Results()
    for line, (text, mistake) in enumerate(examples, 1):
        results.write_json(text)
        if mistake is not None and not quiet:
            say_styled(finding_pieces(replace(mistake, line=line)), "never")
    results.flush()
    return ExitCode.OK

"""Whether one schema accepts everything that another accepts, as far as that can be proved."""

from typing import Any, Literal

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.schema.bundle import bundled
from canvas_events_cli.validation.engines import compile_schema

Answer = Literal["yes", "no", "unknown"]

_UNKNOWN = "a field that no schema names"


def accepts_all_of(new: SchemaFile, old: SchemaFile | None) -> Answer:
    """Tell whether every value that is valid for *old* is valid for *new*; no *old* stands for "anything goes".

    jsonschema-rs decides by the normal forms of both, and where it cannot, an example that only *old* accepts does.
    ``unknown`` where there is none, where the package is missing, or where the files are of different drafts.
    """
    try:
        import jsonschema_rs
    except ImportError:
        return "unknown"
    if old is not None and old.dialect != new.dialect:
        return "unknown"
    try:
        covers = _canonical(new).covers(_canonical(old))
    except (ValueError, jsonschema_rs.ReferencingError, jsonschema_rs.canonical.CanonicalizationError, CeventsError):
        return "unknown"
    answers: dict[str, Answer] = {"yes": "yes", "no": "no"}
    return answers.get(covers.value) or ("no" if old is not None and _has_counterexample(new, old) else "unknown")


def _has_counterexample(new: SchemaFile, old: SchemaFile) -> bool:
    """Tell whether an example of *old*, as it is or with a field more, is valid for it and not for *new*."""
    examples: Any = old.document.get("examples", []) if isinstance(old.document, dict) else []
    values = [*examples, *({**example, _UNKNOWN: None} for example in examples if isinstance(example, dict))]
    was_valid, is_valid = compile_schema(old, "jsonschema-rs").is_valid, compile_schema(new, "jsonschema-rs").is_valid
    return any(was_valid(value) and not is_valid(value) for value in values)


def _canonical(file: SchemaFile | None) -> Any:
    """Return the normal form of a schema. References are written out: two files may mean different things by one."""
    import jsonschema_rs

    whole: Any = bundled(file) if file is not None else True
    if isinstance(whole, dict):
        whole = jsonschema_rs.dereference({key: value for key, value in whole.items() if key not in ("$id", "id")})
    return jsonschema_rs.canonicalize(
        whole, validate_formats=True, pattern_options=jsonschema_rs.RegexOptions(), offline=True
    )

"""The configuration file: values for options that neither the command line nor the environment gives.

It is ``cevents.toml``, or ``[tool.cevents]`` in ``pyproject.toml``: the nearest, from the working directory upwards.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from canvas_events_cli.cli import COMMANDS
from canvas_events_cli.cli.usage import same_option
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.rendering.safe_text import visible

_NAMES = ("cevents.toml", "pyproject.toml")
_TOOL = "cevents"
_GIVEN: dict[type, str] = {
    bool: "strict allow-empty fail-fast exit-code show-values quiet pager no-unwrap",
    int: "max-findings top per-type jobs max-record-bytes",
    str: "body engine output-format color tz by",
    Path: "schemas envelope baseline jwks",
}
KEYS = {key: kind for kind, keys in _GIVEN.items() for key in keys.split()}
"""The long options that a file may give, and what they take. What picks events is not among them, nor what names a file
to write that no format is named for, a secret, or a machine to send anything to."""
_EXPECTED = {bool: "true or false", int: "a whole number", str: "a text", Path: "the name of a file, as text"}
_PATHS = {"body": re.compile(r"([^=]*=|)(.+)"), "output-format": re.compile("([^=]*=)(.+)")}
"""Of options whose text only ends with a path: what stands before it, and the path."""
_PATH = re.compile("()(.+)")


def with_opposite(names: list[str]) -> list[str]:
    """Return the *names* of an option, with ``--no-…`` for a flag that a file may set."""
    key = names[0].removeprefix("--")
    if KEYS.get(key) is not bool:
        return names
    opposite = key.removeprefix("no-") if key.startswith("no-") else f"no-{key}"
    return [f"{names[0]}/--{opposite}", *names[1:]]


def configure(context: typer.Context, without: bool) -> bool:
    """Give the command what the file says, unless it is to go *without*, or helps. Raises CeventsError."""
    is_wanted = not (without or context.resilient_parsing or context.info_name == "help")
    if is_wanted and (found := _find()) is not None:
        path, table = found
        context.default_map = _values(context, path, table)
        context.meta[_TOOL] = path
    return without


def need_nothing(context: typer.Context, shown: bool) -> bool:
    """Where only the configuration is to be *shown*, have the command take that without its arguments."""
    if shown:
        for param in context.command.params:
            param.required = False
    return shown


def _find() -> tuple[Path, dict[str, Any]] | None:
    """Return the nearest file, as it is named from the working directory, and what it says of cevents."""
    try:
        depth = len(Path.cwd().parts)
    except OSError:  # the folder is gone
        return None
    for up in range(depth):
        for name in _NAMES:
            path = Path(*[".."] * up, name)
            if os.path.isfile(path) and (table := _table(path)) is not None:
                return path, table
    return None


def _table(path: Path) -> dict[str, Any] | None:
    """Return what the file at *path* says of cevents; None for a ``pyproject.toml`` that says nothing."""
    is_own = path.name == _NAMES[0]
    try:
        data = path.read_bytes()
        if not is_own and _TOOL.encode() not in data:
            return None
        import tomllib

        document = tomllib.loads(data.decode())
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else f"is no TOML: {error}"
        raise CeventsError(f"{path}: {why} (--no-config leaves it out)") from error
    table = document if is_own else document.get("tool", {})
    if not is_own and isinstance(table, dict):
        table = table.get(_TOOL)
    if table is not None and not isinstance(table, dict):
        raise CeventsError(f"{path}: tool.{_TOOL}: expected a table")
    return table


def _values(context: typer.Context, path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """Return the values for the command's parameters: those of all commands, then those of its own table."""
    words = context.command_path.split()[1:]
    params = dict(_params(context))
    values = {}
    own = {key: table[key] for key in table if key in COMMANDS}
    for section, given in ("", {key: table[key] for key in table if key not in own}), *own.items():
        if not isinstance(given, dict):
            hint = did_you_mean(section, list(KEYS))
            raise CeventsError(f"{path}: {section}: expected a table, of options of cevents {section}{hint}")
        for key, value in given.items():
            place = f"{path}: {section}.{key}" if section else f"{path}: {key}"
            known = params if [section] == words else KEYS
            if key not in known:
                same = same_option(f"--{key}", [f"--{each}" for each in known])
                hint = did_you_mean(same.removeprefix("--") if same else key, [*known, *(() if section else COMMANDS)])
                raise CeventsError(f"{place}: no option of this name can be given in a file{hint}")
            if key in params and section in ("", words[0]):
                param = params[key]
                values[param.name] = _value(context, param, place, key, value, path.parent)
    return values


def _params(context: typer.Context) -> Iterator[tuple[str, Any]]:
    """Yield those of the command's options that a file may give, by their long names."""
    for param in context.command.params:
        for option in param.opts:
            if (key := option.removeprefix("--")) in KEYS and option != key:
                yield key, param


def _value(context: typer.Context, param: Any, place: str, key: str, value: Any, folder: Path) -> Any:
    """Return *value* as the command line would give it to *param*. Raises CeventsError for what it cannot be."""
    kind = KEYS[key]
    values = value if param.multiple and isinstance(value, list) else [value]
    if not all(type(each) is (str if kind is Path else kind) for each in values):
        several = ", or a list of such" if param.multiple else ""
        raise CeventsError(f"{place}: expected {_EXPECTED[kind]}{several}, not {_toml(value)}")
    if kind is Path or key in _PATHS:
        matches = [_PATHS.get(key, _PATH).fullmatch(each) for each in values]
        values = [
            each if match is None or "://" in each else f"{match[1]}{folder / match[2]}"
            for each, match in zip(values, matches, strict=True)
        ]
    given = values if param.multiple else values[0]
    try:
        param.process_value(context, given)
    except typer.BadParameter as error:
        raise CeventsError(f"{place}: {error.message}") from error
    return given


def _source(context: typer.Context, param: Any) -> str:
    """Return where the value of *param* comes from, as Click calls it; nothing where that is not known yet."""
    source = context.get_parameter_source(param.name)
    return source.name if source is not None else ""


def show(context: typer.Context) -> None:
    """Write what is in force for each option that a file may give, as TOML, and where it comes from."""
    path = context.meta.get(_TOOL)
    sys.stdout.write(f"# {context.command_path}, {visible(str(path)) if path else 'without a file'}\n")
    for key, param in _params(context):
        value = context.params[param.name]
        origins = {"COMMANDLINE": "option", "ENVIRONMENT": param.envvar, "DEFAULT_MAP": path}
        origin = origins.get(_source(context, param), "default")
        if value in (None, ()):
            told = param.show_default if isinstance(param.show_default, str) else "not given"
            sys.stdout.write(f"# {key}: {told}\n")
        else:
            sys.stdout.write(visible(f"{key} = {_toml(value)}  # {origin}") + "\n")


def with_origin(error: CeventsError, context: typer.Context) -> CeventsError:
    """Return *error*, and below it the file where it is about a value that one gives: nobody has typed that."""
    given = context.default_map or {}
    for key, param in _params(context):
        if _source(context, param) == "DEFAULT_MAP":
            values = given[param.name] if param.multiple else [given[param.name]]
            words = [f"--{key}", *(each.rpartition("=")[2] for each in values if isinstance(each, str))]
            if re.search(rf"(?<![\w.])({'|'.join(map(re.escape, words))})(?!\w)", error.args[0]):
                return CeventsError(*error.args, f"  {key} is from {context.meta[_TOOL]}")
    return error


def _toml(value: Any) -> str:
    """Return *value* as TOML, whose texts are spelled as in JSON, but for one character."""
    import json

    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", r"\u007f")

"""Options that belong together travel as one value: a command has one parameter for all of them."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any


def grouped(command: Callable[..., int]) -> Callable[..., int]:
    """Return *command* with the options of a group in the place of each parameter that is annotated with one.

    A group is a dataclass whose fields are annotated as options are.
    """
    own = signature(command)
    groups: dict[str, Any] = {
        name: parameter.annotation for name, parameter in own.parameters.items() if is_dataclass(parameter.annotation)
    }
    options: list[Parameter] = []
    for name, parameter in own.parameters.items():
        options += signature(groups[name]).parameters.values() if name in groups else [parameter]

    @wraps(command)
    def run(**arguments: Any) -> int:
        for name, group in groups.items():
            arguments[name] = group(**{option.name: arguments.pop(option.name) for option in fields(group)})
        return command(**arguments)

    named = [option.replace(kind=Parameter.KEYWORD_ONLY) for option in options]
    # Typer reads both.
    run.__signature__ = own.replace(parameters=named)  # type: ignore[attr-defined]
    run.__annotations__ = {option.name: option.annotation for option in named} | {"return": int}
    return run

"""Strategies that are functions of a plain script."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

# In the order of declaration, by family and name; of all scripts that were imported.
_declared: dict[tuple[str, str], "Strategy"] = {}


@dataclasses.dataclass(frozen=True)
class Strategy:
    """One way to compute a family: a function, and what strategy.json says of it."""

    family: str
    name: str
    function: Callable[..., Any]
    framework: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    precisions: tuple[str, ...]
    requires: tuple[str, ...]
    summary: str
    prepares: bool

    @property
    def stage(self) -> str:
        return self.name.replace("-", "_")

    def definition(self) -> dict[str, Any]:
        """The content of strategy.json."""
        return {
            "strategy": self.name, "summary": self.summary, "precisions": list(self.precisions),
            "requires": list(self.requires), "python": {"framework": self.framework},
            "stages": [{"name": self.stage, "reads": list(self.reads), "writes": list(self.writes)}]}


def strategy(
    family: str, *, framework: str, reads: Sequence[str], writes: Sequence[str], name: str | None = None,
    precisions: Sequence[str] = ("f32",), requires: Sequence[str] = (), prepares: bool = False,
) -> Callable[[Function], Function]:
    """Declares the function below it as a strategy of a family; it stays as it is.

    It is given tensors of the framework and numbers by name, and gives the outputs. With `prepares` it is called once
    for each set of inputs, untimed, and gives the function without arguments that is run.

    reads, writes: the tensors' names in the family, as `joulemark kernels --family` lists them. requires: conditions
    such as "D % 8 == 0". name: the function's own by default, with hyphens. The summary is the first line of its
    documentation.
    """

    def declare(function: Function) -> Function:
        title = name or function.__name__.replace("_", "-")
        key = (family, title)
        earlier = _declared.get(key)
        if earlier is not None and earlier.function.__module__ == function.__module__:
            raise ValueError(f"{family}/{title} is declared twice: name=... gives one of them another name")
        lines = (function.__doc__ or "").strip().splitlines()
        _declared[key] = Strategy(
            family, title, function, framework, tuple(reads), tuple(writes), tuple(precisions), tuple(requires),
            lines[0] if lines else f"{function.__name__} of a script.", prepares)
        return function

    return declare


def declared() -> list[Strategy]:
    """The strategies of all scripts that were imported, in the order of their declaration."""
    return list(_declared.values())

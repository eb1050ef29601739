"""Buffers, stages, and a stage on its buffers, ready to run.

A stage `attend` is a file `attend.py` that defines one of

    def attend(q, k, v, causal): ...        # is run: gives the outputs, in the order in which the stage writes them
    def prepare(q, k, v, o, causal): ...    # is called once a set of inputs, untimed; gives the function without
                                            # arguments that is run; it may write into outputs which it asked for

Arguments are passed by name: tensors of the stage, parameters of the family, scalars, tunables, constants, `precision`.
What a module does when it is imported, such as torch.compile, is not timed either.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Callable
from typing import Any

from .frameworks import Framework, Refused, name_of


class Buffer:
    """Bytes on the device, or the tensor that a stage gave as its result."""

    def __init__(self, byte_count: int, framework: Framework):
        self.byte_count = byte_count
        self.framework = framework
        self.raw = framework.empty(byte_count)
        self.result: Any = None
        # Grows with every change from outside: what was prepared with the tensors of before is prepared anew.
        self.version = 0
        self.views: dict[tuple[str, tuple[int, ...]], Any] = {}

    def tensor(self, type: str, shape: list[int]) -> Any:
        if self.result is not None:
            return self.result
        key = (type, tuple(shape))
        if key not in self.views:
            self.views[key] = self.framework.typed(self.raw, type, shape)
        return self.views[key]

    def read(self, byte_count: int) -> bytes:
        whole = self.framework.to_bytes(self.raw if self.result is None else self.result)
        return whole[:byte_count]

    def write(self, data: bytes) -> None:
        """Takes new bytes; those beyond them stay. Never in place: a stage may have given its input as its result."""
        rest = self.read(self.byte_count)[len(data):] if len(data) < self.byte_count else b""
        self.raw = self.framework.from_bytes(data + rest)
        self.result = None
        self.views = {}
        self.version += 1


@dataclasses.dataclass
class Tensor:
    name: str
    type: str
    shape: list[int]


class Stage:
    """A function with the numbers and the tensors that it takes."""

    def __init__(self, order: dict[str, Any]):
        self.name: str = order["name"]
        self.title = f"{order['family']}/{order['strategy']}"
        self.reads = [Tensor(**tensor) for tensor in order["reads"]]
        self.writes = [Tensor(**tensor) for tensor in order["writes"]]
        # In binding order, as buffers come.
        self.tensors = self.reads + [tensor for tensor in self.writes if tensor.name not in self.read_names]
        self.numbers: dict[str, Any] = order["numbers"] | {"precision": order["precision"]}
        module = importlib.import_module(order["module"])
        self.is_prepared = hasattr(module, "prepare")
        names = ["prepare"] if self.is_prepared else [self.name, self.name.replace("-", "_")]
        function = next((getattr(module, name) for name in names if hasattr(module, name)), None)
        if not callable(function):
            raise Refused(f"{self.title}: {module.__name__} defines neither '{self.name}' nor 'prepare'", "compilation")
        self.function = function
        self.arguments = self._arguments()

    @property
    def read_names(self) -> list[str]:
        return [tensor.name for tensor in self.reads]

    def _arguments(self) -> list[str]:
        known = {tensor.name for tensor in self.tensors} | set(self.numbers)
        # What torch.compile and decorators wrap tells its signature all the same.
        parameters = inspect.signature(self.function).parameters.values()
        named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        for parameter in named:
            if parameter.name not in known and parameter.default is parameter.empty:
                raise Refused(
                    f"{self.title}: '{self.function.__name__}' asks for '{parameter.name}'; there are "
                    f"{', '.join(sorted(known))}", "compilation")
        return [parameter.name for parameter in named if parameter.name in known]

    def call(self, buffers: list[Buffer]) -> Callable[[], Any]:
        """What runs once on these buffers. Tensors are looked up in each call: a stage before may have changed them."""
        places = {tensor.name: (buffer, tensor) for tensor, buffer in zip(self.tensors, buffers)}
        asked = [(name, *places[name]) for name in self.arguments if name in places]
        numbers = {name: self.numbers[name] for name in self.arguments if name not in places}
        function = self.function

        def arguments() -> dict[str, Any]:
            return {name: buffer.tensor(tensor.type, tensor.shape) for name, buffer, tensor in asked}

        if self.is_prepared:
            prepared = function(**arguments(), **numbers)
            if not callable(prepared):
                raise Refused(
                    f"{self.title}: 'prepare' gave a {name_of(prepared)}, expected a function without arguments",
                    "function")
            return prepared
        return lambda: function(**arguments(), **numbers)

    def outputs(self, result: Any, framework: Framework) -> list[Any]:
        """The result as one tensor for each that the stage writes, checked."""
        names = [tensor.name for tensor in self.writes]
        if isinstance(result, dict):
            missing = [name for name in names if name not in result]
            if missing:
                raise Refused(
                    f"{self.title}: '{self.name}' gave no '{missing[0]}', only {', '.join(map(str, result))}", "function")
            values = [result[name] for name in names]
        else:
            values = list(result) if isinstance(result, (tuple, list)) else [result]
        if len(values) != len(names):
            raise Refused(
                f"{self.title}: '{self.name}' gave {len(values)} results, expected {len(names)}: {', '.join(names)}",
                "function")
        for tensor, value in zip(self.writes, values):
            complaint = framework.complaint(value, tensor.type, tensor.shape)
            if complaint:
                raise Refused(f"{self.title}: '{tensor.name}' {complaint}", "function")
        return values


class Step:
    """A stage with its buffers, ready to run."""

    def __init__(self, stage: Stage, buffers: list[Buffer]):
        self.stage = stage
        self.framework = buffers[0].framework
        self.inputs = buffers[: len(stage.reads)]
        places = dict(zip([tensor.name for tensor in stage.tensors], buffers))
        self.targets = [places[tensor.name] for tensor in stage.writes]
        self.single = self.targets[0] if len(self.targets) == 1 else None
        self.call = stage.call(buffers)
        self.versions = [buffer.version for buffer in buffers]
        self.buffers = buffers

    def is_current(self) -> bool:
        return self.versions == [buffer.version for buffer in self.buffers]

    def run(self) -> Any:
        """Runs once. Later steps find the results, which are checked once nobody watches the clock."""
        result = self.call()
        if self.single is not None and not isinstance(result, (tuple, list, dict)):
            self.single.result = result
        else:
            self.keep(result)
        return result

    def keep(self, result: Any) -> None:
        for target, value in zip(self.targets, self.stage.outputs(result, self.framework)):
            target.result = value

"""What a framework does for the runtime: its devices, its tensors, its clock, its errors. Each has a module."""

from __future__ import annotations

import abc
import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import shutil
from collections.abc import Iterable
from typing import Any


class Refused(Exception):
    """A request cannot be carried out, for a reason that a person understands; the runtime goes on."""

    def __init__(self, reason: str, kind: str = "driver"):
        super().__init__(reason)
        self.kind = kind


class Framework(abc.ABC):
    """A framework on one of its devices. Subclasses are made with the device's target and a number of threads."""

    # The module that strategies name.
    name: str
    # Modules beside its own that strategies name as what they need.
    companions: list[str] = []
    precisions: list[str]
    # What its tensors are called where one is missing.
    tensor_name: str
    # Its own names of the element types.
    types: dict[str, Any]
    # What stands in the result.
    code_path: str
    # Whether the device times what it runs.
    has_events = False

    @abc.abstractmethod
    def __init__(self, target: str, threads: int): ...

    @staticmethod
    @abc.abstractmethod
    def devices() -> list[dict[str, Any]]:
        """The devices that it reaches, as `list` answers them. It should be quick: importing a framework is not."""

    @classmethod
    def versions(cls, target: str) -> dict[str, str]:
        """Of its own module and of what goes with it on a device; empty where it is not installed."""
        found = {module: version(module) for module in [cls.name, *cls.companions]}
        known = {module: text for module, text in found.items() if text is not None}
        return known if cls.name in known else {}

    # Tensors

    @abc.abstractmethod
    def empty(self, count: int) -> Any:
        """So many bytes, in whatever the framework keeps raw bytes in."""

    @abc.abstractmethod
    def from_bytes(self, data: bytes) -> Any: ...

    @abc.abstractmethod
    def to_bytes(self, tensor: Any) -> bytes:
        """Of raw bytes, or of a tensor."""

    @abc.abstractmethod
    def typed(self, raw: Any, type: str, shape: list[int]) -> Any:
        """The tensor that lies at the beginning of raw bytes."""

    @abc.abstractmethod
    def is_tensor(self, value: Any) -> bool: ...

    def misplaced(self, tensor: Any) -> str | None:
        """Where a tensor lies, and where it should; None: it is on the device."""
        return None

    def complaint(self, tensor: Any, type: str, shape: list[int]) -> str | None:
        """What is wrong with an output; None: nothing."""
        if not self.is_tensor(tensor):
            return f"is a {name_of(tensor)}, expected {self.tensor_name}"
        if (places := self.misplaced(tensor)) is not None:
            return places
        if tensor.dtype != self.types[type] or list(tensor.shape) != shape:
            return f"has {tensor.dtype} of shape {list(tensor.shape)}, expected {self.types[type]} of shape {shape}"
        return None

    # Time

    def event(self) -> Any:
        """A moment on the device, recorded now."""
        raise NotImplementedError

    def seconds(self, first: Any, last: Any) -> float:
        """Between two events, once the device is done with both."""
        raise NotImplementedError

    def synchronize(self, results: Iterable[Any] = ()) -> None:
        """Waits until the device is done; some frameworks wait for results alone."""

    def executing(self) -> contextlib.AbstractContextManager[Any]:
        """Stages run within it."""
        return contextlib.nullcontext()

    # Errors

    def is_sound(self) -> bool:
        """Whether the device still does what it is told after an exception."""
        return True

    def is_memory_error(self, error: BaseException) -> bool:
        return isinstance(error, MemoryError)


def product(shape: Iterable[int]) -> int:
    result = 1
    for size in shape:
        result *= size
    return result


def name_of(value: Any) -> str:
    return "None" if value is None else type(value).__qualname__


@functools.lru_cache(maxsize=None)
def version(module: str) -> str | None:
    """The version of an installed module, without importing it; None: it is not here."""
    if importlib.util.find_spec(module) is None:
        return None
    names = [module]
    # A module's package may have another name: CuPy's is cupy-cuda12x or cupy-cuda13x.
    if hasattr(importlib.metadata, "packages_distributions") and not _is_distribution(module):
        names = importlib.metadata.packages_distributions().get(module, [])
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    return "of unknown version"


def _is_distribution(name: str) -> bool:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return bool(importlib.metadata.version(name))
    return False


def has_compiler() -> bool:
    """Whether there is one for C++."""
    return bool(os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++"))

"""CuPy on NVIDIA's GPUs."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from . import nvidia
from .frameworks import Framework, product


class Cupy(Framework):
    """CuPy on one of NVIDIA's GPUs: cuda:0."""

    name = "cupy"
    precisions = ["f32", "f16"]
    tensor_name = "an array of CuPy"
    has_events = True

    @staticmethod
    def devices() -> list[dict[str, Any]]:
        return nvidia.devices()

    def __init__(self, target: str, threads: int):
        self.module = importlib.import_module("cupy")
        self.numpy = importlib.import_module("numpy")
        self.index = int(target.partition(":")[2])
        self.device = self.module.cuda.Device(self.index)
        self.device.use()
        names = {"f16": "float16", "f32": "float32", "f64": "float64", "i32": "int32"}
        self.types = {name: self.numpy.dtype(type) for name, type in names.items()}
        self.code_path = f"CuPy {self.module.__version__}, {target}"

    def empty(self, count: int) -> Any:
        return self.module.empty(count, dtype=self.module.uint8)

    def from_bytes(self, data: bytes) -> Any:
        return self.module.asarray(self.numpy.frombuffer(data, dtype=self.numpy.uint8))

    def to_bytes(self, tensor: Any) -> bytes:
        return self.module.asnumpy(tensor).tobytes()

    def typed(self, raw: Any, type: str, shape: list[int]) -> Any:
        count = self.types[type].itemsize * product(shape)
        return raw[:count].view(self.types[type]).reshape(shape)

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.module.ndarray)

    def misplaced(self, tensor: Any) -> str | None:
        return None if tensor.device.id == self.index else f"lies on cuda:{tensor.device.id}, expected cuda:{self.index}"

    def event(self) -> Any:
        event = self.module.cuda.Event()
        event.record()
        return event

    def seconds(self, first: Any, last: Any) -> float:
        return self.module.cuda.get_elapsed_time(first, last) * 1e-3

    def synchronize(self, results: Iterable[Any] = ()) -> None:
        self.device.synchronize()

    def is_sound(self) -> bool:
        """A fault in a kernel ends the device's context."""
        try:
            self.synchronize()
            return int(self.module.ones(4, dtype="int32").sum()) == 4
        except Exception:
            return False

    def is_memory_error(self, error: BaseException) -> bool:
        return isinstance(error, (MemoryError, self.module.cuda.memory.OutOfMemoryError))

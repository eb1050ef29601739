"""NumPy and SciPy on the host's processor."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any

from .frameworks import Framework, product


class Numpy(Framework):
    """NumPy's arrays on the host's processor."""

    name = "numpy"
    companions = ["scipy"]
    precisions = ["f32", "f16"]
    tensor_name = "a NumPy array"

    @staticmethod
    def devices() -> list[dict[str, Any]]:
        return [{"target": "host"}]

    def __init__(self, target: str, threads: int):
        self.module = importlib.import_module("numpy")
        types = {"f16": "float16", "f32": "float32", "f64": "float64", "i32": "int32"}
        self.types = {name: self.module.dtype(type) for name, type in types.items()}
        self.code_path = f"NumPy {self.module.__version__}" + self._blas()

    def _blas(self) -> str:
        """Which library computes products; older versions do not tell."""
        with contextlib.suppress(Exception):
            return f", {self.module.show_config(mode='dicts')['Build Dependencies']['blas']['name']}"
        return ""

    def empty(self, count: int) -> Any:
        return self.module.empty(count, dtype=self.module.uint8)

    def from_bytes(self, data: bytes) -> Any:
        # A copy: it lies where the framework's own arrays lie, and may be written to.
        return self.module.frombuffer(data, dtype=self.module.uint8).copy()

    def to_bytes(self, tensor: Any) -> bytes:
        return self.module.ascontiguousarray(tensor).tobytes()

    def typed(self, raw: Any, type: str, shape: list[int]) -> Any:
        count = self.types[type].itemsize * product(shape)
        return raw[:count].view(self.types[type]).reshape(shape)

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.module.ndarray)

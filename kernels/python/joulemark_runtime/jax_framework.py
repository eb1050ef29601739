"""JAX on the processor and on NVIDIA's GPUs."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
from collections.abc import Iterable
from typing import Any

from . import nvidia
from .frameworks import Framework, Refused, product

# JAX reaches NVIDIA's GPUs by one of these.
PLUGINS = ["jax_cuda13_plugin", "jax_cuda12_plugin"]


class Jax(Framework):
    """JAX on one of its devices: cpu, cuda:0. Its arrays never change, so that a stage gives new ones."""

    name = "jax"
    precisions = ["f32", "f16", "bf16"]
    tensor_name = "an array of JAX"

    @staticmethod
    def devices() -> list[dict[str, Any]]:
        has_plugin = any(importlib.util.find_spec(name) is not None for name in PLUGINS)
        return [{"target": "cpu"}, *(nvidia.devices() if has_plugin else [])]

    def __init__(self, target: str, threads: int):
        kind, _, index = target.partition(":")
        # Read when it is imported. The device's memory is for all contenders, and XLA takes most of it otherwise.
        os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
        os.environ["JAX_PLATFORMS"] = "cpu" if kind == "cpu" else f"{kind},cpu"
        os.environ["NPROC"] = str(threads)
        self.module = importlib.import_module("jax")
        self.numpy = importlib.import_module("numpy")
        # One execution at a time: XLA would start the next beside the one that is timed.
        self.module.config.update("jax_cpu_enable_async_dispatch", False)
        # Whole tracebacks: it is the strategy's own lines that are wanted of them.
        self.module.config.update("jax_traceback_filtering", "off")
        # f32 is f32, not TF32.
        self.module.config.update("jax_default_matmul_precision", "float32")
        found = [device for device in self.module.devices(kind) if device.local_hardware_id in (None, int(index or 0))]
        if not found:
            raise Refused(f"JAX has no device {target}; it has {self.module.devices(kind)}", "missing")
        self.device = found[0]
        names = {"f16": "float16", "bf16": "bfloat16", "f32": "float32", "i32": "int32"}
        self.types = {name: self.numpy.dtype(getattr(self.module.numpy, type)) for name, type in names.items()}
        self.code_path = f"JAX {self.module.__version__}, XLA, {target}"

    # Raw bytes stay with the host: JAX has no views of them, and what is typed is on the device.

    def empty(self, count: int) -> Any:
        return self.numpy.empty(count, dtype=self.numpy.uint8)

    def from_bytes(self, data: bytes) -> Any:
        return self.numpy.frombuffer(data, dtype=self.numpy.uint8)

    def to_bytes(self, tensor: Any) -> bytes:
        return self.numpy.ascontiguousarray(tensor).tobytes()

    def typed(self, raw: Any, type: str, shape: list[int]) -> Any:
        if type not in self.types:
            raise Refused(f"JAX has no {type} as joulemark sets it up, only {', '.join(self.types)}", "unsupported")
        count = self.types[type].itemsize * product(shape)
        return self.module.device_put(raw[:count].view(self.types[type]).reshape(shape), self.device)

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.module.Array)

    def misplaced(self, tensor: Any) -> str | None:
        places = tensor.devices()
        return None if places == {self.device} else f"lies on {places}, expected {self.device}"

    def synchronize(self, results: Iterable[Any] = ()) -> None:
        self.module.block_until_ready(list(results))

    def executing(self) -> contextlib.AbstractContextManager[Any]:
        return self.module.default_device(self.device)

    def is_sound(self) -> bool:
        try:
            ones = self.module.device_put(self.numpy.ones(4, dtype="float32"), self.device)
            return float((ones + ones).sum()) == 8
        except Exception:
            return False

    def is_memory_error(self, error: BaseException) -> bool:
        return isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error)

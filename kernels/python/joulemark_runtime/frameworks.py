"""What a framework does for the runtime: its tensors, its clock, its errors."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterable
from typing import Any, Union


class Refused(Exception):
    """A request cannot be carried out, for a reason that a person understands; the runtime goes on."""

    def __init__(self, reason: str, kind: str = "driver"):
        super().__init__(reason)
        self.kind = kind


def product(shape: Iterable[int]) -> int:
    result = 1
    for size in shape:
        result *= size
    return result


def name_of(value: Any) -> str:
    return "None" if value is None else type(value).__qualname__


class Numpy:
    """NumPy and SciPy on the host's processor."""

    name = "numpy"
    device_name: str | None = None
    has_events = False
    precisions = ["f32", "f16"]

    def __init__(self, threads: int):
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

    def complaint(self, tensor: Any, type: str, shape: list[int]) -> str | None:
        """What is wrong with an output; None: nothing."""
        if not isinstance(tensor, self.module.ndarray):
            return f"is a {name_of(tensor)}, expected a NumPy array"
        if tensor.dtype != self.types[type] or list(tensor.shape) != shape:
            return f"has {tensor.dtype} of shape {list(tensor.shape)}, expected {self.types[type]} of shape {shape}"
        return None

    def synchronize(self) -> None:
        pass

    def is_sound(self) -> bool:
        """Whether the device still does what it is told after an exception."""
        return True

    def executing(self) -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext()

    def is_memory_error(self, error: BaseException) -> bool:
        return isinstance(error, MemoryError)


class Torch:
    """PyTorch on one of its devices: cpu, cuda:0, xpu:0, mps."""

    name = "torch"
    precisions = ["f32", "f16", "bf16"]

    def __init__(self, device_name: str, threads: int):
        self.module = importlib.import_module("torch")
        self.device_name = device_name
        self.device = self.module.device(device_name)
        self.kind = device_name.split(":")[0]
        # The device's own module: torch.cuda, torch.xpu, torch.mps.
        self.driver = getattr(self.module, self.kind) if self.kind != "cpu" else None
        self.has_events = self.driver is not None and hasattr(self.driver, "Event")
        torch = self.module
        if self.kind == "cpu":
            torch.set_num_threads(threads)
        elif self.kind != "mps":
            self.driver.set_device(self.device)
        types = {"f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64", "i32": "int32"}
        self.types = {name: getattr(torch, type) for name, type in types.items()}
        where = f"CPU {torch.backends.cpu.get_cpu_capability()}" if self.kind == "cpu" else device_name
        self.code_path = f"PyTorch {torch.__version__}, {where}"

    def empty(self, count: int) -> Any:
        return self.module.empty(count, dtype=self.module.uint8, device=self.device)

    def from_bytes(self, data: bytes) -> Any:
        if not data:
            return self.empty(0)
        return self.module.frombuffer(bytearray(data), dtype=self.module.uint8).clone().to(self.device)

    def to_bytes(self, tensor: Any) -> bytes:
        return tensor.detach().contiguous().cpu().reshape(-1).view(self.module.uint8).numpy().tobytes()

    def typed(self, raw: Any, type: str, shape: list[int]) -> Any:
        count = self.types[type].itemsize * product(shape)
        return raw[:count].view(self.types[type]).view(shape)

    def complaint(self, tensor: Any, type: str, shape: list[int]) -> str | None:
        """What is wrong with an output; None: nothing."""
        if not isinstance(tensor, self.module.Tensor):
            return f"is a {name_of(tensor)}, expected a tensor of PyTorch"
        if tensor.device.type != self.device.type or (self.device.index or 0) != (tensor.device.index or 0):
            return f"lies on {tensor.device}, expected {self.device}"
        if tensor.dtype != self.types[type] or list(tensor.shape) != shape:
            return f"has {tensor.dtype} of shape {list(tensor.shape)}, expected {self.types[type]} of shape {shape}"
        return None

    def event(self) -> Any:
        """A moment on the device, recorded now."""
        event = self.driver.Event(enable_timing=True)
        event.record()
        return event

    def synchronize(self) -> None:
        if self.driver is not None:
            self.driver.synchronize()

    def is_sound(self) -> bool:
        """Whether the device still does what it is told after an exception: a fault in a kernel ends its context."""
        try:
            self.synchronize()
            return bool((self.empty(4).fill_(1) == 1).all())
        except Exception:
            return False

    def executing(self) -> contextlib.AbstractContextManager[Any]:
        return self.module.inference_mode()

    def is_memory_error(self, error: BaseException) -> bool:
        # PyTorch's allocator for processors raises a plain RuntimeError.
        kind = getattr(self.module, "OutOfMemoryError", MemoryError)
        return isinstance(error, (MemoryError, kind)) or "not enough memory" in str(error)


Framework = Union[Numpy, Torch]

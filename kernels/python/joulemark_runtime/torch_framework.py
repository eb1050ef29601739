"""PyTorch on the processor, on GPUs of NVIDIA, AMD and Intel, and on Apple's."""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import sys
from collections.abc import Iterable
from typing import Any

from .frameworks import Framework, has_compiler, product

# What a driver for an accelerator leaves in /dev on Linux.
DRIVER_FILES = ["/dev/nvidia0", "/dev/kfd", "/dev/dri", "/dev/dxg"]


class Torch(Framework):
    """PyTorch on one of its devices: cpu, cuda:0, xpu:0, mps."""

    name = "torch"
    companions = ["triton", "flash_attn", "mamba_ssm", "causal_conv1d"]
    precisions = ["f32", "f16", "bf16"]
    tensor_name = "a tensor of PyTorch"

    @staticmethod
    def devices() -> list[dict[str, Any]]:
        return [{"target": "cpu"}, *_accelerators()]

    @classmethod
    def versions(cls, target: str) -> dict[str, str]:
        versions = super().versions(target)
        # Its compiler makes C++ for processors, and Triton's language for the rest.
        if versions and (has_compiler() if target == "cpu" else "triton" in versions):
            versions["torch.compile"] = versions["torch"]
        # Triton has no compiler for processors, only an interpreter: to try kernels, not to time them.
        if target == "cpu" and os.environ.get("TRITON_INTERPRET") != "1":
            versions.pop("triton", None)
        return versions

    def __init__(self, target: str, threads: int):
        self.module = importlib.import_module("torch")
        self.device = self.module.device(target)
        self.kind = target.split(":")[0]
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
        where = f"CPU {torch.backends.cpu.get_cpu_capability()}" if self.kind == "cpu" else target
        self.code_path = f"PyTorch {torch.__version__}, {where}"
        if os.environ.get("TRITON_INTERPRET") == "1":
            self.code_path += ", Triton interpreted"

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

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.module.Tensor)

    def misplaced(self, tensor: Any) -> str | None:
        if tensor.device.type != self.device.type or (self.device.index or 0) != (tensor.device.index or 0):
            return f"lies on {tensor.device}, expected {self.device}"
        return None

    def event(self) -> Any:
        event = self.driver.Event(enable_timing=True)
        event.record()
        return event

    def seconds(self, first: Any, last: Any) -> float:
        return first.elapsed_time(last) * 1e-3

    def synchronize(self, results: Iterable[Any] = ()) -> None:
        if self.driver is not None:
            self.driver.synchronize()

    def executing(self) -> contextlib.AbstractContextManager[Any]:
        return self.module.inference_mode()

    def is_sound(self) -> bool:
        """A fault in a kernel ends the device's context."""
        try:
            self.synchronize()
            return bool((self.empty(4).fill_(1) == 1).all())
        except Exception:
            return False

    def is_memory_error(self, error: BaseException) -> bool:
        # PyTorch's allocator for processors raises a plain RuntimeError.
        kind = getattr(self.module, "OutOfMemoryError", MemoryError)
        return isinstance(error, (MemoryError, kind)) or "not enough memory" in str(error)


def _accelerators() -> list[dict[str, Any]]:
    """PyTorch's devices beside the processor. Importing it takes seconds: not where no accelerator has a driver."""
    if sys.platform == "linux" and not any(os.path.exists(path) for path in DRIVER_FILES):
        return []
    torch = importlib.import_module("torch")
    devices: list[dict[str, Any]] = []
    for kind, vendor in [("cuda", "NVIDIA"), ("xpu", "Intel")]:
        driver = getattr(torch, kind, None)
        for index in range(driver.device_count() if driver is not None and driver.is_available() else 0):
            properties = driver.get_device_properties(index)
            is_amd = kind == "cuda" and getattr(torch.version, "hip", None)
            numbers = [getattr(properties, f"pci_{part}_id", None) for part in ["domain", "bus", "device"]]
            devices.append({
                "target": f"{kind}:{index}", "name": properties.name, "vendor": "AMD" if is_amd else vendor,
                "pciAddress": "{:04x}:{:02x}:{:02x}.0".format(*numbers) if None not in numbers else None,
                "computeUnits": getattr(properties, "multi_processor_count", None),
                "memoryBytes": properties.total_memory,
                "cacheBytes": getattr(properties, "L2_cache_size", None)})
    if getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
        devices.append({"target": "mps", "name": platform.processor(), "vendor": "Apple"})
    return devices

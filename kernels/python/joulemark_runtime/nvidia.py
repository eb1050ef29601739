"""NVIDIA's devices as the driver's own library tells them: no framework is imported, which takes seconds and memory."""

from __future__ import annotations

import ctypes
import functools
from typing import Any

# Of cuDeviceGetAttribute, in cuda.h.
MULTIPROCESSOR_COUNT = 16
PCI_BUS = 33
PCI_DEVICE = 34
L2_CACHE_BYTES = 38
PCI_DOMAIN = 50


def _call(library: ctypes.CDLL, name: str, *arguments: Any) -> None:
    status = getattr(library, name)(*arguments)
    if status != 0:
        raise OSError(f"{name} of NVIDIA's driver gave {status}")


@functools.lru_cache(maxsize=None)
def devices() -> list[dict[str, Any]]:
    """In the order in which CUDA counts them; none without the driver."""
    try:
        library = ctypes.CDLL("libcuda.so.1")
        _call(library, "cuInit", 0)
        count = ctypes.c_int()
        _call(library, "cuDeviceGetCount", ctypes.byref(count))
        return [_device(library, index) for index in range(count.value)]
    except (OSError, AttributeError):
        return []


def _device(library: ctypes.CDLL, index: int) -> dict[str, Any]:
    device, name, memory = ctypes.c_int(), ctypes.create_string_buffer(256), ctypes.c_size_t()
    _call(library, "cuDeviceGet", ctypes.byref(device), index)
    _call(library, "cuDeviceGetName", name, len(name), device)
    _call(library, "cuDeviceTotalMem_v2", ctypes.byref(memory), device)

    def attribute(number: int) -> int:
        value = ctypes.c_int()
        _call(library, "cuDeviceGetAttribute", ctypes.byref(value), number, device)
        return value.value

    return {
        "target": f"cuda:{index}", "name": name.value.decode(), "vendor": "NVIDIA",
        "pciAddress": f"{attribute(PCI_DOMAIN):04x}:{attribute(PCI_BUS):02x}:{attribute(PCI_DEVICE):02x}.0",
        "computeUnits": attribute(MULTIPROCESSOR_COUNT), "memoryBytes": memory.value,
        "cacheBytes": attribute(L2_CACHE_BYTES)}

"""Which devices the frameworks of this interpreter reach."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from typing import Any

from .frameworks import Refused

# Modules beside a framework's own that strategies name as what they need.
COMPANIONS = {"numpy": ["scipy"], "torch": ["triton", "flash_attn", "mamba_ssm", "causal_conv1d"]}

# What a driver for an accelerator leaves in /dev on Linux.
DRIVER_FILES = ["/dev/nvidia0", "/dev/kfd", "/dev/dri", "/dev/dxg"]


def _version(module: str) -> str | None:
    """The version of an installed module, without importing it; None: it is not here."""
    if importlib.util.find_spec(module) is None:
        return None
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version(module)
    return "of unknown version"


def _frameworks(name: str, target: str) -> dict[str, str]:
    """Versions of a framework and of what goes with it; empty without it."""
    found = {module: _version(module) for module in [name, *COMPANIONS[name]]}
    versions = {module: version for module, version in found.items() if version is not None}
    if name not in versions:
        return {}
    # Its compiler makes C++ for processors, and Triton's language for the rest.
    compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    if name == "torch" and (compiler if target == "cpu" else "triton" in versions):
        versions["torch.compile"] = versions["torch"]
    return versions


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


def devices() -> list[dict[str, Any]]:
    """All devices, in the order of their numbers: NumPy's, then PyTorch's."""
    numpy = _frameworks("numpy", "host")
    if not numpy:
        raise Refused(
            f"{sys.executable} has no NumPy: apt-get install python3-numpy, pip install numpy, or --python PATH names "
            "another interpreter", "missing")
    found: list[dict[str, Any]] = [{"target": "host", "frameworks": numpy}]
    for device in [{"target": "cpu"}, *_accelerators()] if _version("torch") else []:
        found.append(device | {"frameworks": _frameworks("torch", device["target"])})
    return [{"python": platform.python_version(), "executable": sys.executable} | device for device in found]

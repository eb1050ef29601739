"""Which devices the frameworks of this interpreter reach."""

from __future__ import annotations

import platform
import sys
from typing import Any

from .cupy_framework import Cupy
from .frameworks import Framework, Refused, version
from .jax_framework import Jax
from .numpy_framework import Numpy
from .torch_framework import Torch

# In the order of their devices' numbers: a new one comes last, so that those before keep theirs.
FRAMEWORKS: list[type[Framework]] = [Numpy, Torch, Jax, Cupy]


def found() -> list[tuple[type[Framework], dict[str, Any]]]:
    """All devices with the framework that each is one of, in the order of their numbers."""
    if version(Numpy.name) is None:
        raise Refused(
            f"{sys.executable} has no NumPy: apt-get install python3-numpy, pip install numpy, or --python PATH names "
            "another interpreter", "missing")
    common = {"python": platform.python_version(), "executable": sys.executable}
    return [
        (framework, common | device | {"frameworks": framework.versions(device["target"])})
        for framework in FRAMEWORKS if version(framework.name) is not None for device in framework.devices()]


def devices() -> list[dict[str, Any]]:
    """All devices as `list` answers them."""
    return [device for _, device in found()]

"""The conversation with joulemark: a JSON object a line each way."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from joulemark.script import loaded

from .device import Device
from .devices import devices
from .frameworks import Refused

PROTOCOL_VERSION = 1

LIBRARY_PREFIXES = ("OPENBLAS_", "MKL_", "ATEN_", "ONEDNN_", "DNNL_")


class Runtime:
    """Answers requests, one after the other."""

    def __init__(self) -> None:
        self.device: Device | None = None

    def answer(self, verb: str, order: dict[str, Any]) -> dict[str, Any]:
        if verb in ("list", "open") and order.get("protocolVersion", PROTOCOL_VERSION) != PROTOCOL_VERSION:
            raise Refused(
                f"joulemark speaks version {order['protocolVersion']} of the protocol, this runtime {PROTOCOL_VERSION}",
                "missing")
        if verb == "list":
            return {"protocolVersion": PROTOCOL_VERSION, "devices": devices()}
        if verb == "open":
            _use_threads(order["threads"])
            self.device = Device(order)
            return self.device.open() | {"protocolVersion": PROTOCOL_VERSION}
        if verb == "close":
            return {}
        if self.device is None:
            raise Refused("no device is open")
        verbs: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "makeBuffer": self.device.make_buffer, "write": self.device.write, "read": self.device.read,
            "fill": self.device.fill, "makeStage": self.device.make_stage, "release": self.device.release,
            "run": self.device.run, "rest": self.device.rest}
        if verb not in verbs:
            raise Refused(f"'{verb}' is no request; they are list, open, close, {', '.join(verbs)}")
        return verbs[verb](order) or {}

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; whatever goes wrong is said in one line."""
        try:
            [(verb, order)] = request.items()
            return {"ok": self.answer(verb, order)}
        except Refused as error:
            return {"failed": {"kind": error.kind, "reason": str(error)}}
        except Exception as error:  # a strategy may raise anything
            traceback.print_exc()
            return {"failed": {"kind": self.kind(error, next(iter(request), "")), "reason": _last_line(error)}}

    def kind(self, error: Exception, verb: str) -> str:
        """Whose fault an exception is."""
        framework = self.device.framework if self.device else None
        if framework is not None and framework.is_memory_error(error):
            return "outOfMemory"
        if isinstance(error, (SyntaxError, ImportError)):
            return "compilation"
        # A strategy's own code runs in these; what it raises is its own affair as long as the device is well.
        if verb in ("makeStage", "run") and framework is not None and framework.is_sound():
            return "unsupported" if isinstance(error, NotImplementedError) else "function"
        return "driver"


def _last_line(error: Exception) -> str:
    """The last line of the traceback, and where it was raised, of the strategy's own lines where there are any."""
    described = traceback.TracebackException(type(error), error, None)
    described.__notes__ = None  # remarks that come after it
    message = list(described.format_exception_only())[-1].strip().splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "joulemark_kernels" in frame.filename or frame.filename in loaded] or frames
    place = f" ({'/'.join(own[-1].filename.split('/')[-3:])}:{own[-1].lineno})" if own else ""
    return (message[0] if message else type(error).__name__) + place


def _use_threads(count: int) -> None:
    """Libraries read these when they are loaded, so this comes before any is."""
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
        os.environ[variable] = str(count)
    # Libraries choose their kernels by themselves: a setting meant for other work would hold them back.
    for variable in [name for name in os.environ if name.startswith(LIBRARY_PREFIXES)]:
        if not variable.endswith("_NUM_THREADS"):
            del os.environ[variable]


def _end_with_parent() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _requests() -> Iterator[str]:
    # Not sys.stdin: a strategy that reads from it is to find nothing.
    with os.fdopen(os.dup(0), "r", encoding="utf-8") as lines:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        while line := lines.readline():
            yield line


def main() -> None:
    _end_with_parent()
    # Libraries may print to standard output; the protocol keeps the real one to itself.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        os.dup2(2, 1)
        runtime = Runtime()
        for line in _requests():
            request = json.loads(line)
            replies.write(json.dumps(runtime.reply(request)) + "\n")
            replies.flush()
            if "close" in request:
                return

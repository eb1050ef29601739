#!/usr/bin/env python3
"""A runtime in a page: what a program in any language does to be a backend of joulemark.

It needs nothing but Python, and knows one kernel, which strategies ask for as swiglu/listed. The messages are those of
docs/worker-protocol.md.
"""

import ctypes
import json
import math
import os
import signal
import sys
import time

PROTOCOL_VERSION = 1
DEVICE = {"target": "lists", "driver": f"the example's runtime, Python {sys.version.split()[0]}", "frameworks": {}}


class Refused(Exception):
    def __init__(self, kind, reason):
        super().__init__(reason)
        self.kind = kind


def swiglu(gate, up, y):
    for index, (g, u) in enumerate(zip(gate, up)):
        # exp overflows where silu is 0.
        y[index] = g / (1 + math.exp(-g)) * u if g > -700 else 0.0


KERNELS = {"swiglu/listed": swiglu}
buffers = {}
stages = {}


def of_this_version(order):
    if order["protocolVersion"] != PROTOCOL_VERSION:
        raise Refused("missing", f"the runtime speaks version {PROTOCOL_VERSION}, not {order['protocolVersion']}")


def list_devices(order):
    of_this_version(order)
    return {"protocolVersion": PROTOCOL_VERSION, "devices": [DEVICE]}


def open_device(order):
    of_this_version(order)
    return {"protocolVersion": PROTOCOL_VERSION, "device": DEVICE, "codePath": "a loop over lists", "precisions": ["f32"]}


def make_buffer(order):
    buffers[order["id"]] = bytearray(order["byteCount"])


def write(order):
    with open(order["file"], "rb") as file:
        file.readinto(memoryview(buffers[order["id"]])[: order["byteCount"]])


def read(order):
    with open(order["file"], "wb") as file:
        file.write(buffers[order["id"]][: order["byteCount"]])


def fill(order):
    buffer = buffers[order["id"]]
    word = order["pattern"].to_bytes(4, sys.byteorder)
    buffer[:] = (word * (len(buffer) // 4 + 1))[: len(buffer)]


def make_stage(order):
    name = f"{order['family']}/{order['strategy']}"
    if name not in KERNELS:
        raise Refused("unsupported", f"there is no kernel {name}; there are {', '.join(KERNELS)}")
    stages[order["id"]] = KERNELS[name]


def release(order):
    (buffers if order["kind"] == "buffer" else stages).pop(order["id"], None)


def run(order):
    # What a run needs besides the kernel comes before the clock starts: elements in place of bytes.
    calls = [(stages[dispatch["stage"]], [memoryview(buffers[number]).cast("f") for number in dispatch["buffers"]])
             for dispatch in order["dispatches"]]
    seconds = {"hostSeconds": [], "stageSeconds": [[] for _ in calls]}
    begin = time.perf_counter()
    for _ in range(order["repetitions"]):
        moments = [time.perf_counter()]
        for kernel, tensors in calls:
            kernel(*tensors)
            moments.append(time.perf_counter())
        seconds["hostSeconds"].append(moments[-1] - moments[0])
        for number, times in enumerate(seconds["stageSeconds"]):
            times.append(moments[number + 1] - moments[number])
    return seconds | {"totalHostSeconds": time.perf_counter() - begin, "deviceSeconds": None}


REQUESTS = {
    "list": list_devices, "open": open_device, "makeBuffer": make_buffer, "write": write, "read": read, "fill": fill,
    "makeStage": make_stage, "release": release, "run": run, "rest": lambda order: None, "close": lambda order: None}


def reply(verb, order):
    try:
        if verb not in REQUESTS:
            raise Refused("unsupported", f"'{verb}' is no request of version {PROTOCOL_VERSION}")
        return {"ok": REQUESTS[verb](order) or {}}
    except Refused as error:
        return {"failed": {"kind": error.kind, "reason": str(error)}}
    except Exception as error:
        return {"failed": {"kind": "function", "reason": f"{type(error).__name__}: {error}"}}


def main():
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: ends with the process that started it
    # Whatever else prints, standard output carries the answers alone.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        [(verb, order)] = json.loads(line).items()
        print(json.dumps(reply(verb, order)), file=answers, flush=True)
        if verb == "close":
            return


main()

"""What this machine can do at most, measured in the run that is held against it."""

import time

import torch


def measure(worker):
    """Multiply-adds in registers, a stream that is scaled, and a sum that only reads."""
    flops = worker.prepare("peak-flops", "fma", {"N": 65536, "R": 65536})
    scale = worker.prepare("peak-bandwidth", "scale", {"N": 1 << 25})
    found = {
        "flopsPerSecond": flops.flops / min(flops.seconds(6)),
        "copyBytesPerSecond": scale.bytes / min(scale.seconds(6)),
        "readBytesPerSecond": read_bandwidth()}
    flops.discard()
    scale.discard()
    return found


def read_bandwidth():
    values = torch.ones(1 << 26)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(6):
            begin = time.perf_counter()
            values.sum()
            best = min(best, time.perf_counter() - begin)
    return 4 * values.numel() / best


def larger(one, other):
    """Either of two measurements may have been disturbed; a limit is what was reached."""
    return {key: max(one[key], other[key]) for key in one}

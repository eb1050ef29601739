#!/usr/bin/env python3
"""What the profiler adds to the time that it reports for a kernel of about 10 microseconds.

    Benchmarks/overhead/overhead.py [--repeat 5] [--case NAME] [--json FILE]

The kernel is `conv1d/paced` (Tests/Fixtures/kernels) at a small shape with hot caches, on one processor. Its reported
median is held against a bare loop around the same code (bare_cpu.c) and against enqueue, finish and the event's times
(bare_opencl.c), in turn, and the median of the quotients taken.

For functions in Python the kernel is `matmul/numpy` at two shapes, of about 10 microseconds and a millisecond, beside a
loop of its own (bare_numpy.py). What the adapter adds to the short one is shown, beside what the run itself says of a
dispatch; it is much of 10 microseconds, and the long one tells what that means for a kernel.

Exit code 0 when the quotient is within each case's limit.
"""
import argparse
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "Tests/Fixtures/kernels"
HERE = pathlib.Path(__file__).resolve().parent
FIXTURE_PACE = 400
# Sequence length, channels and pace, for about 10 microseconds on a Zen 3 core.
SHAPES = {"cpu:0": (2, 64, 400), "opencl:0": (1, 64, 100)}
# Rows, columns and inner size of products in NumPy.
PRODUCTS = {"python:0 10 us": (96, 96, 128), "python:0 1 ms": (512, 512, 512)}
# The largest quotient that passes; a short function in Python has none, its adapter being Python too.
LIMITS = {"cpu:0": 1.02, "opencl:0": 1.02, "python:0 1 ms": 1.01}


def build(folder):
    paced = FIXTURE / "conv1d/paced/paced.c"
    compiler = os.environ.get("CC", "clang")
    subprocess.run([compiler, "-O2", f"-I{ROOT}/kernels/cpu/include", "-o", folder / "bare_cpu", HERE / "bare_cpu.c",
                    ROOT / "kernels/cpu/registry.c", paced, "-lm"], check=True)
    subprocess.run([compiler, "-O2", "-o", folder / "bare_opencl", HERE / "bare_opencl.c", "-lOpenCL"], check=True)


def bare(device, folder):
    if device in PRODUCTS:
        return float(pinned([sys.executable, HERE / "bare_numpy.py"] + [str(value) for value in PRODUCTS[device]]))
    command = [folder / "bare_cpu"] if device == "cpu:0" else [folder / "bare_opencl",
                                                                FIXTURE / "conv1d/paced/paced.cl"]
    return float(pinned(command + [str(value) for value in SHAPES[device]]))


def kernels(device, folder):
    """The fixture with this device's pace."""
    target = folder / device
    if not target.exists():
        shutil.copytree(FIXTURE, target)
        file = target / "conv1d/paced/strategy.json"
        file.write_text(file.read_text().replace(f"pace = {FIXTURE_PACE}", f"pace = {SHAPES[device][2]}"))
    return target


def selection(device, folder):
    if device in PRODUCTS:
        m, n, k = PRODUCTS[device]
        return ["--family", "matmul", "--strategy", "numpy", "--shape", f"M={m},N={n},K={k}", "--python", sys.executable]
    length, channels, _ = SHAPES[device]
    return ["--kernels", kernels(device, folder), "--family", "conv1d", "--strategy", "paced", "--shape",
            f"L={length},D={channels}"]


def reported(device, program, folder):
    run = json.loads(pinned([
        program, "profile", *selection(device, folder), "--device", device.split()[0], "--hot", "--energy", "off",
        "--time-limit", "1", "--no-history", "--quiet", "--json", "-"]))
    return run["measurements"][0]["time"], run["devices"][0]["dispatch"]


def pinned(command):
    processor = str(min(os.sched_getaffinity(0)))
    # The runtime leaves such settings out as well; one processor has one thread.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    environment["OPENBLAS_NUM_THREADS"] = "1"
    return subprocess.run(
        ["taskset", "-c", processor] + command, check=True, capture_output=True, text=True, env=environment).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / ".build/release/joulemark", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--case", action="append", choices=[*SHAPES, *PRODUCTS])
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cases = options.case or [*SHAPES, *PRODUCTS]
        if any(case in SHAPES for case in cases):
            build(folder)
        for device in cases:
            pairs = []
            for _ in range(options.repeat):
                before = bare(device, folder)
                time, dispatch = reported(device, options.program, folder)
                after = bare(device, folder)
                pairs.append({"bareSeconds": [before, after], "reportedSeconds": time["median"], "batch": time["batch"],
                              "quotient": time["median"] / statistics.mean([before, after])})
            results.append({"device": device, "quotient": statistics.median(p["quotient"] for p in pairs),
                            "dispatch": dispatch, "pairs": pairs})
    print(f"{'device':<14} {'bare loop':>11} {'reported':>11} {'quotient':>9} {'a dispatch':>11}   {'all':<30}")
    for line in results:
        low = statistics.median(b for p in line["pairs"] for b in p["bareSeconds"])
        told = statistics.median(p["reportedSeconds"] for p in line["pairs"])
        every = " ".join(f"{p['quotient']:.3f}" for p in line["pairs"])
        dispatch = line["dispatch"]["backToBackSeconds"] or line["dispatch"]["hostSeconds"]
        print(f"{line['device']:<14} {low * 1e6:>8.2f} us {told * 1e6:>8.2f} us {line['quotient']:>9.3f} "
              f"{dispatch * 1e6:>8.2f} us   {every}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0 if all(line["quotient"] <= LIMITS.get(line["device"], math.inf) for line in results) else 1


if __name__ == "__main__":
    sys.exit(main())

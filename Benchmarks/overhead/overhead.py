#!/usr/bin/env python3
"""What the profiler adds to the time that it reports for a kernel of about 10 microseconds.

    Benchmarks/overhead/overhead.py [--repeat 5] [--json FILE]

The kernel is `conv1d/paced` (Tests/Fixtures/kernels) at a small shape with hot caches, on one processor. Its reported median is
held against a bare loop around the same code (bare_cpu.c) and against enqueue, finish and the event's times (bare_opencl.c), in
turn, and the median of the quotients taken. Exit code 0 when that is at most 1.02 on every device.
"""
import argparse
import json
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


def build(folder):
    paced = FIXTURE / "conv1d/paced/paced.c"
    compiler = os.environ.get("CC", "clang")
    subprocess.run([compiler, "-O2", f"-I{ROOT}/kernels/cpu/include", "-o", folder / "bare_cpu", HERE / "bare_cpu.c",
                    ROOT / "kernels/cpu/registry.c", paced, "-lm"], check=True)
    subprocess.run([compiler, "-O2", "-o", folder / "bare_opencl", HERE / "bare_opencl.c", "-lOpenCL"], check=True)


def bare(device, folder):
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


def reported(device, program, folder):
    length, channels, _ = SHAPES[device]
    run = json.loads(pinned([
        program, "profile", "--kernels", kernels(device, folder), "--family", "conv1d", "--strategy", "paced", "--shape",
        f"L={length},D={channels}", "--device", device, "--hot", "--energy", "off", "--time-limit", "1", "--no-history",
        "--quiet", "--json", "-"]))
    return run["measurements"][0]["time"], run["devices"][0]["dispatch"]


def pinned(command):
    processor = str(min(os.sched_getaffinity(0)))
    return subprocess.run(["taskset", "-c", processor] + command, check=True, capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / ".build/release/joulemark", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--device", action="append", choices=list(SHAPES))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build(folder)
        for device in options.device or list(SHAPES):
            pairs = []
            for _ in range(options.repeat):
                before = bare(device, folder)
                time, dispatch = reported(device, options.program, folder)
                after = bare(device, folder)
                pairs.append({"bareSeconds": [before, after], "reportedSeconds": time["median"], "batch": time["batch"],
                              "quotient": time["median"] / statistics.mean([before, after])})
            results.append({"device": device, "quotient": statistics.median(p["quotient"] for p in pairs),
                            "dispatch": dispatch, "pairs": pairs})
    print(f"{'device':<10} {'bare loop':>11} {'reported':>11} {'quotient':>9}   {'all':<30}")
    for line in results:
        low = statistics.median(b for p in line["pairs"] for b in p["bareSeconds"])
        told = statistics.median(p["reportedSeconds"] for p in line["pairs"])
        every = " ".join(f"{p['quotient']:.3f}" for p in line["pairs"])
        print(f"{line['device']:<10} {low * 1e6:>8.2f} us {told * 1e6:>8.2f} us {line['quotient']:>9.3f}   {every}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0 if all(line["quotient"] <= 1.02 for line in results) else 1


if __name__ == "__main__":
    sys.exit(main())

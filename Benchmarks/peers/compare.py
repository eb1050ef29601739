"""Runs our CPU kernels and their peers in turn, on the same inputs with as many threads, and prints ratios with intervals."""

import argparse
import datetime
import json
import os
import platform
import random
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/peers/run", description=__doc__)
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, help="threads of both sides (default: the cores of this machine)")
    parser.add_argument("--only", metavar="TEXT", action="append", default=[], help="rows whose name holds TEXT; may repeat")
    parser.add_argument("--seconds", type=float, default=6.0, help="time for each row (default: 6)")
    parser.add_argument("--json", metavar="FILE", help="write all that was measured as JSON")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables as Markdown")
    parser.add_argument("--check", action="store_true", help="exit code 2 when a ratio is surely below its target")
    return parser.parse_args()


options = arguments()
if options.threads:
    # Libraries read these when they are loaded.
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
        os.environ[variable] = str(options.threads)

# Peers choose their kernels by themselves: a setting meant for other work, such as OPENBLAS_CORETYPE, would hold them back.
for variable in [name for name in os.environ if name.startswith(("OPENBLAS_", "MKL_", "ATEN_", "ONEDNN_", "DNNL_"))]:
    if not variable.endswith("_NUM_THREADS"):
        print(f"left out of the peers' environment: {variable}={os.environ.pop(variable)}", file=sys.stderr)

import numpy  # noqa: E402
import scipy  # noqa: E402
import threadpoolctl  # noqa: E402
import torch  # noqa: E402

import limits  # noqa: E402
import tables  # noqa: E402
from rounds import interval, normalised_error  # noqa: E402
from rows import all_rows  # noqa: E402
from worker import Refused, Worker  # noqa: E402

FEWEST_ROUNDS = 7
MOST_ROUNDS = 60
# A side's turn: long enough that the clock and the pipe do not count.
TURN_SECONDS = 0.05
# Libraries' threads go on looking for work after it is done (OpenBLAS's for more than 100 ms), and take half a core from
# whoever comes next: no side begins before they sleep.
PAUSE_SECONDS = 0.02
LONGEST_REST = 1.0
# In any one moment others may use the machine, and a limit measured then is none.
ROWS_BETWEEN_LIMITS = 6


def timed(call, repetitions):
    seconds = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return seconds


def rest():
    """Sleeps until the threads of this process do, ours being asleep as soon as their work is done."""
    begin = time.perf_counter()
    busy = True
    while busy and time.perf_counter() - begin < LONGEST_REST:
        used = time.process_time()
        time.sleep(PAUSE_SECONDS)
        busy = time.process_time() - used > 0.05 * PAUSE_SECONDS


class Side:
    """One of two that take turns."""

    def __init__(self, run):
        self.run = run
        first = min(run(1))
        # The first execution finds cold caches and threads that sleep.
        self.repetitions = max(1, min(64, int(TURN_SECONDS / min(first, *run(1)))))
        self.rounds = []

    def turn(self):
        rest()
        self.rounds.append(float(numpy.median(self.run(self.repetitions))))


def take_turns(ours, peer, seconds):
    order = random.Random(1)
    begin = time.perf_counter()
    while len(ours.rounds) < MOST_ROUNDS:
        if len(ours.rounds) >= FEWEST_ROUNDS and time.perf_counter() - begin > seconds:
            return
        sides = [ours, peer]
        order.shuffle(sides)
        for side in sides:
            side.turn()


class Comparison:
    """Measures rows with one worker, and a second one where the threads differ."""

    def __init__(self):
        self.workers = {}
        self.worker = self.with_threads(options.threads)
        self.threads = self.worker.device["computeUnits"]
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
        threadpoolctl.threadpool_limits(self.threads)

    def with_threads(self, threads):
        if threads not in self.workers:
            self.workers[threads] = Worker(options.program, threads)
        return self.workers[threads]

    def measure(self, row):
        """What the row's two sides took; a strategy that cannot run is skipped with the reason."""
        result = {"name": row.name, "family": row.family, "strategy": row.strategy, "parameters": row.parameters,
                  "stage": row.stage, "peer": row.peer_name, "target": row.target, "limit": row.limit}
        try:
            prepared = self.worker.prepare(row.family, row.strategy, row.parameters)
            peer, error = self.peer(row, prepared)
        except Refused as refusal:
            return result | {"skipped": str(refusal)}
        result["normalisedError"] = error
        if error > 1e-9:
            return result | {"failed": f"the peer computed something else: normalised squared error {error:.1e}"}
        ours = Side(lambda repetitions: prepared.seconds(repetitions, row.stage))
        theirs = Side(peer)
        take_turns(ours, theirs, options.seconds)
        prepared.discard()
        ratios = [b / a for a, b in zip(ours.rounds, theirs.rounds)]
        median = float(numpy.median(ours.rounds))
        low, high = interval(ratios)
        return result | {
            "codePath": prepared.code_path, "rounds": len(ratios),
            "ours": {"median": median, "interval": interval(ours.rounds), "seconds": ours.rounds},
            "theirs": {
                "median": float(numpy.median(theirs.rounds)), "interval": interval(theirs.rounds), "seconds": theirs.rounds},
            "ratio": float(numpy.median(ratios)), "ratioInterval": [low, high],
            "flopsPerSecond": prepared.flops * row.share / median, "bytesPerSecond": prepared.bytes / median}

    def peer(self, row, prepared):
        """How to time the other side, and how far its output is from ours."""
        output = prepared.tensors[{"attention": "o", "sparse-attention": "o", "spmm": "c", "matmul": "c"}.get(row.family, "y")]
        if row.peer is None:
            strategy, parameters = row.own_strategy or (row.strategy, row.parameters)
            worker = self.worker if row.own_threads is None else self.with_threads(row.own_threads)
            # Both were verified against the oracle; 4-bit weights are not the same numbers.
            other = worker.prepare(row.family, strategy, parameters)
            return (lambda repetitions: other.seconds(repetitions)), 0.0
        call = row.peer(prepared.tensors)
        found = call()
        found = found.numpy() if isinstance(found, torch.Tensor) else found
        if row.completion:
            found = row.completion(prepared.tensors, found)
        return (lambda repetitions: timed(call, repetitions)), normalised_error(found, output)

    def close(self):
        for worker in self.workers.values():
            worker.close()


def environment(comparison):
    device = comparison.worker.device
    return {
        "processor": device["name"], "codePath": device["apiVersion"], "threads": comparison.threads,
        "kernel": platform.release(), "python": platform.python_version(), "torch": torch.__version__,
        "torchCapability": torch.backends.cpu.get_cpu_capability(), "torchThreads": torch.get_num_threads(),
        "numpy": numpy.__version__, "scipy": scipy.__version__, "libraries": [
            {key: library.get(key) for key in ["user_api", "internal_api", "version", "num_threads", "architecture"]}
            for library in threadpoolctl.threadpool_info()]}


def main():
    rows = [row for row in all_rows() if not options.only or any(
        text in f"{row.family}/{row.strategy} {row.stage or ''} {row.name} {row.peer_name}" for text in options.only)]
    if not rows:
        sys.exit("no row's name holds " + " or ".join(options.only))
    comparison = Comparison()
    started = datetime.datetime.now(datetime.timezone.utc)
    reach = limits.measure(comparison.worker)
    results = []
    for index, row in enumerate(rows):
        results.append(comparison.measure(row))
        print(tables.line(results[-1]), file=sys.stderr, flush=True)
        if index % ROWS_BETWEEN_LIMITS == ROWS_BETWEEN_LIMITS - 1 or row is rows[-1]:
            reach = limits.larger(reach, limits.measure(comparison.worker))
    record = {
        "schemaVersion": 1, "startedAt": started.isoformat(timespec="seconds"), "environment": environment(comparison),
        "limits": reach, "rows": results}
    comparison.close()
    text = tables.markdown(record)
    print(text)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(record, file, indent=2)
            file.write("\n")
    if options.markdown:
        with open(options.markdown, "w") as file:
            file.write(text + "\n")
    if any("failed" in result for result in results):
        sys.exit(1)
    if options.check and any(result["ratioInterval"][1] < result["target"] for result in results if "ratio" in result):
        sys.exit(2)


main()

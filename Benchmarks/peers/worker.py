"""joulemark's worker process, which runs one strategy after the other on the processor when it is asked to."""

import json
import pathlib
import subprocess
import tempfile

import numpy


class Refused(Exception):
    """The worker cannot do what was asked; it goes on."""


class Worker:
    """One worker with so many threads. Everything prepared in it is verified against the float64 oracle first."""

    def __init__(self, program, threads):
        self.folder = tempfile.TemporaryDirectory(prefix="joulemark-peers-")
        self.process = subprocess.Popen(
            [program, "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.prepared = 0
        request = {
            "backend": "cpu", "index": 0, "processor": {"threadCount": threads, "guardsMemory": False}, "kernelDirectories": [],
            "scratch": self.folder.name}
        self.device = self.ask("open", request)["opened"]["_0"]

    def ask(self, verb, content):
        self.process.stdin.write(json.dumps({verb: content}) + "\n")
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the worker ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise Refused(answer["failed"]["reason"])
        return answer

    def prepare(self, family, strategy, parameters, seed=1):
        """Compiles, verifies, and gives the strategy with its inputs and outputs by name."""
        self.prepared += 1
        dump = pathlib.Path(self.folder.name) / str(self.prepared)
        assignment = {
            "family": family, "strategy": strategy, "parameters": parameters, "precision": "f32", "seed": seed,
            "inputs": {}, "isHot": True, "dumpDirectory": str(dump), "tunables": {},
            "isVerified": False}
        answer = self.ask("prepare", {"id": self.prepared, "_1": assignment})["prepared"]["_0"]
        if answer["status"] != "ok":
            raise Refused(f"{answer['status']}: {answer.get('message')}")
        files = (dump / family / strategy / "cpu:0").glob("*.npy")
        tensors = {file.stem: numpy.load(file) for file in files}
        return Prepared(self, self.prepared, answer, tensors)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.folder.cleanup()


class Prepared:
    """A strategy that is ready to run."""

    def __init__(self, worker, number, answer, tensors):
        self.worker = worker
        self.number = number
        self.tensors = tensors
        self.flops = answer["work"]["flops"]
        self.bytes = answer["work"]["minimumBytes"]
        self.stages = answer["stages"]
        self.code_path = answer["codePath"]

    def seconds(self, repetitions, stage=None):
        """Seconds of so many executions, of all stages or of the one named."""
        order = {
            "id": self.number, "repetitions": repetitions, "batch": 1, "controls": [], "stages": stage is not None}
        times = self.worker.ask("sample", {"_0": order})["sampled"]["_0"]
        return times["hostSeconds"] if stage is None else times["stageSeconds"][self.stages.index(stage)]

    def discard(self):
        self.worker.ask("discard", {"id": self.number})

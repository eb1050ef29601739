"""One device with its buffers and stages."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import Any

from .devices import found
from .frameworks import Framework, Refused
from .stages import Buffer, Stage, Step
from .times import Times

# Libraries' threads look for work after theirs is done, OpenBLAS's for more than 100 ms, and take half a core from
# whoever comes next: nobody comes next before they sleep.
REST_STEP_SECONDS = 0.002
LONGEST_REST_SECONDS = 1.0
BUSY_SHARE = 0.05


def _has_runnable_threads() -> bool:
    """Whether a thread beside this one wants a processor; False where the system does not tell.

    What a thread has used does not say so: on a machine with other work one that looks for some may not get its turn
    for a while.
    """
    own = str(threading.get_native_id())
    try:
        tasks = os.listdir("/proc/self/task")
    except OSError:
        return False
    for task in tasks:
        with contextlib.suppress(OSError):
            if task != own:
                with open(f"/proc/self/task/{task}/stat", "rb") as file:
                    if file.read().rpartition(b") ")[2][:1] == b"R":
                        return True
    return False


class Device:
    """One device with its buffers and stages."""

    def __init__(self, order: dict[str, Any]):
        devices = found()
        if not 0 <= order["index"] < len(devices):
            raise Refused(f"there is no device {order['index']}; there are {len(devices)}", "missing")
        framework, self.record = devices[order["index"]]
        self.framework: Framework = framework(self.record["target"], order["threads"])
        self.buffers: dict[int, Buffer] = {}
        self.stages: dict[int, Stage] = {}
        self.steps: dict[tuple[int, ...], Step] = {}

    def open(self) -> dict[str, Any]:
        return {
            "device": self.record, "codePath": self.framework.code_path, "precisions": self.framework.precisions,
            "hasClock": self.framework.has_events}

    def make_buffer(self, order: dict[str, Any]) -> None:
        self.buffers[order["id"]] = Buffer(order["byteCount"], self.framework)

    def write(self, order: dict[str, Any]) -> None:
        with open(order["file"], "rb") as file:
            self._buffer(order["id"]).write(file.read())

    def read(self, order: dict[str, Any]) -> None:
        with open(order["file"], "wb") as file:
            file.write(self._buffer(order["id"]).read(order["byteCount"]))

    def fill(self, order: dict[str, Any]) -> None:
        buffer = self._buffer(order["id"])
        word = order["pattern"].to_bytes(4, sys.byteorder)
        buffer.write((word * (buffer.byte_count // 4 + 1))[: buffer.byte_count])

    def make_stage(self, order: dict[str, Any]) -> None:
        with self.framework.executing():
            self.stages[order["id"]] = Stage(order)

    def release(self, order: dict[str, Any]) -> None:
        """Frees a buffer or a stage, and what was prepared with it."""
        kept = self.buffers if order["kind"] == "buffer" else self.stages
        kept.pop(order["id"], None)
        numbers = [order["id"]] if order["kind"] == "stage" else []
        self.steps = {
            key: step for key, step in self.steps.items()
            if key[0] not in numbers and (order["kind"] == "stage" or order["id"] not in key[1:])}

    def run(self, order: dict[str, Any]) -> dict[str, Any]:
        with self.framework.executing():
            steps = self._steps(order["dispatches"])
            self.framework.synchronize()
            times = Times(self.framework, steps)
            return times.take(order["repetitions"], order["timing"])

    def rest(self, order: dict[str, Any]) -> None:
        """Sleeps until the threads of this process do."""
        begin = time.perf_counter()
        while time.perf_counter() - begin < LONGEST_REST_SECONDS:
            used = time.process_time()
            time.sleep(REST_STEP_SECONDS)
            if time.process_time() - used < BUSY_SHARE * REST_STEP_SECONDS and not _has_runnable_threads():
                return

    def _buffer(self, number: int) -> Buffer:
        if number not in self.buffers:
            raise Refused(f"there is no buffer {number}")
        return self.buffers[number]

    def _steps(self, dispatches: list[dict[str, Any]]) -> list[Step]:
        steps = []
        written: set[int] = set()
        for dispatch in dispatches:
            key = (dispatch["stage"], *dispatch["buffers"])
            stage = self.stages.get(dispatch["stage"])
            if stage is None:
                raise Refused(f"there is no stage {dispatch['stage']}")
            if len(dispatch["buffers"]) != len(stage.tensors):
                raise Refused(f"'{stage.name}' binds {len(stage.tensors)} buffers, found {len(dispatch['buffers'])}")
            if stage.is_prepared and any(number in written for number in dispatch["buffers"][: len(stage.reads)]):
                raise Refused(
                    f"{stage.title}: 'prepare' of '{stage.name}' would hold a tensor that an earlier stage writes: "
                    f"define '{stage.name}' instead, which is given it in every call", "compilation")
            if key not in self.steps or not self.steps[key].is_current():
                self.steps[key] = Step(stage, [self._buffer(number) for number in dispatch["buffers"]])
            steps.append(self.steps[key])
            written.update(dispatch["buffers"][len(stage.reads):])
        return steps

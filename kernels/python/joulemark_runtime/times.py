"""How long stages take: by the device's events where it has some, else by the host's clock."""

from __future__ import annotations

import time
from typing import Any

from .frameworks import Framework
from .stages import Step


class Times:
    """Runs steps, and says how long they took: by the device's events where it has some, else by the host's clock."""

    def __init__(self, framework: Framework, steps: list[Step]):
        self.framework = framework
        self.steps = steps
        self.results: list[Any] = []

    def take(self, repetitions: int, timing: str) -> dict[str, Any]:
        answer: dict[str, Any] = {"hostSeconds": [], "deviceSeconds": None, "stageSeconds": []}
        if self.framework.has_events:
            answer["deviceSeconds"] = []
        begin = time.perf_counter()
        if timing == "none":
            for _ in range(repetitions):
                self._once()
            self.framework.synchronize(self.results)
        elif timing == "repetitions":
            self._repetitions(repetitions, answer)
        else:
            self._stages(repetitions, answer)
        answer["totalHostSeconds"] = time.perf_counter() - begin
        for step, result in zip(self.steps, self.results):
            step.keep(result)
        return answer

    def _once(self) -> None:
        self.results = [step.run() for step in self.steps]

    def _repetitions(self, count: int, answer: dict[str, Any]) -> None:
        events = []
        for _ in range(count):
            begin = time.perf_counter()
            if self.framework.has_events:
                first = self.framework.event()
                self._once()
                events.append((first, self.framework.event()))
            else:
                self._once()
            self.framework.synchronize(self.results)
            answer["hostSeconds"].append(time.perf_counter() - begin)
        if events:
            answer["deviceSeconds"] = [self.framework.seconds(first, last) for first, last in events]

    def _stages(self, count: int, answer: dict[str, Any]) -> None:
        answer["stageSeconds"] = [[] for _ in self.steps]
        for _ in range(count):
            self.results = []
            moments = [self._moment()]
            begin = time.perf_counter()
            for step in self.steps:
                self.results.append(step.run())
                moments.append(self._moment())
            self.framework.synchronize(self.results)
            answer["hostSeconds"].append(time.perf_counter() - begin)
            seconds = [self._between(a, b) for a, b in zip(moments, moments[1:])]
            for times, value in zip(answer["stageSeconds"], seconds):
                times.append(value)
            if self.framework.has_events:
                answer["deviceSeconds"].append(sum(seconds))

    def _moment(self) -> Any:
        if self.framework.has_events:
            return self.framework.event()
        self.framework.synchronize(self.results)
        return time.perf_counter()

    def _between(self, first: Any, last: Any) -> float:
        return self.framework.seconds(first, last) if self.framework.has_events else last - first

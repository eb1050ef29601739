#!/usr/bin/env python3
"""Integrate the raw readings of a result file again, independently, and compare with the joules that it states.

usage: reintegrate.py RUN.json

The rules are those of the result format's description: unwrap each counter; a knot lies between the last reading of the
old value and the first of the new one, no more than one update interval before the latter; at an edge the energy is the
mean of what the knots before it and the knots after it extrapolate to, each held between the two knots around the edge.
A sensor's settled readings are integrated by the trapezoidal rule and their mean power is taken for the whole window.
Exit code 0 when every measurement agrees to 1e-9, 1 otherwise.
"""
import bisect
import json
import sys

TOLERANCE = 1e-9


def knots_of(trace):
    """(time, joules) of every update that was seen."""
    times, joules, total = [], [], 0.0
    update = trace["updateSeconds"]
    previous = None
    for before, after, value in zip(trace["before"], trace["after"], trace["values"]):
        time = (before + after) / 2
        earliest = time - update
        if previous is not None:
            step = (value - previous[1]) * trace["scale"]
            if step == 0:
                previous = (time, value)
                continue
            if step < 0 and trace["modulus"] is not None:
                step += trace["modulus"] * trace["scale"]
            total += step
            earliest = max(earliest, previous[0])
        times.append((earliest + time) / 2)
        joules.append(total)
        previous = (time, value)
    return times, joules


def edge(times, joules, moment, span):
    after = bisect.bisect_right(times, moment)
    before = after - 1
    rise = joules[after] - joules[before]
    width = times[after] - times[before]
    linear = rise / width if width > 0 else 0.0
    first = bisect.bisect_left(times, times[before] - span)
    last = bisect.bisect_right(times, times[after] + span) - 1

    def slope(begin, end):
        return (joules[end] - joules[begin]) / (times[end] - times[begin]) if times[end] > times[begin] else linear

    from_before = joules[before] + min(slope(first, before) * (moment - times[before]), rise)
    from_after = joules[after] - min(slope(after, last) * (times[after] - moment), rise)
    return (from_before + from_after) / 2


def counter_joules(trace, begin, end):
    times, joules = knots_of(trace)
    span = max(4 * trace["updateSeconds"], 0.01)
    return edge(times, joules, end, span) - edge(times, joules, begin, span)


def sensor_joules(trace, begin, end):
    settled = begin + trace["averagingSeconds"] + trace["updateSeconds"]
    points = [((b + a) / 2, v) for b, a, v in zip(trace["before"], trace["after"], trace["values"])]
    points = [point for point in points if settled <= point[0] <= end]
    area = sum((p + q) / 2 * (u - t) for (t, p), (u, q) in zip(points, points[1:]))
    return area * trace["scale"] / (points[-1][0] - points[0][0]) * (end - begin)


def main(path):
    with open(path, encoding="utf-8") as file:
        run = json.load(file)
    traces = {trace["source"]: trace for trace in run["meterTrace"]["sources"]}
    worst, compared = 0.0, 0
    for measurement in run["measurements"]:
        energy = measurement["energy"]
        if not energy or energy["provenance"] not in ("measured", "integrated"):
            continue
        counted = [s["id"] for s in run["powerSources"] if measurement["device"] in s["devices"]]
        total, executions = 0.0, 0
        for window in energy["windows"]:
            joules = 0.0
            for source in counted:
                integrate = sensor_joules if traces[source]["kind"] == "sensor" else counter_joules
                joules += integrate(traces[source], window["begin"], window["end"])
            worst = max(worst, abs(joules - window["grossJoules"]) / window["grossJoules"])
            total += joules
            executions += window["iterations"]
        worst = max(worst, abs(total / executions - energy["grossJoules"]) / energy["grossJoules"])
        compared += 1
    print(f"{compared} measurements, largest relative difference {worst:.3g}")
    return 0 if compared and worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

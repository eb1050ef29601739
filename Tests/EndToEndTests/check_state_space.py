"""Recomputes a state-space model from dumped inputs and compares with the dumped output.

usage: check_state_space.py FAMILY -- FOLDER...

FAMILY is selective-scan or ssd, a FOLDER holds the inputs and y.npy as .npy. The recurrence as the papers write it, a
step at a time in float64: no chunks, no sums of decays. Prints the normalised mean squared errors.
"""

import numpy

import recomputing


def selective_scan(t):
    """Gu and Dao 2023, algorithm 2, then the gate."""
    batches, length, channels = t["u"].shape
    y = numpy.zeros_like(t["u"])
    for batch in range(batches):
        state = numpy.zeros((channels, t["A"].shape[1]))
        for step in range(length):
            u, delta, z = (t[name][batch, step] for name in ("u", "delta", "z"))
            state = numpy.exp(delta[:, None] * t["A"]) * state + (delta * u)[:, None] * t["Bm"][batch, step]
            y[batch, step] = (state @ t["Cm"][batch, step] + t["Dv"] * u) * z / (1 + numpy.exp(-z))
    return y


def ssd(t):
    """Dao and Gu 2024, section 3.2, the linear form: one decay a head."""
    batches, length, heads, size = t["x"].shape
    share = heads // t["Bm"].shape[2]
    y = numpy.zeros_like(t["x"])
    for batch in range(batches):
        for head in range(heads):
            state = numpy.zeros((size, t["Bm"].shape[3]))
            for step in range(length):
                x, dt = t["x"][batch, step, head], t["dt"][batch, step, head]
                b, c = t["Bm"][batch, step, head // share], t["Cm"][batch, step, head // share]
                state = numpy.exp(dt * t["A"][head]) * state + dt * numpy.outer(x, b)
                y[batch, step, head] = state @ c + t["Dv"][head] * x
    return y


NAMES = {
    "selective-scan": (selective_scan, ["u", "delta", "z", "A", "Bm", "Cm", "Dv"]),
    "ssd": (ssd, ["x", "dt", "A", "Bm", "Cm", "Dv"]),
}


def error(folder, family):
    compute, names = NAMES[family]
    expected = compute({name: numpy.load(f"{folder}/{name}.npy").astype(numpy.float64) for name in names})
    y = numpy.load(f"{folder}/y.npy").astype(numpy.float64)
    return recomputing.normalised_error(y, expected)


if __name__ == "__main__":
    recomputing.main(error)

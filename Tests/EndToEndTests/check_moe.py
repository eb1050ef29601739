"""Recomputes a mixture of experts with NumPy and compares with the dumped output.

usage: check_moe.py -- FOLDER...

Every expert sees every token, and a matrix of routing weights, mostly zeros, says what counts: no sorting, no
gathering. The routing comes from expert_slots.npy and expert_offsets.npy. Prints the normalised mean squared errors.
"""

import numpy

import recomputing


def error(folder):
    def load(name):
        return numpy.load(f"{folder}/{name}.npy").astype(numpy.float64)

    x, w_gate, w_up, w_down, weight, y = (load(name) for name in ("x", "w_gate", "w_up", "w_down", "weight", "y"))
    slots, offsets = (numpy.load(f"{folder}/{name}.npy") for name in ("expert_slots", "expert_offsets"))
    assert sorted(slots) == list(range(weight.size)), "some slot is missing or stands twice"
    tokens, chosen = weight.shape
    routing = numpy.zeros((tokens, len(offsets) - 1))
    for expert in range(len(offsets) - 1):
        for slot in slots[offsets[expert] : offsets[expert + 1]]:
            routing[slot // chosen, expert] += weight[slot // chosen, slot % chosen]
    gate = numpy.einsum("tk,ekn->etn", x, w_gate)
    up = numpy.einsum("tk,ekn->etn", x, w_up)
    hidden = gate / (1 + numpy.exp(-gate)) * up
    expected = numpy.einsum("te,etn,enk->tk", routing, hidden, w_down, optimize=True)
    return recomputing.normalised_error(y, expected)


if __name__ == "__main__":
    recomputing.main(error)

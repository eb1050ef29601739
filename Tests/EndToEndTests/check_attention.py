"""Recomputes attention from dumped inputs and compares with the dumped output.

usage: check_attention.py CAUSAL WINDOW -- FOLDER...

A FOLDER holds q.npy, k.npy, v.npy and o.npy. The formulation shares nothing with the program: one query at a time, only
over the keys that it sees, in float64, with the weights as differences from the logarithm of their sum. Prints the
normalised mean squared errors.
"""

import numpy

import recomputing


def attend(query, keys, values):
    logits = keys @ query / numpy.sqrt(query.size)
    weights = numpy.exp(logits - numpy.logaddexp.reduce(logits))
    return weights @ values


def error(folder, causal, window):
    causal, window = int(causal), int(window)
    q, k, v, o = (numpy.load(f"{folder}/{name}.npy").astype(numpy.float64) for name in "qkvo")
    batches, query_heads, query_length, _ = q.shape
    group = query_heads // k.shape[1]
    key_length = k.shape[2]
    expected = numpy.zeros_like(o)
    for batch in range(batches):
        for head in range(query_heads):
            for row in range(query_length):
                position = row + key_length - query_length
                last = min(position, key_length - 1) if causal else key_length - 1
                first = max(position - window + 1, 0) if window else 0
                if first > last:
                    continue
                seen = slice(first, last + 1)
                expected[batch, head, row] = attend(
                    q[batch, head, row], k[batch, head // group, seen], v[batch, head // group, seen]
                )
    return recomputing.normalised_error(o, expected)


if __name__ == "__main__":
    recomputing.main(error)

"""Recomputes attention under a user's mask of blocks from dumped inputs and compares with the dumped output.

usage: check_sparse_attention.py MASK BLOCK CAUSAL WINDOW -- FOLDER...

A FOLDER holds q.npy, k.npy, v.npy and o.npy; MASK is the Matrix Market file of blocks that the run was given. The
formulation is the textbook's: all scores of all heads as one float64 array, the hidden ones minus infinity, and a
softmax over it. Prints the normalised mean squared errors.
"""

import numpy

import recomputing


def visible_pairs(mask_file, block, causal, window, query_length, key_length):
    with open(mask_file) as lines:
        entries = [line.split() for line in lines if not line.startswith("%")]
    rows, columns, _ = map(int, entries[0])
    blocks = numpy.zeros((rows, columns), bool)
    for row, column in entries[1:]:
        blocks[int(row) - 1, int(column) - 1] = True
    pairs = numpy.kron(blocks, numpy.ones((block, block), bool))[:query_length, :key_length]
    distance = numpy.arange(query_length)[:, None] + key_length - query_length - numpy.arange(key_length)
    if causal:
        pairs &= distance >= 0
    if window:
        pairs &= distance < window
    return pairs


def error(folder, mask_file, block, causal, window):
    block, causal, window = int(block), int(causal), int(window)
    q, k, v, o = (numpy.load(f"{folder}/{name}.npy").astype(numpy.float64) for name in "qkvo")
    group = q.shape[1] // k.shape[1]
    k, v = numpy.repeat(k, group, axis=1), numpy.repeat(v, group, axis=1)
    pairs = visible_pairs(mask_file, block, causal, window, q.shape[2], k.shape[2])
    assert pairs.any() and not pairs.all(), "the mask hides nothing or everything"
    assert not pairs.any(axis=1).all(), "no query is without a key"
    scores = numpy.where(pairs, numpy.einsum("bhid,bhjd->bhij", q, k) / numpy.sqrt(q.shape[3]), -numpy.inf)
    weights = numpy.exp(scores - scores.max(axis=-1, initial=-1e300, keepdims=True))
    sums = weights.sum(axis=-1, keepdims=True)
    expected = numpy.einsum("bhij,bhjd->bhid", weights / numpy.where(sums > 0, sums, 1), v)
    assert (o[:, :, ~pairs.any(axis=1)] == 0).all(), "a query without a key does not give zeros"
    return recomputing.normalised_error(o, expected)


if __name__ == "__main__":
    recomputing.main(error)

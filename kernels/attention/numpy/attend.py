"""Products of heads by NumPy's BLAS; the softmax in between as NumPy writes it."""

import math

import numpy


def mask(queries, keys, causal, window):
    """0 where a key is visible, minus infinity where it is not; None where all are."""
    if not causal and not window:
        return None
    distance = numpy.arange(queries)[:, None] + (keys - queries) - numpy.arange(keys)[None, :]
    hidden = (distance < 0) if causal else numpy.zeros_like(distance, dtype=bool)
    if window:
        hidden |= distance >= window
    return numpy.where(hidden, numpy.float32(-numpy.inf), numpy.float32(0))


def prepare(q, k, v, o, causal, window):
    batch, heads, queries, size = q.shape
    group = heads // k.shape[1]
    hidden = mask(queries, k.shape[2], causal, window)
    scale = numpy.float32(1 / math.sqrt(size))

    def attend():
        for b in range(batch):
            for h in range(heads):
                scores = q[b, h] @ k[b, h // group].T
                scores *= scale
                if hidden is not None:
                    scores += hidden
                scores -= scores.max(axis=-1, keepdims=True)
                numpy.exp(scores, out=scores)
                scores /= scores.sum(axis=-1, keepdims=True)
                numpy.matmul(scores, v[b, h // group], out=o[b, h])
        return o

    return attend

"""Products of heads by NumPy's BLAS; the softmax in between as NumPy writes it."""

import math

import numpy

from ..hidden import hidden


def prepare(q, k, v, o, causal, window):
    batch, heads, queries, size = q.shape
    group = heads // k.shape[1]
    mask = hidden(queries, k.shape[2], causal, window)
    scale = numpy.float32(1 / math.sqrt(size))

    def attend():
        for b in range(batch):
            for h in range(heads):
                scores = q[b, h] @ k[b, h // group].T
                scores *= scale
                if mask is not None:
                    scores += mask
                scores -= scores.max(axis=-1, keepdims=True)
                numpy.exp(scores, out=scores)
                scores /= scores.sum(axis=-1, keepdims=True)
                numpy.matmul(scores, v[b, h // group], out=o[b, h])
        return o

    return attend


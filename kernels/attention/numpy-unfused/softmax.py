import numpy

from ..hidden import hidden


def softmax(scores, scale, causal, window):
    scores *= numpy.float32(scale)
    mask = hidden(scores.shape[2], scores.shape[3], causal, window)
    if mask is not None:
        scores += mask
    scores -= scores.max(axis=-1, keepdims=True)
    numpy.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores

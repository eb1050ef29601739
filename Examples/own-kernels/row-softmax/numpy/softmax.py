import numpy


def prepare(x, y):
    """Called once for each set of inputs, untimed; what it gives is timed, and writes into y without allocating."""

    def softmax():
        numpy.subtract(x, x.max(axis=-1, keepdims=True), out=y)
        numpy.exp(y, out=y)
        return numpy.divide(y, y.sum(axis=-1, keepdims=True), out=y)

    return softmax

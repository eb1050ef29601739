"""What NumPy adds to scores so that a softmax does not see what is masked."""

import numpy


def hidden(queries, keys, causal, window):
    """0 where a key is visible, minus infinity where it is not; None where all are."""
    if not causal and not window:
        return None
    distance = numpy.arange(queries)[:, None] + (keys - queries) - numpy.arange(keys)[None, :]
    masked = (distance < 0) if causal else numpy.zeros_like(distance, dtype=bool)
    if window:
        masked |= distance >= window
    return numpy.where(masked, numpy.float32(-numpy.inf), numpy.float32(0))

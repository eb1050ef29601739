import numpy


def values(scores, v, o):
    group = scores.shape[1] // v.shape[1]
    for batch in range(scores.shape[0]):
        for head in range(scores.shape[1]):
            numpy.matmul(scores[batch, head], v[batch, head // group], out=o[batch, head])
    return o
